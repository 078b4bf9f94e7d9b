import TestSupport

@testable import HTTP

/// Decides what is done with a request and what it is answered, by the request's bytes alone.
///
/// So the answers of two runs must be the same, however differently they went.
struct SimulatedServer {
    enum Way: CaseIterable {
        case refused
        case collected
        case bounded
        case pieces
        case polled
    }

    /// Another number treats the same requests in other ways.
    var variant: UInt64 = 0
    /// The way of all requests; `nil` for each its own.
    var way: Way?

    static let fieldLines = FieldLines(common: Array("X-Common: 1\r\n".utf8), idleTimeout: 75_000)
    static let date = "Thu, 01 Jan 1970 00:00:00 GMT"

    func way(of head: RequestHead) -> Way {
        let text = "\(head.method.name) \(head.path)?\(head.query ?? "")"
        return way ?? Way.allCases[Int(hash(Array(text.utf8)) % UInt64(Way.allCases.count))]
    }

    func policy(of way: Way) -> HTTP1.BodyPolicy? {
        switch way {
        case .refused: nil
        case .collected, .polled: .collect(maximum: 1 << 20)
        case .bounded: .collect(maximum: 4)
        case .pieces: .pieces
        }
    }

    func refusal(of head: RequestHead) -> Problem { Problem(.notFound, "No \(head.path).") }

    /// What a request with this body is answered.
    func response(to head: RequestHead, _ body: [UInt8], error: RequestError?) -> Response {
        if let error { return Problem(error).response() }
        let number = hash(body + Array(head.path.utf8))
        let text = "\(head.method.name) \(head.path) \(body.count) \(number)"
        let padding = String(repeating: ".", count: Int(number % 700))
        return Response(.ok, body: Array((text + padding).utf8), contentType: "text/plain")
    }

    private func hash(_ bytes: [UInt8]) -> UInt64 {
        var hash = variant ^ 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var numbers = SeededNumbers(seed: hash)
        return numbers.next()
    }
}
