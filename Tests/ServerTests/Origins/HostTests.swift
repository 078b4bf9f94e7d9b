import HTTP
import Reactor
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A host with a port` {
    @Test(
        arguments: [
            ("a.test", "A.Test.", nil), ("a.test:80", "a.TEST.:80", 80),
            ("127.0.0.1", "127.0.0.1.", nil), ("[::1]:8080", "[0:0::1]:8080", 8080),
            ("127.0.0.1", "[::ffff:127.0.0.1]", nil), ("a.test:", "a.test", nil),
            ("a.test:00080", "a.test:80", 80), ("a:65535", "A:65535", 65_535),
        ] as [(String, String, Int?)])
    func `equals another way to write it`(one: String, other: String, port: Int?) throws {
        let first = try #require(Authority(one))
        #expect(first == Authority(other))
        #expect(first.port == port)
    }

    @Test(
        arguments: [
            "", ":80", "a:b", "a:-1", "a:65536", "a:999999", "a:1:2", "me@a", "a/b", "a?b", "a#b",
            "a b", "a\"b", "a\\b", "ä.test", "[::1", "[::1]a", "[]", "[a.test]", "[127.0.0.1]",
            "[::1%25lo]", "[::1%lo]", "::1", "[[::1]]", "[::1]]", ".",
        ])
    func `is nothing else`(text: String) {
        #expect(Authority(text) == nil)
    }

    @Test(
        arguments: [
            ("localhost", true), ("LOCALHOST.", true), ("127.1.2.3", true), ("[::1]", true),
            ("[::ffff:127.0.0.1]", true), ("a.localhost", false), ("localhost.a", false),
            ("127.1", false), ("128.0.0.1", false), ("0.0.0.0", false), ("[::]", false),
            ("[::1:1]", false), ("[::ffff:10.0.0.1]", false), ("[::127.0.0.1]", false),
        ])
    func `may be this machine`(text: String, isLoopback: Bool) throws {
        #expect(try #require(Authority(text)).host.isLoopback == isLoopback)
    }

    @Test func `is the target's before that of the field`() {
        #expect(head("GET http://a.test:1/x", host: "b.test").authority == "a.test:1")
        #expect(head("GET http://a.test", host: "b.test").authority == "a.test")
        #expect(head("OPTIONS *", host: "b.test:2").authority == "b.test:2")
        #expect(head("GET /x", host: "b.test").isFor(Array("b.test".utf8)))
        #expect(!head("GET /x", host: "b.test").isFor(Array("B.test".utf8)))
        #expect(!head("GET /x", host: "b.test").isFor([]))
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `Lists of hosts, origins and proxies` {
    @Test func `of hosts match names, patterns and addresses`() throws {
        let hosts = try AllowedHosts(["A.test:80", "*.b.test", "10.0.0.1", "[2001:db8::1]"])
        let taken = ["a.TEST.", "x.b.test", "x.y.b.test:9", "10.0.0.1", "[2001:DB8::1]:1"]
        let others = [
            "x.a.test", "b.test", ".b.test", "xb.test", "a.test.evil", "10.0.0.2", "[::1]",
        ]
        for text in taken {
            #expect(hosts.contains(try #require(Authority(text)).host), "\(text)")
        }
        for text in others {
            #expect(!hosts.contains(try #require(Authority(text)).host), "\(text)")
        }
        #expect(!AllowedHosts().contains(try #require(Authority("a.test")).host))
    }

    @Test(arguments: ["*", "*.", "*a.test", "a.*.test", "*.10.0.0.1", "http://a", "a/", "", "a:b"])
    func `of hosts have no other entries`(entry: String) {
        #expect(throws: InvalidListEntry(entry: entry)) { try AllowedHosts(["a.test", entry]) }
    }

    @Test func `of origins match exactly or below a name`() throws {
        let origins = try AllowedOrigins(["https://a.test", "http://*.b.test:8080", "app://x"])
        let taken = [
            "https://A.test:443", "http://x.b.test:8080", "http://x.y.b.test:8080", "app://X",
        ]
        let others = [
            "http://a.test", "https://a.test:444", "https://x.a.test", "http://b.test:8080",
            "https://x.b.test:8080", "http://x.b.test", "http://.b.test:8080", "app://y", "null",
        ]
        for text in taken { #expect(origins.listing(of: WebOrigin(text)) == .listed, "\(text)") }
        for text in others { #expect(origins.listing(of: WebOrigin(text)) == nil, "\(text)") }
    }

    @Test func `of origins may have a star for all others`() throws {
        let origins = try AllowedOrigins(["*", "https://a.test"])
        #expect(origins.listing(of: WebOrigin("https://a.test")) == .listed)
        #expect(origins.listing(of: WebOrigin("https://b.test")) == .byStar)
        #expect(origins.listing(of: nil) == .byStar)
        #expect(AllowedOrigins().listing(of: WebOrigin("https://a.test")) == nil)
    }

    @Test(
        arguments: [
            "a.test", "https://a.test/", "https://", "null", "https://*", "https://*.*.a.test",
            "https://a.*.test", "*://a.test", "https://*.10.0.0.1", "https://me@a.test", "",
        ])
    func `of origins have no other entries`(entry: String) {
        #expect(throws: InvalidListEntry(entry: entry)) { try AllowedOrigins([entry, "*"]) }
    }

    @Test func `of proxies match addresses and networks`() throws {
        let proxies = try TrustedProxies(["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"])
        for text in ["10.9.9.9", "192.0.2.1", "::ffff:192.0.2.1", "2001:db8:1::1"] {
            #expect(proxies.contain(try #require(IPAddress(text))), "\(text)")
        }
        for text in ["11.0.0.1", "192.0.2.2", "::ffff:192.0.2.2", "2001:db9::1", "::1"] {
            #expect(!proxies.contain(try #require(IPAddress(text))), "\(text)")
        }
    }
}
