/// The flags of `martlet serve` that say how callers are known.
enum CredentialFlags {
    static let group = Flag.Group(
        title: "Credentials (one of the first five locks the hub)",
        flags: tokenKeys + [
            Flag(
                "api-keys-file", "FILE", .text(\.credentials.apiKeysFile, open: "none"),
                "API keys, as 'martlet key create' makes them; a change is taken within 2 seconds."
            ),
            Flag(
                "url-secret-file", "FILE", .text(\.credentials.urlSecretFile, open: "none"),
                "The secret of signed URLs ('martlet sign')."),
        ] + tokenRules + [
            Flag(
                "cookie-name", "NAME",
                .text(\.credentials.cookieName, open: "auth_access_token"),
                "The cookie that may hold a JWT."),
            Flag(
                "anonymous-subscribe", "LIST",
                .list(\.credentials.anonymousSubscribe, .pattern),
                "What everybody may receive without credentials: resources (post:1), kinds (post:*) or *."
            ),
            Flag(
                "private-media", \.credentials.hasPrivateMedia,
                "Pictures need the right to read jobs; without this their unguessable name is enough."
            ),
            Flag(
                "public-metrics", \.credentials.hasPublicMetrics,
                "/metrics needs no credentials."),
        ])

    /// Where the keys of JWTs come from, which `martlet token explain` has too.
    static let tokenKeys = [
        Flag(
            "jwt-secret-file", "FILE", .text(\.credentials.jwtSecretFile, open: "none"),
            "The secret of JWTs with HS256, HS384 or HS512; a line break at its end is no part of it."
        ),
        Flag(
            "jwt-keys-file", "FILE", .text(\.credentials.jwtKeysFile, open: "none"),
            "Public keys of JWTs, in PEM or as a JWK Set."),
        Flag(
            "jwt-jwks-url", "URLS", .list(\.credentials.jwtKeySetURLs, .keySetURL),
            "JWK Sets to fetch; each is fetched again every 10 minutes, and for an unknown kid."),
    ]

    /// What a JWT must say, which `martlet token explain` has too.
    static let tokenRules = [
        Flag(
            "jwt-issuer", "TEXT", .text(\.credentials.jwtIssuer, open: "any"),
            "The iss that JWTs must have."),
        Flag(
            "jwt-audience", "TEXT", .text(\.credentials.jwtAudience, open: "any"),
            "The aud that JWTs must have among theirs."),
        Flag(
            "jwt-allow-no-exp", \.credentials.allowsNoExpiry,
            "JWTs may have no exp, and are then good for ever."),
    ]
}

extension Flag.Item {
    static let pattern = Self(
        expected: "patterns between commas: resources (post:1), kinds (post:*) or *"
    ) { !$0.isEmpty }

    /// An address without a user's name, which would show in the log.
    static let keySetURL = Self(
        expected: "addresses between commas that begin with http:// or https:// and name no user"
    ) { text in
        let scheme = ["http://", "https://"].first { text.hasPrefix($0) }
        guard let scheme, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { return false }
        let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        return !authority.isEmpty && !authority.contains("@")
    }
}
