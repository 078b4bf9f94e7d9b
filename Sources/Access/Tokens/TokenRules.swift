/// What a token must say besides having a right signature.
package struct TokenRules: Sendable, Equatable {
    /// The `iss` that tokens must have; any when `nil`.
    package var issuer: String?
    /// The `aud` that must be among a token's; any when `nil`.
    package var audience: String?
    /// Whether a token may have no `exp`, and is then good for ever.
    package var allowsNoExpiry = false

    /// Seconds by which the clocks of an issuer and the hub may differ.
    package static let leeway = 30

    package init() {}

    /// Checks the claims at a time in seconds since 1970.
    ///
    /// - Throws: the refusal of the first rule that is broken.
    package func check(_ claims: TokenClaims, at now: Int) throws(Refusal) {
        let now = Double(now)
        let leeway = Double(Self.leeway)
        if let expires = claims.expires {
            guard now < expires + leeway else {
                throw Refusal(
                    .expired,
                    "The token expired \(Self.span(now - expires)) ago; get a new one.")
            }
        } else if !allowsNoExpiry {
            throw Refusal(
                .malformed,
                "The token has no exp; give it one, or start the hub with --jwt-allow-no-exp.")
        }
        if let start = claims.notBefore, now < start - leeway {
            throw Refusal(
                .notYet,
                "The token is good only \(Self.span(start - now)) from now (nbf); "
                    + "is a clock wrong?")
        }
        if let issuer {
            guard let given = claims.issuer, given.utf8.elementsEqual(issuer.utf8) else {
                throw Refusal(
                    .wrongIssuer,
                    claims.issuer == nil
                        ? "The token has no iss, and the hub asks for one (--jwt-issuer)."
                        : "The token's iss is not the one that the hub asks for (--jwt-issuer).")
            }
        }
        if let audience {
            guard let given = claims.audiences,
                given.contains(where: { $0.utf8.elementsEqual(audience.utf8) })
            else {
                throw Refusal(
                    .wrongAudience,
                    claims.audiences == nil
                        ? "The token has no aud, and the hub asks for one (--jwt-audience)."
                        : "The hub is not among the token's aud (--jwt-audience).")
            }
        }
    }

    /// Returns a span of seconds in words.
    package static func span(_ seconds: Double) -> String {
        let seconds = max(0, seconds)
        guard seconds < 1e15 else { return "a very long time" }
        let (count, unit): (Double, String) =
            switch seconds {
            case ..<120: (seconds, "second")
            case ..<7200: (seconds / 60, "minute")
            case ..<172_800: (seconds / 3600, "hour")
            default: (seconds / 86_400, "day")
            }
        let whole = Int(count)
        return "\(whole) \(unit)\(whole == 1 ? "" : "s")"
    }
}
