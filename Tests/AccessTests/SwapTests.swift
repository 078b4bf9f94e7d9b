import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5)))
struct `A policy that is swapped` {
    /// The secrets of three generations of keys, of which two are good at each time.
    private static let secrets = (0..<3).map { number in
        Array("secret of generation \(number), 32 bytes".utf8)
    }

    private static func keys(without missing: Int) throws -> KeySet {
        KeySet(
            keys: try (0..<3).filter { $0 != missing }.map { number in
                try VerificationKey(id: "k\(number)", secret: secrets[number])
            })
    }

    @Test func `under load gives no wrong answer`() async throws {
        var start = AccessPolicy()
        start.tokenKeys = TokenKeys([
            TokenKeys.Source(name: "s", keys: try Self.keys(without: 2))
        ])
        let control = AccessControl(start)
        // The key k0 is good in every policy; k1 and k2 come and go.
        let always = try token(
            #"{"alg":"HS256","kid":"k0"}"#, standardClaims, .hmac(.sha256, Self.secrets[0]))
        let sometimes = try token(
            #"{"alg":"HS256","kid":"k1"}"#, standardClaims, .hmac(.sha256, Self.secrets[1]))
        let never = try token(
            #"{"alg":"HS256","kid":"k0"}"#, standardClaims, .hmac(.sha256, Self.secrets[1]))
        let (with, without) = (try Self.keys(without: 2), try Self.keys(without: 1))
        let wrong = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var wrong = 0
                    for _ in 0..<5000 {
                        if control.identify(token: always).identity == nil { wrong += 1 }
                        if control.identify(token: never).identity != nil { wrong += 1 }
                        let refusal = control.identify(token: sometimes).refusal
                        if let refusal, refusal.reason != .unknownKey { wrong += 1 }
                    }
                    return wrong
                }
            }
            group.addTask {
                var wrong = 0
                for _ in 0..<500 {
                    // Whoever swaps sees the new policy at once, whatever is remembered of the old.
                    _ = control.update { $0.tokenKeys.replace(without, of: "s") }
                    if control.identify(token: sometimes).identity != nil { wrong += 1 }
                    _ = control.update { $0.tokenKeys.replace(with, of: "s") }
                    if control.identify(token: sometimes).identity == nil { wrong += 1 }
                }
                return wrong
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }

    @Test func `forgets what the old one accepted, and remembers no refusal`() throws {
        let control = AccessControl(policy())
        let text = try token()
        let first = try #require(control.identify(token: text).identity)
        #expect(control.identify(token: text).identity === first)
        _ = control.update { $0.anonymous = Grants(subscribe: PatternSet(["a:1"])) }
        let second = try #require(control.identify(token: text).identity)
        #expect(second !== first)
        #expect(second.grants.maySubscribe("a:1"))
        _ = control.update { $0.tokenRules.issuer = "x" }
        #expect(control.identify(token: text).refusal?.reason == .wrongIssuer)
        _ = control.update { $0.tokenRules.issuer = nil }
        #expect(control.identify(token: text).identity != nil)
    }

    @Test func `remembers a token no longer than the token lives`() throws {
        let control = AccessControl(policy())
        let text = try token(
            #"{"alg":"HS256"}"#, #"{"exp":1800000100,"nbf":1800000000}"#)
        #expect(control.identify(token: text, at: now).identity != nil)
        #expect(control.identify(token: text, at: now + 129).identity != nil)
        #expect(control.identify(token: text, at: now + 130).refusal?.reason == .expired)
        // A clock that is set back does not make it good before its time either.
        #expect(control.identify(token: text, at: now - 31).refusal?.reason == .notYet)
    }

    @Test func `remembers a bounded number of tokens`() {
        var cache = CredentialCache()
        let identity = Identity(kind: .token, own: .none, anonymous: .none)
        var isKept = true
        for number in 0..<20_000 {
            cache.insert(identity, notBefore: nil, for: "token \(number)")
            // One that is used all the time stays.
            isKept = isKept && cache.find("token 0", at: now) === identity
        }
        #expect(isKept)
        #expect(cache.count <= 2 * CredentialCache.maximumCount)
        let large = String(repeating: "x", count: 16_000)
        for number in 0..<2000 {
            cache.insert(identity, notBefore: nil, for: "\(number)" + large)
        }
        #expect(cache.count * large.utf8.count <= 2 * CredentialCache.maximumBytes + 2 * 16_010)
    }
}
