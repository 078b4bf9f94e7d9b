/// All that decides who a caller is: keys, secrets and rules, as one value that is swapped whole.
package struct AccessPolicy: Sendable {
    /// The keys of JWTs by source.
    package var tokenKeys = TokenKeys()
    package var tokenRules = TokenRules()
    /// The keys of the API keys file; `nil` when none is configured.
    package var apiKeys: APIKeySet?
    /// The secret of signed URLs; `nil` when none is configured.
    package var urlSecret: [UInt8]?
    /// What every caller may do, with or without credentials.
    package var anonymous = Grants.none
    /// The name of the cookie with a JWT.
    package var cookieName = Self.standardCookie

    package static let standardCookie = "auth_access_token"
    /// The name of the cookie with the id of a session.
    package static let sessionCookie = "martlet_session"

    package init() {}

    /// Whether no key is configured, so that every caller may do everything.
    package var isOpen: Bool { tokenKeys.isEmpty && apiKeys == nil && urlSecret == nil }

    // MARK: - One credential

    /// The answer to a JWT or an API key.
    enum Verdict {
        /// `notBefore` is the second since 1970 before which it is not good.
        case accepted(Identity, notBefore: Int?)
        case refused(Refusal)
        case needsKeys(sources: [String])
    }

    /// How a credential came, which its identity says.
    struct Arrival {
        var isFromCookie = false
        /// The session that it came by, or that its ticket was made with.
        var sessionID: String?
        /// The second since 1970 at which its session ends; `nil` when it came itself.
        var sessionEnd: Int?
    }

    /// Judges the text behind `Bearer`, or of the cookie.
    func judge(_ text: String, _ arrival: Arrival, at now: Int, mayFetch: Bool) -> Verdict {
        do throws(Refusal) {
            if text.utf8.starts(with: APIKey.prefix.utf8) {
                return .accepted(try identity(ofKey: text, arrival, at: now), notBefore: nil)
            }
            let token = try Token(text)
            do throws(TokenKeys.Failure) {
                _ = try tokenKeys.verify(token, mayFetch: mayFetch)
            } catch {
                switch error {
                case .refused(let refusal): return .refused(refusal)
                case .unknownKey(let sources): return .needsKeys(sources: sources)
                }
            }
            let claims = try TokenClaims(token.claims)
            try tokenRules.check(claims, at: now)
            return .accepted(
                identity(kind: .token, of: claims, arrival),
                notBefore: claims.notBefore.map { Self.seconds($0) - TokenRules.leeway })
        } catch {
            return .refused(error)
        }
    }

    private func identity(kind: Identity.Kind, of claims: TokenClaims, _ arrival: Arrival)
        -> Identity
    {
        Identity(
            kind: arrival.sessionEnd == nil ? kind : .session, subject: claims.subject,
            own: claims.grants, anonymous: anonymous,
            expires: claims.expires.map(Self.seconds), leeway: TokenRules.leeway,
            arrival: arrival)
    }

    private func identity(
        ofKey text: String, _ arrival: Arrival, at now: Int
    ) throws(Refusal) -> Identity {
        guard !arrival.isFromCookie || arrival.sessionEnd != nil else {
            throw Refusal(
                .malformed,
                "An API key comes as Authorization: Bearer; the cookie holds a JWT.")
        }
        guard let apiKeys else {
            throw Refusal(.unknownKey, "The hub has no API keys (--api-keys-file).")
        }
        guard let row = apiKeys.row(of: text) else {
            throw Refusal(.unknownKey, "The hub does not know this API key.")
        }
        guard row.revoked == nil else {
            throw Refusal(.revoked, "The API key \(row.name) was revoked; ask for a new one.")
        }
        if let expires = row.expires, now >= expires {
            throw Refusal(
                .expired,
                "The API key \(row.name) expired \(TokenRules.span(Double(now - expires))) ago.")
        }
        return Identity(
            kind: arrival.sessionEnd == nil ? .key : .session, subject: "key:\(row.name)",
            key: row, own: row.grants, anonymous: anonymous, expires: row.expires,
            arrival: arrival)
    }

    /// Returns a date of a token in whole seconds, rounded up, and at most the end of the year
    /// 9999.
    ///
    /// Rounded up, a whole second is before the date exactly when it is before the result.
    static func seconds(_ date: Double) -> Int {
        let last = 253_402_300_799.0
        return Int(min(max(date, -last), last).rounded(.up))
    }
}
