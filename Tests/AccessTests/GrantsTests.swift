import JSON
import TestSupport
import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5)))
struct `A caller's grants` {
    private static func grants(_ json: String, subject: String? = nil) throws -> Grants {
        try InputReader.read(Array(json.utf8)) { input throws(InputError) in
            try Grants(reading: &input, subject: subject)
        }
    }

    @Test func `of texts that are no resources cover themselves as well: nothing`() throws {
        let json = #"{"sub":"*","exp":1,"martlet":{"subscribe":["{sub}ub}","presence:{sub}"]}}"#
        let grants = try TokenClaims(Array(json.utf8)).grants
        #expect(grants.isCovered(by: grants))
        #expect(!grants.maySubscribe("*ub}") && !grants.maySubscribe("a:1"))
    }

    @Test(arguments: [
        (["post:1"], "post:1", true), (["post:1"], "post:2", false), (["post:1"], "post:*", false),
        (["post:*"], "post:1", true), (["post:*"], "post:*", true), (["post:*"], "posts:1", false),
        (["post:*"], "pos:1", false), (["post:*"], "Post:1", false), (["*"], "a:b", true),
        (["*"], "a:*", true), (["*"], "*", true), (["post:*"], "*", false), ([], "a:b", false),
        (["a:1", "b:*"], "b:1", true), (["a:1", "b:*"], "a:2", false), (["a:*x"], "a:yx", false),
        (["post:1"], "presence:post:1", true), (["post:1"], "presence:post:2", false),
        (["post:*"], "presence:post:1", true), (["post:*"], "presence:post:*", true),
        (["post:1"], "presence:*", false), (["presence:*"], "presence:post:1", false),
        (["*"], "presence:*", true), (["post:1"], "presence:presence:post:1", true),
        (["a:\u{E9}"], "a:\u{E9}", true), (["a:\u{E9}"], "a:e\u{301}", false),
        (["a:1"], "a:1 ", false), (["a:1"], "a:1\u{301}", false), (["a:b:c"], "a:b:c", true),
        (["a:b:*"], "a:b:c", false), (["a:1"], "", false), (["a:1"], ":", false),
    ])
    func `cover a name or do not`(patterns: [String], name: String, isCovered: Bool) {
        let grants = Grants(subscribe: PatternSet(patterns))
        #expect(grants.maySubscribe(name) == isCovered)
        #expect(!grants.mayPublish(name))
        #expect(Grants(publish: PatternSet(patterns)).mayPublish(name) == isCovered)
    }

    /// What the contract says, as a plain loop over the patterns.
    private static func model(_ patterns: [String], _ name: String) -> Bool {
        var name = name
        while name.hasPrefix("presence:") { name = String(name.dropFirst("presence:".count)) }
        return patterns.contains { pattern in
            if pattern == "*" || pattern == name { return true }
            guard pattern.hasSuffix(":*") else { return false }
            return !name.isEmpty && name != "*" && name.hasPrefix(String(pattern.dropLast()))
        }
    }

    @Test func `cover in 10,000 random cases what a plain model says`() {
        var numbers = SeededNumbers(seed: 14)
        let kinds = ["a", "b", "ab"]
        func name() -> String {
            let kind = kinds.randomElement(using: &numbers) ?? ""
            return "\(kind):\(["1", "2", "*", "1:1"].randomElement(using: &numbers) ?? "")"
        }
        var wrong: [String] = []
        for _ in 0..<10_000 {
            var patterns = (0..<Int.random(in: 0...3, using: &numbers)).map { _ in name() }
            if Int.random(in: 0...20, using: &numbers) == 0 { patterns.append("*") }
            let presence = Int.random(in: 0...3, using: &numbers) == 0 ? "presence:" : ""
            let asked = presence + name()
            let set = PatternSet(patterns)
            if set.covers(asked) != Self.model(patterns, asked) {
                wrong.append("\(patterns) \(asked)")
            }
            let smaller = PatternSet(patterns.dropLast())
            if !smaller.isCovered(by: set) { wrong.append("\(patterns) does not cover its part") }
            let other = PatternSet([asked])
            if other.isCovered(by: set) != set.covers(asked) {
                wrong.append("\(patterns) covers the name \(asked) and not its set")
            }
        }
        #expect(wrong == [])
    }

    @Test(arguments: [
        ("*", "user:*", "user:1", false), ("*", "{sub}", "user:1", false),
        ("a:*", "{sub}", "a:1", false), ("a", "{sub}:*", "a:1", false),
        ("*", "user:{sub}", "user:*", false), ("*", "user:{sub}", "user:1", false),
        ("7", "user:{sub}", "user:7", true), ("7", "user:{sub}", "user:8", false),
        ("7", "user:{sub}", "user:*", false), ("a:b", "{sub}", "a:b", true),
        ("7", "{sub}:x", "7:x", true), ("{sub}", "user:{sub}", "user:{sub}", true),
        ("1,post:2", "user:{sub}", "post:2", false), ("7", "u:{sub}.{sub}", "u:7.7", true),
        ("post:1", "presence:{sub}", "presence:post:1", false),
        ("presence:post:1", "{sub}", "post:1", false),
        ("presence:post:1", "{sub}", "presence:post:1", false),
    ])
    func `take a subject as text and never as a pattern`(
        subject: String, pattern: String, asked: String, isCovered: Bool
    ) throws {
        let json = #"{"subscribe":["\#(pattern)"],"publish":["\#(pattern)"]}"#
        // The first row has no {sub}: its star is the issuer's own.
        let isOwn = !pattern.contains("{sub}")
        let grants = try Self.grants(json, subject: subject)
        #expect(grants.maySubscribe(asked) == (isCovered || isOwn))
        #expect(grants.mayPublish(asked) == (isCovered || isOwn))
        #expect(!grants.maySubscribe("*"))
    }

    @Test func `with a subject grant nothing to a token without one`() throws {
        let grants = try Self.grants(#"{"subscribe":["user:{sub}","post:1"]}"#)
        #expect(grants.subscribe.patterns == ["post:1"])
    }

    @Test func `are read whole`() throws {
        let grants = try Self.grants(
            #"{"subscribe":["b:*","a:1"],"publish":["*"],"jobs":["read","work"],"admin":true}"#)
        #expect(grants.subscribe.patterns == ["a:1", "b:*"])
        #expect(grants.publish.coversAll)
        #expect(grants.jobs == [.read, .work])
        #expect(grants.isAdmin)
        #expect(try Self.grants("{}") == .none)
    }

    @Test func `are at most those that cover them`() throws {
        let some = Grants(
            subscribe: PatternSet(["a:1"]), publish: PatternSet(["b:*"]), jobs: .read)
        #expect(some.isCovered(by: .all))
        #expect(!Grants.all.isCovered(by: some))
        #expect(Grants.none.isCovered(by: some))
        #expect(some.isCovered(by: some))
        var more = some
        more.jobs = .all
        #expect(!more.isCovered(by: some))
        more = some
        more.isAdmin = true
        #expect(!more.isCovered(by: some))
        more = some
        more.publish.insert("c:1")
        #expect(!more.isCovered(by: some))
        #expect(some.union(more).isCovered(by: more))
    }

    @Test func `name the first that is not allowed`() {
        let grants = Grants(subscribe: PatternSet(["a:*"]), publish: PatternSet(["a:1"]))
        #expect(grants.first(notSubscribable: ["a:1", "b:1", "c:1"]) == "b:1")
        #expect(grants.first(notSubscribable: ["a:1", "a:*"]) == nil)
        #expect(grants.first(notPublishable: ["a:1", "a:2"]) == "a:2")
    }
}
