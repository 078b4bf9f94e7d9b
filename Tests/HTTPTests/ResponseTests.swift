import Testing

@testable import HTTP

@Suite("Responses", .timeLimit(.minutes(5)))
struct ResponseTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private let hello = Response(
        .ok, fields: [("ETag", "\"1\"")], body: Array("hello".utf8), contentType: "text/plain")

    @Test func `a response has its length and its body`() {
        #expect(
            text(hello.encoded(for: .get, minorVersion: 1, close: false, date: "D"))
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: \"1\"\r\nDate: D\r\n"
                + "Content-Length: 5\r\n\r\nhello")
    }

    @Test func `HEAD has the length of GET and no body`() {
        let head = text(hello.encoded(for: .head, close: false))
        #expect(head + "hello" == text(hello.encoded(for: .get, close: false)))
    }

    @Test(arguments: [Status.noContent, .notModified, Status(103, "Early Hints")])
    func `a status without content has neither length nor body`(_ status: Status) {
        var response = hello
        response.status = status
        let encoded = text(response.encoded(for: .get, close: false))
        #expect(!encoded.contains("Content-Length"))
        #expect(encoded.hasSuffix("\r\n\r\n"))
    }

    @Test(
        arguments: [
            (1, false, nil), (1, true, "close"), (0, false, "keep-alive"), (0, true, "close"),
        ] as [(Int, Bool, String?)])
    func `Connection says what the version does not imply`(
        _ minorVersion: Int, _ close: Bool, _ option: String?
    ) {
        let encoded = text(hello.encoded(for: .get, minorVersion: minorVersion, close: close))
        #expect(encoded.contains("Connection: ") == (option != nil))
        #expect(option.map { encoded.contains("\r\nConnection: \($0)\r\n") } ?? true)
    }

    @Test(arguments: [0, 1, 9, 10, 4_096])
    func `fields encoded apart and a body make the whole response`(_ size: Int) {
        var response = hello
        response.body = [UInt8](repeating: 97, count: size)
        let constant = Array("X-A: b\r\n".utf8)
        var bytes = response.encodedFields(close: false, date: "D", constant: constant)
        Response.append(response.body, ofLength: size, to: &bytes)
        let whole = response.encoded(for: .post, close: false, date: "D", constant: constant)
        #expect(bytes == whole)
        #expect(text(whole).contains("Date: D\r\nX-A: b\r\nContent-Length: \(size)\r\n\r\n"))
    }

    @Test func `a value cannot end its line`() {
        let response = Response(
            .ok, fields: [("X-A", "a\r\nSet-Cookie: b\0c"), ("X\nB", "\u{7F}ü\t")])
        let encoded = text(response.encoded(for: .get, close: false))
        #expect(encoded.contains("X-A: a  Set-Cookie: b c\r\nX B:  ü\t\r\n"))
    }

    @Test func `a stream is chunked in HTTP 1.1 and ends the connection in HTTP 1.0`() {
        let stream = Response(.ok, contentType: "text/event-stream")
        #expect(
            text(stream.encodedStreamHead(minorVersion: 1, close: false))
                == "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n")
        #expect(
            text(stream.encodedStreamHead(minorVersion: 0, close: true))
                == "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                + "Connection: close\r\n\r\n")
    }

    @Test func `a stream in HTTP 1.0 that would not close is a programmer's error`() async {
        await #expect(processExitsWith: .failure) {
            _ = Response(.ok).encodedStreamHead(minorVersion: 0, close: false)
        }
    }

    @Test func `a problem is JSON with what the client needs to know`() {
        let problem = Problem(
            .unprocessableContent, "Say \"a\".", pointer: "/a/0", line: 3, published: 2,
            retryAfter: 5, fields: [("Allow", "GET")])
        let response = problem.response()
        #expect(
            text(response.body)
                == #"{"type":"about:blank","title":"Unprocessable Content","status":422,"#
                + #""detail":"Say \"a\".","pointer":"/a/0","line":3,"published":2,"retry_after":5}"#
        )
        #expect(response.status == .unprocessableContent)
        #expect(response.fields.map(\.0) == ["Content-Type", "Allow", "Retry-After"])
        #expect(response.fields.map(\.1) == ["application/problem+json", "GET", "5"])
    }

    @Test func `a problem says no more than it knows`() {
        let error = RequestError(.badRequest, "No.")
        #expect(
            text(Problem(error).response().body)
                == #"{"type":"about:blank","title":"Bad Request","status":400,"detail":"No."}"#)
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_704_067_199, "Sun, 31 Dec 2023 23:59:59 GMT"),
        (1_735_603_200, "Tue, 31 Dec 2024 00:00:00 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func `a date is an IMF-fixdate`(_ seconds: Int, _ date: String) {
        #expect(HTTPDate.format(secondsSinceEpoch: seconds) == date)
    }
}
