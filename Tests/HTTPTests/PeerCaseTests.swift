import Testing

@testable import HTTP

/// The situations that llhttp's public request fixtures cover (nodejs/llhttp, test/request), in our
/// own words, with what RFC 9112 says of each.
///
/// llhttp reads parts of messages that a server has to refuse; where the answer differs from its
/// own, the RFC decides: Host is required (3.2), a fragment is no part of a target (3.2.1), folding
/// may be refused (5.2), other transfer codings than chunked are 501 (6.1).
@Suite("Cases of a peer's test suite", .timeLimit(.minutes(5)))
struct PeerCaseTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let input: String
        /// The paths of the requests that are read, in order.
        var paths: [String] = []
        /// The content of all requests together.
        var content = ""
        /// The status of the refusal that ends it; nil when there is none.
        var status: Int?

        var testDescription: String { name }
    }

    @Test(arguments: samples + connections + lengths + codings + lines)
    func `a case is read or refused as RFC 9112 says`(_ item: Case) {
        let input = Array(item.input.utf8)
        let transcript = Transcript([input])
        #expect(transcript.error?.status.code == item.status)
        #expect(transcript.exchanges.map(\.path) == item.paths)
        #expect(transcript.exchanges.map(\.text).joined() == item.content)
        for split in Transcript.ofEachSplit(input) { #expect(split == transcript) }
    }

    /// A request without content, with lines given apart.
    private static func get(_ lines: String...) -> String {
        (["GET /a HTTP/1.1", "Host: a"] + lines).map { $0 + "\r\n" }.joined() + "\r\n"
    }

    private static func put(_ lines: String..., content: String) -> String {
        (["PUT /a HTTP/1.1", "Host: a"] + lines).map { $0 + "\r\n" }.joined() + "\r\n" + content
    }

    private static func chunked(_ content: String) -> String {
        put("Transfer-Encoding: chunked", content: content)
    }

    static let samples = [
        Case(name: "a tab before a value", input: get("A: 1", "B:\t 2"), paths: ["/a"]),
        Case(
            name: "HEAD, which begins like HTTP", input: "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n",
            paths: ["/a"]),
        Case(
            name: "a client's version string", input: get("User-Agent: curl/7 (x) y/1", "A: */*"),
            paths: ["/a"]),
        Case(
            name: "a browser's fields",
            input: get("Accept: text/html;q=0.9,*/*;q=0.8", "Keep-Alive: 300"), paths: ["/a"]),
        Case(name: "a value of plus signs", input: get("aaaa:++++"), paths: ["/a"]),
        Case(name: "no fields in HTTP/1.1", input: "GET /a HTTP/1.1\r\n\r\n", status: 400),
        Case(name: "no fields in HTTP/1.0", input: "GET /a HTTP/1.0\r\n\r\n", paths: ["/a"]),
        Case(name: "a line before the request", input: "\r\n" + get(), paths: ["/a"]),
        Case(name: "a bare LF before the request", input: "\n" + get(), status: 400),
        Case(name: "a request line of HTTP/0.9", input: "GET /a\r\n\r\n", status: 400),
        Case(
            name: "folded values", input: get("A: 1", "\t2", "  3", "Connection:", " close"),
            status: 400),
        Case(name: "folded values with bare LF", input: get("A: 1\n\t2"), status: 400),
        Case(name: "a value in UTF-8", input: get("A: Düsseldorf"), paths: ["/a"]),
        Case(name: "a folded certificate", input: get("A: -----", "\tMII", "\tB"), status: 400),
        Case(name: "a form feed in a value", input: get("A: \u{0C}"), status: 400),
    ]

    static let connections = [
        Case(
            name: "keep-alive twice",
            input: get("Connection: keep-alive") + get("Connection: keep-alive"),
            paths: ["/a", "/a"]),
        Case(
            name: "a request behind HTTP/1.0", input: "GET /b HTTP/1.0\r\n\r\n" + get(),
            paths: ["/b"]),
        Case(
            name: "a line between requests",
            input: put("Content-Length: 4", content: "q=42") + "\r\n" + get(),
            paths: ["/a", "/a"], content: "q=42"),
        Case(
            name: "a request behind close",
            input: put("Content-Length: 4", "Connection: close", content: "q=42") + get(),
            paths: ["/a"], content: "q=42"),
        Case(
            name: "many options", input: get("Connection: a, b , ,upgrade") + get(),
            paths: ["/a", "/a"]),
        Case(
            name: "an upgrade that is not taken", input: get("Connection: upgrade", "Upgrade: x"),
            paths: ["/a"]),
        Case(
            name: "content beside an upgrade",
            input: put("Connection: upgrade", "Upgrade: x", "Content-Length: 4", content: "abcd"),
            paths: ["/a"], content: "abcd"),
        Case(
            name: "three in one piece",
            input: put("Content-Length: 3", content: "AAA") + "\r\n"
                + put("Content-Length: 4", content: "BBBB") + get(),
            paths: ["/a", "/a", "/a"], content: "AAABBBB"),
        Case(name: "CONNECT", input: "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", status: 501),
        Case(
            name: "a method that the server does not know",
            input: "REPORT /a HTTP/1.1\r\nHost: a\r\n\r\n", paths: ["/a"]),
        Case(
            name: "the asterisk for another method",
            input: "M-SEARCH * HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
    ]

    static let lengths = [
        Case(
            name: "zeros before a length", input: put("Content-Length: 003", content: "abc"),
            paths: ["/a"], content: "abc"),
        Case(
            name: "a field behind the length",
            input: put("Content-Length: 3", "A: b", content: "abc"), paths: ["/a"], content: "abc"),
        Case(
            name: "a length beyond 64 bits",
            input: put("Content-Length: 1000000000000000000000", content: ""), status: 413),
        Case(
            name: "two lengths", input: put("Content-Length: 1", "Content-Length: 2", content: ""),
            status: 400),
        Case(
            name: "a length and a coding",
            input: put("Content-Length: 1", "Transfer-Encoding: identity", content: ""),
            status: 400),
        Case(
            name: "a length of GET in HTTP/1.0",
            input: "GET /a HTTP/1.0\r\nconTENT-Length: 5\r\n\r\nHELLO", paths: ["/a"],
            content: "HELLO"),
        Case(
            name: "spaces around a length", input: put("Content-Length:  2 ", content: "ab"),
            paths: ["/a"], content: "ab"),
        Case(
            name: "a space within a length", input: put("Content-Length: 4 2", content: ""),
            status: 400),
        Case(name: "an empty length", input: put("Content-Length:", content: ""), status: 400),
        Case(name: "a CR in a name", input: put("Content\rLength: 3", content: ""), status: 400),
    ]

    static let codings = [
        Case(
            name: "a size in either case",
            input: chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"), paths: ["/a"],
            content: "01234567890123456789"),
        Case(
            name: "a last chunk of three zeros",
            input: chunked("5\r\nhello\r\n6\r\n world\r\n000\r\n\r\n") + get(),
            paths: ["/a", "/a"], content: "hello world"),
        Case(
            name: "trailers", input: chunked("1\r\na\r\n0\r\nVary: *\r\nA: b\r\n\r\n") + get(),
            paths: ["/a", "/a"], content: "a"),
        Case(
            name: "extensions", input: chunked("1;a;b=c;d=e\r\nx\r\n0;f\r\n\r\n"), paths: ["/a"],
            content: "x"),
        Case(
            name: "quoted extensions",
            input: chunked("1;a=\"b \\\"c\\\"; \\\\d\\\\\";e=\"f\"\r\nx\r\n0\r\n\r\n"),
            paths: ["/a"], content: "x"),
        Case(name: "no semicolon", input: chunked("2 ext\r\n"), paths: ["/a"], status: 400),
        Case(
            name: "nothing behind a semicolon", input: chunked("2;\r\n"), paths: ["/a"], status: 400
        ),
        Case(name: "an open quote", input: chunked("1;a=\"b; c\r\n"), paths: ["/a"], status: 400),
        Case(
            name: "a space behind a size", input: chunked("a \r\n"), paths: ["/a"], status: 400),
        Case(
            name: "a bare LF behind a size", input: chunked("3 \n  \r\nfoo"), paths: ["/a"],
            status: 400),
        Case(
            name: "two CR behind a size", input: chunked("5\r\r;ABCD\r\n"), paths: ["/a"],
            status: 400),
        Case(
            name: "no line end behind data", input: chunked("5\r\nABCDE0\r\n\r\n"), paths: ["/a"],
            content: "ABCDE", status: 400),
        Case(
            name: "no last chunk", input: chunked("3\r\nfoo\r\n\r\n"), paths: ["/a"],
            content: "foo", status: 400),
        Case(
            name: "an unknown coding", input: put("Transfer-Encoding: pigeons", content: ""),
            status: 501),
        Case(
            name: "a coding behind chunked",
            input: put("Transfer-Encoding: chunked, deflate", content: ""), status: 400),
        Case(
            name: "a coding in a line behind chunked",
            input: put("Transfer-Encoding: chunked", "Transfer-Encoding: deflate", content: ""),
            status: 400),
        Case(
            name: "a coding before chunked",
            input: put("Transfer-Encoding: deflate, chunked", content: ""), status: 501),
        Case(
            name: "chunked run together",
            input: put("Transfer-Encoding: chunkedchunked", content: ""), status: 501),
        Case(
            name: "an empty coding beside a length",
            input: put("Content-Length: 5", "Transfer-Encoding:", content: ""), status: 400),
        Case(
            name: "a folded coding", input: put("Transfer-Encoding: chunked", "  abc", content: ""),
            status: 400),
    ]

    static let lines = [
        Case(name: "ICE for HTTP", input: "GET /a ICE/1.0\r\n\r\n", status: 400),
        Case(name: "RTSP for HTTP", input: "PUT /a RTSP/1.0\r\n\r\n", status: 400),
        Case(name: "a letter before HTTP", input: "GET /a IHTTP/1.0\r\n\r\n", status: 400),
        Case(name: "HTTP/5.6", input: "GET /a HTTP/5.6\r\n\r\n", status: 505),
        Case(name: "a CR between fields", input: get("A: 1\rB: 2"), status: 400),
        Case(name: "an LF between fields", input: get("A: 1\nB: 2"), status: 400),
        Case(name: "an LF behind a colon", input: get("A:\nB: 2"), status: 400),
        Case(name: "a CR behind a colon", input: get("A:\rB: 2"), status: 400),
        Case(name: "a CR for the empty line", input: get("\rZGET /b HTTP/1.1"), status: 400),
        Case(name: "no token for a name", input: get("A@: b"), status: 400),
        Case(name: "a control byte in a name", input: get("A\u{01}b: c"), status: 400),
        Case(name: "no name", input: get(": b"), status: 400),
        Case(name: "a folded name", input: get("A", " : b"), status: 400),
        Case(name: "a broken name", input: get("Conn\r\u{1B}5ive"), status: 400),
        Case(
            name: "a space before the first field",
            input: "GET /a HTTP/1.1\r\n Host: a\r\n\r\n", status: 400),
        Case(name: "LF for every CRLF", input: "GET /a HTTP/1.1\nHost: a\n\n", status: 400),
        Case(
            name: "a folded length", input: get("A: b", " Content-Length: 38") + get(), status: 400),
        Case(
            name: "quotes in a target", input: "GET /\"a\"?b=\"c\" HTTP/1.1\r\nHost: a\r\n\r\n",
            paths: ["/\"a\""]),
        Case(
            name: "a bar in a query", input: "GET /a?b=| HTTP/1.1\r\nHost: a\r\n\r\n",
            paths: ["/a"]),
        Case(
            name: "a query behind a host",
            input: "GET http://a.org:80?b=c HTTP/1.1\r\nHost: a\r\n\r\n", paths: ["/"]),
        Case(
            name: "a user in a target",
            input: "GET http://a%12:b!&*$@c:80/d HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Case(
            name: "UTF-8 in a target", input: "GET /δ HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Case(
            name: "a fragment in a target", input: "GET /a?b#c HTTP/1.1\r\nHost: a\r\n\r\n",
            status: 400),
        Case(
            name: "a space in a target", input: "GET /a b/ HTTP/1.1\r\nHost: a\r\n\r\n",
            status: 400),
    ]
}
