import HTTP
import Reactor
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `The rules for hosts and origins` {
    private func policy(
        hosts: [String] = [], origins: [String] = [], isLoopback: Bool = true,
        isLocked: Bool = false
    ) throws -> OriginPolicy {
        var rules = OriginRules()
        rules.hosts = try AllowedHosts(hosts)
        rules.origins = try AllowedOrigins(origins)
        rules.proxies = try TrustedProxies(["10.0.0.1"])
        return OriginPolicy(rules, isLoopback: isLoopback, isLocked: isLocked)
    }

    private func check(
        _ policy: OriginPolicy, _ head: RequestHead, from peer: String = "10.0.0.2"
    ) -> Result<OriginCheck, Problem> {
        Result { () throws(Problem) in try policy.checkOrigin(head, from: IPAddress(peer)) }
    }

    @Test func `take hosts by the listener's address and the list`() throws {
        func isTaken(_ host: String, _ policy: OriginPolicy) -> Bool {
            problem { try policy.checkHost(head("GET /", host: host)) }?.status
                != .misdirectedRequest
        }
        let (own, listed) = (try policy(), try policy(hosts: ["a.test"]))
        let outward = try policy(isLoopback: false)
        let named = try policy(hosts: ["a.test"], isLoopback: false)
        let taken = ["localhost", "a.test", "b.test"].map { host in
            [own, listed, outward, named].map { isTaken(host, $0) }
        }
        #expect(
            taken == [
                [true, true, true, false], [false, true, true, true], [false, false, true, false],
            ])
        #expect(![own, listed, outward, named].contains { isTaken("[1]", $0) })
    }

    @Test func `list pages of this machine for an open hub on loopback alone`() throws {
        let page = head("GET /", "Origin: http://localhost:3000")
        #expect(try check(policy(), page).get() == .listed)
        for other in [try policy(isLoopback: false), try policy(isLocked: true)] {
            #expect(throws: Problem.self) { try check(other, page).get() }
        }
    }

    @Test func `allow cookies for listed origins of a locked hub and never by a star`() throws {
        let locked = try policy(origins: ["https://a.test", "*"], isLocked: true)
        for (origin, check, allows) in [
            ("https://a.test", OriginCheck.listed, true),
            ("https://b.test", .anyone, false),
            ("null", .anyone, false),
        ] {
            let request = head("POST /", "Origin: \(origin)", "Sec-Fetch-Site: same-origin")
            #expect(try self.check(locked, request).get() == check)
            let fields = locked.fields(for: check, request)
            #expect(fields.contains { $0 == ("Access-Control-Allow-Origin", origin) })
            #expect(fields.contains { $0.0 == "Access-Control-Allow-Credentials" } == allows)
            #expect(check.allowsCookie(of: request, changes: true) == allows)
            #expect(check.allowsCookie(of: request, changes: false) == allows)
        }
        let open = try policy(origins: ["https://a.test"])
        let request = head("GET /", "Origin: https://a.test")
        let fields = open.fields(for: .listed, request)
        #expect(!fields.contains { $0.0 == "Access-Control-Allow-Credentials" })
        #expect(open.fields(for: .own, request).isEmpty)
    }

    @Test(
        arguments: [
            (nil, false), ("same-origin", true), ("none", true), ("same-site", false),
            ("cross-site", false), ("Same-Origin", false), ("none, same-origin", false),
        ])
    func `let a cookie change something only for the own site`(site: String?, allows: Bool) {
        let fields = site.map { "Sec-Fetch-Site: \($0)" } ?? "X: y"
        let request = head("POST /broadcast", fields)
        #expect(OriginCheck.absent.allowsCookie(of: request, changes: true) == allows)
        #expect(OriginCheck.absent.allowsCookie(of: request, changes: false))
        #expect(OriginCheck.own.allowsCookie(of: request, changes: true))
        #expect(OriginCheck.listed.allowsCookie(of: request, changes: true))
    }

    @Test func `believe a trusted proxy alone`() throws {
        let policy = try policy(hosts: ["in.test"])
        let request = head(
            "GET /", host: "in.test", "Origin: https://a.test", "X-Forwarded-Host: a.test")
        #expect(try check(policy, request, from: "10.0.0.1").get() == .own)
        #expect(try check(policy, request, from: "::ffff:10.0.0.1").get() == .own)
        for peer in ["10.0.0.2", "127.0.0.1", ""] {
            #expect(throws: Problem.self) { try check(policy, request, from: peer).get() }
        }
    }

    @Test func `name the reason, and the origin without what could end a line`() throws {
        let request = head("GET /", "Origin: https://evil.test")
        guard case .failure(let problem) = try check(policy(), request) else {
            Issue.record("a foreign origin was taken")
            return
        }
        #expect(problem.status == .forbidden && problem.reason == "origin")
        let text = String(decoding: problem.response().body, as: UTF8.self)
        #expect(text.contains(#""reason":"origin""#) && text.contains("https://evil.test"))
        #expect(problem.response().fields.allSatisfy { !$0.0.hasPrefix("Access-Control") })
    }
}
