import Testing

@testable import HTTPClient

@Suite(.timeLimit(.minutes(5)))
struct `A proxy` {
    private func source(_ url: String, _ environment: [String: String]) -> String? {
        ProxySettings(environment: environment).proxy(for: url)?.source
    }

    private static let all = [
        "http_proxy": "http://p:1", "https_proxy": "http://p:2", "HTTPS_PROXY": "http://p:3",
        "HTTP_PROXY": "http://p:4", "all_proxy": "http://p:5", "ALL_PROXY": "http://p:6",
    ]

    @Test(arguments: [
        ("http", ["http_proxy", "all_proxy", "ALL_PROXY"]),
        ("https", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
    ])
    func `is looked for in the variables, in this order`(scheme: String, names: [String]) {
        var environment = Self.all
        for name in names {
            #expect(source("\(scheme)://host/v1", environment) == name)
            environment[name] = ""
        }
        #expect(source("\(scheme)://host/v1", environment) == nil)
    }

    @Test(arguments: [
        "http://127.0.0.1/", "http://127.9.8.7:80/", "https://localhost/", "http://[::1]:1/",
        "http://LOCALHOST:1/", "http://a.localhost/", "http://name:secret@127.0.0.1/",
    ])
    func `is not used for this machine unless it was said outright`(url: String) {
        #expect(source(url, Self.all) == nil)
        let stated = ProxySettings(environment: Self.all, stated: "http://q:9", source: "--proxy")
        #expect(stated.proxy(for: url)?.source == "--proxy")
        #expect(ProxySettings(environment: Self.all, stated: "none").proxy(for: "http://a/") == nil)
    }

    @Test(arguments: [
        ("a.test", "a.test", true), ("a.test", ".test", true), ("a.test", "x, test", true),
        ("a.test", "TEST", true), ("a.test", "*", true), ("A.Test", "a.test", true),
        ("a.test", "b.a.test", false), ("atest", "test", false), ("a.test", "", false),
        ("a.test", ".", false), ("10.1.2.3", "10.0.0.0/8", true), ("10.1.2.3", "10.1.2.3", true),
        ("11.1.2.3", "10.0.0.0/8", false), ("10.1.2.3", "10.1.2.0/23", true),
        ("10.1.4.3", "10.1.2.0/23", false), ("10.1.2.3", "0.0.0.0/0", true),
        ("10.1.2.3", "10.0.0.0/33", false), ("10.1.2.3", "2.3", false),
        ("[fe80::1]", "fe80::/10", true), ("[fe80::1]", "[fe80::1]", true),
        ("[2001::1]", "fe80::/10", false), ("[2001::1]", "10.0.0.0/8", false),
    ])
    func `is not used for hosts that need none`(host: String, list: String, isExempt: Bool) {
        for name in ["no_proxy", "NO_PROXY"] {
            let environment = ["http_proxy": "http://p:1", name: list]
            #expect((source("http://\(host):8080/v1", environment) == nil) == isExempt)
        }
    }

    @Test func `is shown without what stands before its name`() {
        let secret = ["http_proxy": "http://name:pass@word@p:1", "https_proxy": "u:s@p:2"]
        let settings = ProxySettings(environment: secret)
        #expect(settings.proxy(for: "http://host/")?.shownURL == "http://p:1")
        #expect(settings.proxy(for: "https://host/")?.shownURL == "p:2")
    }

    @Test func `gets the request in the server's place`() async throws {
        let notes = Notes<String>()
        let peer = try Peer { connection in
            guard let request = connection.readRequest() else { return }
            notes.add(String(request.path))
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        }
        defer { peer.stop() }
        let client = try Client(
            proxies: ProxySettings(environment: ["http_proxy": peer.url, "no_proxy": "b.test"]))
        #expect(try await client.text(ClientRequest("GET", "http://a.test/v1")) == "hi")
        #expect(await notes.next() == "http://a.test/v1")
        let direct = await outcome { () async throws(ClientError) in
            _ = try await client.send(ClientRequest("GET", "http://b.test/v1"))
        }
        #expect(direct == .cannotResolve)
        #expect(peer.connectionCount == 1)
    }
}
