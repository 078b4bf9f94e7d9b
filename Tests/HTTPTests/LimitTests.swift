import Testing

@testable import HTTP

@Suite("Limits", .timeLimit(.minutes(5)))
struct LimitTests {
    private static func request(lineLength: Int) -> String {
        let rest = "GET / HTTP/1.1".utf8.count
        return "GET /" + String(repeating: "a", count: lineLength - rest)
            + " HTTP/1.1\r\nHost: a\r\n\r\n"
    }

    /// A request whose head is this long, in fields of at most 8000 bytes.
    private static func request(headLength: Int) -> String {
        var text = "GET / HTTP/1.1\r\nHost: a\r\n"
        while headLength - 2 - text.utf8.count > 0 {
            let length = min(headLength - 2 - text.utf8.count, 8000)
            // Leaves room for a last field of at least "X:\r\n".
            let fits = headLength - 2 - text.utf8.count - length
            let taken = fits > 0 && fits < 4 ? length - 4 : length
            text += "X:" + String(repeating: "v", count: taken - 4) + "\r\n"
        }
        return text + "\r\n"
    }

    private static func request(fields: Int) -> String {
        "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: fields - 1) + "\r\n"
    }

    private func chunked(_ content: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + content
    }

    /// Decodes whole and in pieces, which must agree, and gives the status or nil.
    private func status(_ text: String, limits: RequestLimits = .init()) -> Int? {
        let input = Array(text.utf8)
        let whole = Transcript([input], limits: limits)
        for size in [1, 2, 1000] {
            let pieces = stride(from: 0, to: input.count, by: size).map {
                Array(input[$0..<min($0 + size, input.count)])
            }
            #expect(Transcript(pieces, limits: limits) == whole)
        }
        #expect(whole.error != nil || whole.exchanges.last?.isComplete == true)
        return whole.error?.status.code
    }

    @Test func `a request line may be 8192 bytes long`() {
        #expect(status(Self.request(lineLength: 8192)) == nil)
        #expect(status(Self.request(lineLength: 8193)) == 414)
        #expect(status("GET /" + String(repeating: "a", count: 9000)) == 414)
    }

    @Test func `a method that never ends is no target`() {
        #expect(status(String(repeating: "A", count: 9000) + " / HTTP/1.1\r\n") == 400)
    }

    @Test func `a head may be 32768 bytes large`() {
        #expect(Self.request(headLength: 32768).utf8.count == 32768)
        #expect(status(Self.request(headLength: 32768)) == nil)
        #expect(status(Self.request(headLength: 32769)) == 431)
        #expect(status(Self.request(headLength: 32770)) == 431)
        #expect(status("GET / HTTP/1.1\r\nX: " + String(repeating: "v", count: 33000)) == 431)
    }

    @Test func `a request line that takes the whole head leaves no room for fields`() {
        var limits = RequestLimits()
        limits.head = 20
        #expect(status("GET /aaaaaaaaaa HTTP/1.1\r\n\r\n", limits: limits) == 431)
    }

    @Test func `a head may have 100 fields`() {
        #expect(status(Self.request(fields: 100)) == nil)
        #expect(status(Self.request(fields: 101)) == 431)
    }

    @Test func `8 empty lines may come before a request`() {
        let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let lines = String(repeating: "\r\n", count: 8)
        #expect(status(lines + request + lines + request) == nil)
        #expect(status(lines + request + lines + "\r\n" + request) == 400)
    }

    @Test func `a body with a length is measured before it comes`() throws {
        for (length, expected) in [(1_048_576, nil), (1_048_577, 413)] as [(Int, Int?)] {
            let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
            #expect(Transcript(head).error?.status.code == expected)
        }
    }

    @Test func `the caller sets another body limit for one request`() throws {
        let request = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello".utf8)
        var decoder = RequestDecoder()
        decoder.append(request + request)
        _ = try decoder.next()
        decoder.bodyLimit = 5
        guard case .body = try decoder.next(), case .end = try decoder.next() else {
            Issue.record("no body")
            return
        }
        #expect(decoder.bodyLimit == 1_048_576)
        _ = try decoder.next()
        decoder.bodyLimit = 4
        let error = #expect(throws: RequestError.self) { try decoder.next() }
        #expect(error?.status == .contentTooLarge)
    }

    @Test func `without a limit a body may be as long as it likes`() throws {
        var decoder = RequestDecoder()
        decoder.append(
            Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(Int.max)\r\n\r\n".utf8))
        let head = try #require(try decoder.nextHead())
        #expect(head.body == .length(.max))
        decoder.bodyLimit = nil
        decoder.append(Array("abc".utf8))
        guard case .body(let part) = try decoder.next() else {
            Issue.record("no body")
            return
        }
        #expect(part == Array("abc".utf8))
    }

    @Test func `chunks are added up against the limit before their data`() {
        var limits = RequestLimits()
        limits.body = 8
        #expect(status(chunked("5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n"), limits: limits) == nil)
        #expect(status(chunked("5\r\nhello\r\n4\r\n"), limits: limits) == 413)
        #expect(status(chunked("9\r\n"), limits: limits) == 413)
        #expect(status(chunked("7fffffffffffffff\r\n"), limits: limits) == 413)
        let whole = Transcript(chunked("5\r\nhello\r\n4\r\nabcd\r\n"), limits: limits)
        #expect(whole.exchanges.first?.text == "hello")
    }

    @Test func `a chunk line may be 1024 bytes long`() {
        let names = String(repeating: "a", count: 1022)
        #expect(status(chunked("0;\(names)\r\n\r\n")) == nil)
        #expect(status(chunked("0;\(names)a\r\n\r\n")) == 400)
        #expect(status(chunked(String(repeating: "0", count: 1024) + "\r\n\r\n")) == nil)
        #expect(status(chunked(String(repeating: "0", count: 1025) + "\r\n")) == 400)
    }

    @Test func `chunk extensions may not outgrow the content for long`() {
        let chunk = "1;" + String(repeating: "a", count: 1000) + "\r\nx\r\n"
        #expect(status(chunked(String(repeating: chunk, count: 16) + "0\r\n\r\n")) == nil)
        #expect(status(chunked(String(repeating: chunk, count: 17))) == 400)
        let larger =
            "800;" + String(repeating: "a", count: 1000) + "\r\n"
            + String(repeating: "x", count: 2048) + "\r\n"
        #expect(status(chunked(String(repeating: larger, count: 40) + "0\r\n\r\n")) == nil)
    }

    @Test func `trailers have the limits of a head`() {
        func trailers(_ count: Int) -> String { String(repeating: "X: y\r\n", count: count) }
        #expect(status(chunked("0\r\n\(trailers(100))\r\n")) == nil)
        #expect(status(chunked("0\r\n\(trailers(101))\r\n")) == 431)
        var limits = RequestLimits()
        limits.head = 80
        #expect(status(chunked("0\r\n\(trailers(13))\r\n"), limits: limits) == nil)
        #expect(status(chunked("0\r\n\(trailers(14))\r\n"), limits: limits) == 431)
        #expect(
            status(chunked("0\r\nX: " + String(repeating: "y", count: 80)), limits: limits) == 431)
    }
}
