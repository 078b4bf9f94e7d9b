import Testing

@testable import Access

/// A token that must be refused, the policy that refuses it, and the reason.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let reason: Refusal.Reason
    let token: @Sendable () throws -> String
    let policy: @Sendable () throws -> AccessPolicy

    var testDescription: String { name }

    init(
        _ name: String, _ reason: Refusal.Reason, _ token: @escaping @Sendable () throws -> String,
        with policy: @escaping @Sendable () throws -> AccessPolicy = { AccessTests.policy() }
    ) {
        self.name = name
        self.reason = reason
        self.token = token
        self.policy = policy
    }

    /// A token with this header, otherwise good.
    static func header(_ name: String, _ reason: Refusal.Reason, _ header: String) -> Attack {
        Attack(name, reason, { try AccessTests.token(header) })
    }

    /// A token with these claims, otherwise good.
    static func claims(_ name: String, _ reason: Refusal.Reason, _ claims: String) -> Attack {
        Attack(name, reason, { try AccessTests.token(#"{"alg":"HS256"}"#, claims) })
    }

    /// A token that carries these members besides a good `exp`.
    static func member(_ name: String, _ reason: Refusal.Reason, _ member: String) -> Attack {
        .claims(name, reason, AccessTests.claims(member))
    }

    /// A text that is no good token.
    static func text(_ name: String, _ reason: Refusal.Reason, _ text: String) -> Attack {
        Attack(name, reason, { text })
    }

    /// A token signed like this for a hub that has this public key.
    static func key(
        _ name: String, _ reason: Refusal.Reason, header: String, _ signature: Signature,
        for pair: KeyPair
    ) -> Attack {
        Attack(
            name, reason, { try AccessTests.token(header, standardClaims, signature) },
            with: { try AccessTests.policy(keys: pair.publicPEM) })
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `An attack` {
    static let all = headers + signatures + forms + dates + claimShapes + rules

    @Test(arguments: all)
    func `is refused for its own reason`(attack: Attack) throws {
        let control = AccessControl(try attack.policy())
        let text = try attack.token()
        let refusal = control.identify(token: text).refusal
        #expect(refusal?.reason == attack.reason, "\(refusal?.detail ?? "accepted")")
        #expect(refusal.map { $0.detail.count > 10 } ?? false)
        // Asked again it is the same, and it repeats no part of the token.
        #expect(control.identify(token: text).refusal == refusal)
        for part in text.split(separator: ".") where part.count > 12 {
            #expect(refusal?.detail.contains(part) == false)
        }
    }

    private static let headers: [Attack] = [
        .header("alg none", .wrongAlgorithm, #"{"alg":"none"}"#),
        Attack(
            "alg none without a signature", .wrongAlgorithm,
            { try token(#"{"alg":"none"}"#, standardClaims, .text("")) }),
        .header("alg None", .wrongAlgorithm, #"{"alg":"None"}"#),
        .header("alg nOnE", .wrongAlgorithm, #"{"alg":"nOnE"}"#),
        .header("alg in lower case", .wrongAlgorithm, #"{"alg":"hs256"}"#),
        .header("alg with a space", .wrongAlgorithm, #"{"alg":"HS256 "}"#),
        .header("alg empty", .wrongAlgorithm, #"{"alg":""}"#),
        .header("alg of another family", .wrongAlgorithm, #"{"alg":"RS256"}"#),
        .header("alg of a larger hash", .badSignature, #"{"alg":"HS512"}"#),
        .header("alg of encryption", .wrongAlgorithm, #"{"alg":"A256KW"}"#),
        .header("alg missing", .malformed, #"{"typ":"JWT"}"#),
        .header("alg null", .malformed, #"{"alg":null}"#),
        .header("alg a list", .malformed, #"{"alg":["HS256","none"]}"#),
        .header("alg twice", .malformed, #"{"alg":"none","alg":"HS256"}"#),
        .header("alg twice, once escaped", .malformed, #"{"alg":"HS256","\u0061lg":"none"}"#),
        .header("crit", .malformed, #"{"alg":"HS256","crit":["exp"],"exp":1}"#),
        .header("crit empty", .malformed, #"{"alg":"HS256","crit":[]}"#),
        .header("b64 false", .malformed, #"{"alg":"HS256","b64":false}"#),
        .header(
            "embedded jwk", .malformed, #"{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}"#),
        .header("jku", .malformed, #"{"alg":"HS256","jku":"https://evil.example/jwks"}"#),
        .header("x5u", .malformed, #"{"alg":"HS256","x5u":"https://evil.example/x"}"#),
        .header("kid a number", .malformed, #"{"alg":"HS256","kid":1}"#),
        .header("header a list", .malformed, #"["HS256"]"#),
        .header("header no JSON", .malformed, "alg=HS256"),
        .header("header with something behind it", .malformed, #"{"alg":"HS256"}{}"#),
        .header("header with a byte order mark", .malformed, "\u{FEFF}{\"alg\":\"HS256\"}"),
        .header("header empty", .malformed, ""),
        .header(
            "header too deep", .malformed,
            #"{"alg":"HS256","x":"# + String(repeating: "[", count: 100) + "}"),
    ]

    private static let signatures: [Attack] = [
        Attack(
            "another secret", .badSignature,
            { try token(#"{"alg":"HS256"}"#, standardClaims, .hmac(.sha256, secret + [1])) }),
        Attack(
            "no signature", .badSignature,
            { try token(#"{"alg":"HS256"}"#, standardClaims, .text("")) }),
        Attack(
            "a cut signature", .badSignature,
            {
                let good = try token()
                return String(good.dropLast(23)) + ""
            }),
        Attack(
            "a signature with more behind it", .badSignature,
            {
                let good = try token()
                let parts = good.split(separator: ".")
                let bytes = try #require(Base64URL.bytes(parts[2].utf8))
                return "\(parts[0]).\(parts[1])." + Base64URL.text(bytes + [0])
            }),
        .key(
            "the public key in PEM as HMAC secret", .wrongAlgorithm, header: #"{"alg":"HS256"}"#,
            .hmac(.sha256, Array(KeyPair.rsa.publicPEM.utf8)), for: .rsa),
        .key(
            "the same with its last line break", .wrongAlgorithm, header: #"{"alg":"HS256"}"#,
            .hmac(.sha256, Array((KeyPair.rsa.publicPEM + "\n").utf8)), for: .rsa),
        Attack(
            "an RSA JWK without alg as empty secret", .wrongAlgorithm,
            { try token(#"{"alg":"HS256"}"#, standardClaims, .bytes([])) },
            with: { try policy(keys: try jwk(.rsa, "")) }),
        Attack(
            "an RSA JWK as HMAC secret", .wrongAlgorithm,
            {
                try token(
                    #"{"alg":"HS256","kid":"r"}"#, standardClaims,
                    .hmac(.sha256, Array(try jwk(.rsa, #""kid":"r""#).utf8)))
            },
            with: { try policy(keys: try jwk(.rsa, #""kid":"r""#)) }),
        .key(
            "PS256 said of an RS256 signature", .badSignature, header: #"{"alg":"PS256"}"#,
            .key(.rsa, .rs256), for: .rsa),
        .key(
            "RS256 said of a PS256 signature", .badSignature, header: #"{"alg":"RS256"}"#,
            .key(.rsa, .ps256), for: .rsa),
        .key(
            "RS512 said of an RS256 signature", .badSignature, header: #"{"alg":"RS512"}"#,
            .key(.rsa, .rs256), for: .rsa),
        Attack(
            "RS256 with a key for PS256 alone", .wrongAlgorithm,
            { try token(#"{"alg":"RS256"}"#, standardClaims, .key(.rsa, .rs256)) },
            with: { try policy(keys: try jwk(.rsa, #""alg":"PS256""#)) }),
        .key(
            "ES256 with the key of another", .badSignature, header: #"{"alg":"ES256"}"#,
            .key(.otherP256, .es256), for: .p256),
        .key(
            "ES256 with a key of P-384", .wrongAlgorithm, header: #"{"alg":"ES256"}"#,
            .key(.p256, .es256), for: .p384),
        .key(
            "ES384 said of P-256", .wrongAlgorithm, header: #"{"alg":"ES384"}"#,
            .key(.p256, .es256), for: .p256),
        .key(
            "an ES256 signature of zeros", .badSignature, header: #"{"alg":"ES256"}"#,
            .bytes([UInt8](repeating: 0, count: 64)), for: .p256),
        .key(
            "an ES256 signature of 63 bytes", .badSignature, header: #"{"alg":"ES256"}"#,
            .bytes([UInt8](repeating: 1, count: 63)), for: .p256),
        .key(
            "an ES256 signature of 65 bytes", .badSignature, header: #"{"alg":"ES256"}"#,
            .bytes([UInt8](repeating: 1, count: 65)), for: .p256),
        Attack(
            "an ES256 signature in DER", .badSignature,
            {
                let parts = try token(
                    #"{"alg":"ES256"}"#, standardClaims, .key(.p256, .es256)
                ).split(separator: ".")
                let raw = try #require(Base64URL.bytes(parts[2].utf8))
                let der = try #require(ECDSASignature.der(raw, size: 32))
                return "\(parts[0]).\(parts[1])." + Base64URL.text(der)
            }, with: { try policy(keys: KeyPair.p256.publicPEM) }),
        .key(
            "an empty ES256 signature", .badSignature, header: #"{"alg":"ES256"}"#, .bytes([]),
            for: .p256),
        .key(
            "an EdDSA signature of 63 bytes", .badSignature, header: #"{"alg":"EdDSA"}"#,
            .bytes([UInt8](repeating: 1, count: 63)), for: .ed25519),
        .key(
            "an EdDSA signature of zeros", .badSignature, header: #"{"alg":"EdDSA"}"#,
            .bytes([UInt8](repeating: 0, count: 64)), for: .ed25519),
        .key(
            "EdDSA with an RSA key", .wrongAlgorithm, header: #"{"alg":"EdDSA"}"#,
            .key(.ed25519, .edDSA), for: .rsa),
        .key(
            "an RSA signature of zeros", .badSignature, header: #"{"alg":"RS256"}"#,
            .bytes([UInt8](repeating: 0, count: 256)), for: .rsa),
        Attack(
            "an unknown kid", .unknownKey,
            { try token(#"{"alg":"ES256","kid":"b"}"#, standardClaims, .key(.p256, .es256)) },
            with: { try policy(keys: try jwk(.p256, #""kid":"a""#)) }),
        Attack(
            "a kid in another case", .unknownKey,
            { try token(#"{"alg":"ES256","kid":"A"}"#, standardClaims, .key(.p256, .es256)) },
            with: { try policy(keys: try jwk(.p256, #""kid":"a""#)) }),
        Attack(
            "a kid that is a path", .unknownKey,
            {
                try token(
                    #"{"alg":"HS256","kid":"../../dev/null"}"#, standardClaims,
                    .hmac(.sha256, [0]))
            }, with: { try policy(keys: try jwk(.p256, #""kid":"a""#)) }),
        Attack(
            "another normal form of a kid", .unknownKey,
            {
                try token(
                    "{\"alg\":\"ES256\",\"kid\":\"e\u{301}\"}", standardClaims,
                    .key(.p256, .es256))
            }, with: { try policy(keys: try jwk(.p256, "\"kid\":\"\u{E9}\"")) }),
        Attack(
            "one source's kid with another source's key", .badSignature,
            { try token(#"{"alg":"ES256","kid":"a"}"#, standardClaims, .key(.p256, .es256)) },
            with: {
                try policy(
                    keys: try jwk(.otherP256, #""kid":"a""#), try jwk(.p256, #""kid":"b""#))
            }),
        Attack(
            "a JWT for a hub with API keys alone", .unknownKey, { try token() },
            with: {
                var policy = AccessPolicy()
                policy.apiKeys = APIKeySet()
                return policy
            }),
        .text("an API key that is none", .unknownKey, "mk_AAAA"),
    ]
}
