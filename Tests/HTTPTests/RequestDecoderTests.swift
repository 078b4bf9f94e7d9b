import Testing

@testable import HTTP

@Suite("Decoding requests", .timeLimit(.minutes(5)))
struct RequestDecoderTests {
    @Test(arguments: Fixture.corpus)
    func `a request is read alike however it is cut`(_ fixture: Fixture) {
        let whole = Transcript([fixture.bytes])
        #expect(!whole.exchanges.isEmpty)
        #expect((whole.error != nil) == fixture.name.contains("malformed"))
        for split in Transcript.ofEachSplit(fixture.bytes) {
            #expect(split == whole)
        }
    }

    @Test(arguments: Fixture.corpus)
    func `a request that follows is read as well`(_ fixture: Fixture) {
        let whole = Transcript([fixture.bytes])
        guard whole.error == nil, let last = whole.exchanges.last, last.isComplete, last.keepAlive
        else { return }
        let next = Transcript("\r\nPUT /next HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
        let both = Transcript([
            fixture.bytes
                + Array("\r\nPUT /next HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi".utf8)
        ])
        #expect(both.exchanges == whole.exchanges + next.exchanges)
        #expect(both.isIdle)
    }

    @Test func `a head tells method, target, version and fields`() throws {
        var decoder = RequestDecoder()
        decoder.append(
            Array(
                "POST /broadcast?a=b?c HTTP/1.1\r\nHOST: h:80\r\nX-A:  one \t\r\nx-a: two\r\nX-B:\r\n\r\n"
                    .utf8))
        let head = try #require(try decoder.nextHead())
        #expect(head.method == .post)
        #expect(head.path == "/broadcast")
        #expect(head.query == "a=b?c")
        #expect(head.minorVersion == 1)
        #expect(head.keepAlive)
        #expect(head.body == .none)
        #expect(!head.expectsContinue)
        #expect(head.field("host") == "h:80")
        #expect(head.field("x-a") == "one, two")
        #expect(head.fields("x-a") == ["one", "two"])
        #expect(head.field("x-b") == "")
        #expect(head.field("x-c") == nil)
        #expect(head.fields("x-c").isEmpty)
        #expect(head.hasField("x-b") && !head.hasField("x-c"))
        #expect(head.isField("host", "h:80") && head.isField("x-b", ""))
        #expect(!head.isField("host", "h:8") && !head.isField("host", "H:80"))
        #expect(!head.isField("x-a", "one") && !head.isField("x-c", ""))
    }

    @Test(arguments: [
        ("GET", HTTP.Method.get), ("HEAD", .head), ("POST", .post), ("PATCH", .patch),
        ("PUT", .put), ("DELETE", .delete), ("OPTIONS", .options), ("get", .other("get")),
        ("PURGE", .other("PURGE")), ("M-SEARCH", .other("M-SEARCH")), ("!#$", .other("!#$")),
    ])
    func `a method is any token, and case matters`(_ name: String, _ method: HTTP.Method) {
        let transcript = Transcript("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(transcript.exchanges.first?.method == method)
        #expect(method.name == name)
    }

    @Test(
        arguments: [
            ("GET /", "/", nil), ("GET /a/b%20c", "/a/b%20c", nil), ("GET /?", "/", ""),
            ("GET /a?b=c&d", "/a", "b=c&d"), ("GET //a", "//a", nil), ("GET /a?b?c", "/a", "b?c"),
            ("GET /a?{\"b\"}|[c]^`\\", "/a", "{\"b\"}|[c]^`\\"), ("OPTIONS *", "*", nil),
            ("GET http://h", "/", nil), ("GET http://h?a=/b", "/", "a=/b"),
            ("GET HTTP://h:80/a?b", "/a", "b"), ("GET https://[::1]:8443/a", "/a", nil),
            ("OPTIONS http://h", "*", nil), ("OPTIONS http://h/", "/", nil),
            ("OPTIONS http://h?", "/", ""),
        ] as [(String, String, String?)])
    func `a target is reduced to path and query`(_ line: String, _ path: String, _ query: String?) {
        let transcript = Transcript("\(line) HTTP/1.1\r\nHost: other\r\n\r\n")
        #expect(transcript.error == nil)
        #expect(transcript.exchanges.first?.path == path)
        #expect(transcript.exchanges.first?.query == query)
    }

    @Test(arguments: [
        ("1.1", "", true), ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: CLOSE\r\n", false), ("1.1", "Connection: x, close ,y\r\n", false),
        ("1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("1.1", "Connection: keep-alive, close\r\n", false),
        ("1.1", "Connection: closed\r\n", true), ("1.1", "Connection: ,\r\n", true),
        ("1.0", "", false), ("1.0", "Connection: keep-alive\r\n", true),
        ("1.0", "Connection: Keep-Alive, x\r\n", true),
        ("1.0", "Connection: keep-alive, close\r\n", false),
    ])
    func `a connection is kept as version and Connection say`(
        _ version: String, _ fields: String, _ keepAlive: Bool
    ) {
        let request = "GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"
        let transcript = Transcript(request + request)
        #expect(transcript.exchanges.first?.keepAlive == keepAlive)
        #expect(transcript.exchanges.count == (keepAlive ? 2 : 1))
        #expect(transcript.isIdle)
        #expect(transcript.buffered == 0)
    }

    @Test(arguments: [
        ("1.1", "100-continue", "5", true), ("1.1", "100-Continue", "5", true),
        ("1.1", "100-continue, 100-continue", "5", true), ("1.1", "", "5", false),
        ("1.1", "100-continue", "0", false), ("1.0", "100-continue", "5", false),
        ("1.0", "other", "5", false),
    ])
    func `100-continue is expected only where a body follows in HTTP 1.1`(
        _ version: String, _ value: String, _ length: String, _ expected: Bool
    ) {
        let transcript = Transcript(
            "POST / HTTP/\(version)\r\nHost: a\r\nExpect: \(value)\r\nContent-Length: \(length)\r\n\r\n"
        )
        #expect(transcript.error == nil)
        #expect(transcript.exchanges.first?.expectsContinue == expected)
    }

    @Test(arguments: [
        "a", "localhost:8080", "127.0.0.1", "[::1]", "[::1]:80", "[v1.a:b]", "a_b", "a%20b", "a:",
        "0.0.0.0=5000", "xn--bcher-kva.example",
    ])
    func `a valid Host is accepted`(_ host: String) {
        #expect(Transcript("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").error == nil)
    }

    /// Every byte at every place of a text that is otherwise plain, and of one that is long enough
    /// to be looked at by words.
    @Test(arguments: [1, 7, 8, 9, 15, 16, 17, 24])
    func `the ends of a token and of a value are found wherever they are`(_ length: Int) {
        // Of the second all bytes are even, and of the third all are odd.
        for text in [
            "Content-Type-And-More-abz", "bdfhjlnprtvxzbdfhjlnprtvx", "acegikmoqsuwyacegikmoqsuw",
        ] {
            compareEnds(Array(text.utf8.prefix(length)))
        }
    }

    /// Compares the scans by words with those by bytes; one expectation, as they are many.
    private func compareEnds(_ plain: [UInt8]) {
        let length = plain.count
        var wrong: [String] = []
        func compare(_ found: Int, _ expected: Int, _ what: @autoclosure () -> String) {
            if found != expected { wrong.append("\(what()): \(found), not \(expected)") }
        }
        compare(plain.span.endOfToken(in: 0..<length), length, "token")
        compare(plain.span.endOfFieldContent(in: 0..<length), length, "content")
        for place in 0..<length {
            for byte in UInt8.min...UInt8.max {
                var text = plain
                text[place] = byte
                let token = CharacterClass.token.contains(byte) ? length : place
                let content = byte.isFieldContent ? length : place
                for start in [0, place] {
                    compare(
                        text.span.endOfToken(in: start..<length), token,
                        "token, \(byte) at \(place) from \(start)")
                    compare(
                        text.span.endOfFieldContent(in: start..<length), content,
                        "content, \(byte) at \(place) from \(start)")
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test func `a token is made of the characters that RFC 9110 lists`() {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        let listed = Set("!#$%&'*+-.^_`|~\(letters)".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(CharacterClass.token.contains(byte) == listed.contains(byte))
        }
    }

    @Test func `a host is made of the characters that RFC 3986 lists`() {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        let listed = Set("-._~!$&'()*+,;=\(letters)".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(CharacterClass.host.contains(byte) == listed.contains(byte))
        }
    }

    /// Every byte at every place of names that are compared byte by byte, and by words.
    @Test(
        arguments: ["expect", "x-a@[_`{", "content-length", "transfer-encoding"] as [StaticString])
    func `names are compared without regard to the case of letters alone`(_ name: StaticString) {
        let lowercase = Array("\(name)".utf8)
        let uppercase = "\(name)".uppercased()
        let same = Array(uppercase.utf8)
        let isSame = same.span.equalsIgnoringCase(name)
        #expect(isSame)
        var wrong: [String] = []
        for place in lowercase.indices {
            for byte in UInt8.min...UInt8.max {
                var text = lowercase
                text[place] = byte
                let isSame = byte.lowercased == lowercase[place]
                if text.span.equalsIgnoringCase(name) != isSame
                    || text.span.equals(name) != (byte == lowercase[place])
                {
                    wrong.append("\(byte) at \(place)")
                }
            }
        }
        #expect(wrong.isEmpty)
        let shorter = Array(lowercase.dropLast())
        let isFound = shorter.span.equalsIgnoringCase(name)
        #expect(!isFound)
    }

    @Test func `a body is framed by length, by chunks or not at all`() {
        let transcript = Transcript(
            """
            POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\
            POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
            3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\n\
            POST /c HTTP/1.1\r\nHost: a\r\n\r\n\
            POST /d HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n
            """)
        #expect(transcript.exchanges.map(\.framing) == [.length(5), .chunked, .none, .length(0)])
        #expect(transcript.exchanges.map(\.text) == ["hello", "abc0123456789", "", ""])
        #expect(transcript.exchanges.allSatisfy { $0.isComplete })
        #expect(transcript.isIdle)
    }

    @Test func `a decoder between requests is idle until a byte comes`() throws {
        var decoder = RequestDecoder()
        #expect(decoder.isIdle && !decoder.hasBufferedBytes)
        decoder.append(Array("G".utf8))
        #expect(!decoder.isIdle && decoder.hasBufferedBytes)
        decoder.append(Array("ET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        _ = try decoder.next()
        #expect(!decoder.isIdle)
        guard case .end = try decoder.next() else {
            Issue.record("no end")
            return
        }
        #expect(decoder.isIdle)
        guard case .needMore = try decoder.next() else {
            Issue.record("an event out of nothing")
            return
        }
    }
}
