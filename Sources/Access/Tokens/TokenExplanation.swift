internal import Telemetry

/// What a token says, in words, and why it is refused if it is.
///
/// It is for whoever holds the token: it tells what the answer to a request does not.
package struct TokenExplanation: Sendable {
    /// The text, without the token.
    package private(set) var lines: [String] = []
    /// Why the token is refused; `nil` when it is good.
    package private(set) var refusal: Refusal?

    /// Explains a token to which a policy is applied at `now`, in seconds since 1970.
    package init(of text: String, policy: AccessPolicy, at now: Int) {
        do throws(Refusal) { try explain(text, policy, at: now) } catch {
            refusal = error
            lines.append("REFUSED  \(error.reason.rawValue): \(error.detail)")
            if let advice = Self.advice(error.reason) { lines.append("         \(advice)") }
        }
    }

    private mutating func explain(
        _ text: String, _ policy: AccessPolicy, at now: Int
    ) throws(Refusal) {
        guard !text.utf8.starts(with: APIKey.prefix.utf8) else {
            throw Refusal(
                .malformed,
                "This is an API key and no token; 'martlet key list' shows what it allows.")
        }
        let token = try Token(text)
        line("alg", token.algorithm.rawValue)
        line("kid", token.keyID.map(Shown.text) ?? "none")
        let match: TokenKeys.Match
        do throws(TokenKeys.Failure) {
            match = try policy.tokenKeys.verify(token, mayFetch: false)
        } catch {
            tellClaims(token, areVerified: false, at: now)
            for candidate in policy.tokenKeys.candidates(for: token).keys.prefix(10) {
                line("tried", Self.text(candidate))
            }
            guard case .refused(let refusal) = error else { return }
            throw refusal
        }
        line("key", Self.text(match))
        tellClaims(token, areVerified: true, at: now)
        let claims = try TokenClaims(token.claims)
        try policy.tokenRules.check(claims, at: now)
        tell(claims.grants, isNamed: claims.subject != nil)
        lines.append("ACCEPTED")
    }

    private mutating func line(_ name: String, _ value: String) {
        lines.append(name + String(repeating: " ", count: max(1, 9 - name.count)) + value)
    }

    private mutating func tellClaims(_ token: Token, areVerified: Bool, at now: Int) {
        guard let claims = try? TokenClaims(token.claims) else { return }
        let mark = areVerified ? "" : "  (not verified)"
        if let subject = claims.subject { line("sub", Shown.text(subject) + mark) }
        if let issuer = claims.issuer { line("iss", Shown.text(issuer) + mark) }
        if let audiences = claims.audiences {
            line("aud", audiences.prefix(10).map(Shown.text).joined(separator: ", ") + mark)
        }
        if let start = claims.notBefore { line("nbf", Self.time(start, now) + mark) }
        line(
            "exp", claims.expires.map { Self.time($0, now) + mark } ?? "none: it never ends\(mark)")
    }

    private mutating func tell(_ grants: Grants, isNamed: Bool) {
        line("receives", Self.text(grants.subscribe))
        line("publishes", Self.text(grants.publish))
        if !grants.jobs.isEmpty { line("jobs", grants.jobs.names.joined(separator: ", ")) }
        if grants.isAdmin { line("admin", "yes") }
        if grants == .none {
            lines.append(
                "         It has no grants of its own; they stand in the claim martlet, for example"
            )
            lines.append(#"         {"martlet":{"subscribe":["post:*"],"publish":["chat:1"]}}"#)
        }
    }

    private static func text(_ set: PatternSet) -> String {
        set.isEmpty
            ? "what everybody may"
            : set.patterns.prefix(100).map(Shown.text).joined(separator: ", ")
    }

    private static func text(_ match: TokenKeys.Match) -> String {
        let name = match.key.id.map { "kid \(Shown.text($0))" } ?? "without kid"
        let algorithm = match.key.algorithm.map { " for \($0.rawValue) alone" } ?? ""
        return "\(match.key.type.name) key \(name)\(algorithm) of \(match.source)"
    }

    private static func time(_ date: Double, _ now: Int) -> String {
        let seconds = AccessPolicy.seconds(date)
        let text = Timestamp(milliseconds: Int64(seconds) * 1000).description
        let distance = date - Double(now)
        return text
            + (distance < 0
                ? ", \(TokenRules.span(-distance)) ago" : ", in \(TokenRules.span(distance))")
    }

    private static func advice(_ reason: Refusal.Reason) -> String? {
        switch reason {
        case .badSignature:
            "Is it the same secret or pair of keys on both sides, in the same environment? A secret "
                + "is taken as its bytes: one that a library decodes from base64 is another."
        case .unknownKey:
            "Compare the kid with those of the hub's keys; a JWK Set is fetched anew every 10 minutes."
        case .wrongAlgorithm:
            "The key decides on the algorithm: sign with one that fits its type and its alg."
        case .notYet, .expired: "Compare the clocks; 30 seconds of difference are allowed."
        default: nil
        }
    }
}
