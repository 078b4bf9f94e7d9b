import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5)))
struct `An explanation of a token` {
    private static func explain(_ text: String, _ policy: AccessPolicy) -> TokenExplanation {
        TokenExplanation(of: text, policy: policy, at: now)
    }

    @Test func `says what a good token allows and for how long`() throws {
        let claims =
            #"{"sub":"u","iss":"i","aud":["a","b"],"exp":1800000600,"nbf":1799999990,"#
            + #""martlet":{"subscribe":["user:{sub}"],"jobs":["read"],"admin":true}}"#
        let text = try token(#"{"alg":"HS256","kid":"k"}"#, claims)
        let explanation = Self.explain(text, policy())
        #expect(explanation.refusal == nil)
        #expect(
            explanation.lines == [
                "alg      HS256", "kid      k", "key      secret key without kid of secret",
                "sub      u", "iss      i", "aud      a, b",
                "nbf      2027-01-15T07:59:50.000Z, 10 seconds ago",
                "exp      2027-01-15T08:10:00.000Z, in 10 minutes", "receives user:u",
                "publishes what everybody may", "jobs     read", "admin    yes", "ACCEPTED",
            ])
    }

    @Test func `names the keys that were tried, and marks what is not verified`() throws {
        let text = try token(
            #"{"alg":"ES256","kid":"a"}"#, standardClaims, .key(.otherP256, .es256))
        let keys = try policy(keys: try jwk(.p256, #""kid":"a","alg":"ES256""#))
        let explanation = Self.explain(text, keys)
        #expect(explanation.refusal?.reason == .badSignature)
        #expect(explanation.lines.contains("sub      7  (not verified)"))
        #expect(
            explanation.lines.contains("tried    EC P-256 key kid a for ES256 alone of file0"))
        #expect(explanation.lines.contains { $0.hasPrefix("REFUSED  bad_signature: ") })
    }

    @Test func `shows nothing that a terminal would obey`() throws {
        let text = try token(
            #"{"alg":"HS256","kid":"\u001b[31m"}"#, claims(#""sub":"a\u001b[2J\nb\u202e""#))
        let explanation = Self.explain(text, policy())
        let scalars = explanation.lines.joined().unicodeScalars
        #expect(scalars.allSatisfy { (32...126).contains($0.value) })
        #expect(explanation.lines.contains("sub      a?[2J?b?"))
    }

    @Test func `of an API key says that it is none`() {
        let explanation = Self.explain("mk_AAAA", policy())
        #expect(explanation.refusal?.reason == .malformed)
        #expect(explanation.lines.first?.contains("API key") == true)
    }

    @Test func `agrees with the hub on every attack`() throws {
        for attack in `An attack`.all {
            let text = try attack.token()
            let policy = try attack.policy()
            guard !text.hasPrefix("mk_") else { continue }
            let explanation = Self.explain(text, policy)
            let refusal = AccessControl(policy).identify(token: text, mayFetch: false).refusal
            #expect(explanation.refusal?.reason == refusal?.reason, "\(attack.name)")
        }
    }
}
