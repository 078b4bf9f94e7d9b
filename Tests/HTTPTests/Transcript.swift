@testable import HTTP

/// One request as a decoder told it, with its content put together.
struct Exchange: Equatable, CustomStringConvertible {
    var method: HTTP.Method
    var path: String
    var query: String?
    var minorVersion: Int
    var keepAlive: Bool
    var framing: BodyFraming
    var expectsContinue: Bool
    var fields: [String]
    var body: [UInt8] = []
    var isComplete = false

    init(_ head: RequestHead) {
        method = head.method
        path = head.path
        query = head.query
        minorVersion = head.minorVersion
        keepAlive = head.keepAlive
        framing = head.body
        expectsContinue = head.expectsContinue
        fields = head.allFields.map { "\($0.name): \($0.value)" }
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    var description: String {
        "\(method.name) \(path) \(framing) '\(text)' \(isComplete ? "complete" : "incomplete")"
    }
}

/// Everything a decoder says about some bytes: it must not depend on how they were cut.
struct Transcript: Equatable {
    var exchanges: [Exchange] = []
    var error: RequestError?
    var isIdle = false
    var buffered = 0

    /// Feeds the pieces one after the other and asks after each until more is needed.
    init(_ pieces: [[UInt8]], limits: RequestLimits = .init()) {
        var decoder = RequestDecoder(limits: limits)
        do {
            for piece in pieces {
                decoder.append(piece)
                try drain(&decoder)
            }
        } catch {
            self.error = error
        }
        isIdle = decoder.isIdle
        buffered = decoder.buffer.count
    }

    init(_ text: String, limits: RequestLimits = .init()) {
        self.init([Array(text.utf8)], limits: limits)
    }

    private mutating func drain(_ decoder: inout RequestDecoder) throws(RequestError) {
        while true {
            switch try decoder.next() {
            case .needMore: return
            case .head(let head): exchanges.append(Exchange(head))
            case .body(let part): exchanges[exchanges.count - 1].body += part
            case .end: exchanges[exchanges.count - 1].isComplete = true
            }
        }
    }

    /// The transcripts of the input cut in two at each byte, and of single bytes.
    static func ofEachSplit(
        _ input: [UInt8], limits: RequestLimits = .init()
    ) -> [Transcript] {
        let halves = (0...input.count).map { cut in
            Transcript([Array(input[..<cut]), Array(input[cut...])], limits: limits)
        }
        return halves + [Transcript(input.map { [$0] }, limits: limits)]
    }
}

extension RequestDecoder {
    /// The next head, or nil when the first event is something else.
    mutating func nextHead() throws(RequestError) -> RequestHead? {
        guard case .head(let head) = try next() else { return nil }
        return head
    }
}
