import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5)))
struct `A token` {
    private static let pairs: [(TokenAlgorithm, KeyPair)] = [
        (.rs256, .rsa), (.rs384, .rsa), (.rs512, .rsa), (.ps256, .rsa), (.ps384, .rsa),
        (.ps512, .rsa), (.es256, .p256), (.es384, .p384), (.edDSA, .ed25519),
    ]

    @Test(arguments: pairs)
    func `of every algorithm is accepted with its key in PEM and as a JWK`(
        algorithm: TokenAlgorithm, pair: KeyPair
    ) throws {
        let text = try token(
            #"{"alg":"\#(algorithm.rawValue)","typ":"JWT"}"#, standardClaims,
            .key(pair, algorithm))
        let jwk = try jwk(pair, #""alg":"\#(algorithm.rawValue)","use":"sig""#)
        for file in [pair.publicPEM, jwk, #"{"keys":[\#(jwk)]}"#] {
            let control = AccessControl(try policy(keys: file))
            #expect(control.identify(token: text).identity?.subject == "7")
        }
    }

    @Test(arguments: [Crypto.Digest.sha256, .sha384, .sha512])
    func `of every HMAC is accepted`(digest: Crypto.Digest) throws {
        let name = digest.rawValue.replacing("SHA", with: "HS")
        let text = try token(#"{"alg":"\#(name)"}"#, standardClaims, .hmac(digest, secret))
        let control = AccessControl(policy())
        #expect(control.identify(token: text).identity?.subject == "7")
    }

    @Test func `of RFC 7515, A.1, is verified`() throws {
        let key =
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
        let text =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let control = AccessControl(try policy(keys: #"{"kty":"oct","k":"\#(key)"}"#))
        #expect(control.identify(token: text, at: 1_300_819_379).identity != nil)
        #expect(control.identify(token: text, at: now).refusal?.reason == .expired)
    }

    @Test func `with the signature of RFC 8037, A.4, is verified`() throws {
        let jwk =
            #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
        let keys = TokenKeys([
            TokenKeys.Source(name: "rfc", keys: try KeySet(file: Array(jwk.utf8)))
        ])
        let text =
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
            + ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        #expect(throws: Never.self) { try keys.verify(try Token(text), mayFetch: false) }
    }

    @Test(arguments: [
        ("1800000100", 1_800_000_100), ("1800000100.5", 1_800_000_101),
        ("1.8000001e9", 1_800_000_100), ("1e300", 253_402_300_799),
        ("18000001000000000000000", 253_402_300_799),
    ])
    func `ends at its date, however that is written`(date: String, end: Int) throws {
        let text = try token(#"{"alg":"HS256"}"#, #"{"exp":\#(date)}"#)
        let identity = AccessControl(policy()).identify(token: text).identity
        #expect(identity?.expires == end)
        #expect(identity?.end(openedAt: end - 1) == end)
        #expect(identity?.end(openedAt: end) == end + 30)
    }

    @Test func `is good to the last second of the leeway`() throws {
        let control = AccessControl(policy())
        let text = try token(#"{"alg":"HS256"}"#, #"{"exp":1800000000,"nbf":1799999000}"#)
        #expect(control.identify(token: text, at: now + 29).identity != nil)
        #expect(control.identify(token: text, at: now + 30).refusal?.reason == .expired)
        #expect(control.identify(token: text, at: 1_799_998_970).identity != nil)
        #expect(control.identify(token: text, at: 1_799_998_969).refusal?.reason == .notYet)
    }

    @Test func `without an end is good for ever where that is allowed`() throws {
        let text = try token(#"{"alg":"HS256"}"#, #"{"sub":"a"}"#)
        let control = AccessControl(policy { $0.tokenRules.allowsNoExpiry = true })
        let identity = control.identify(token: text).identity
        #expect(identity?.subject == "a")
        #expect(identity?.end(openedAt: now) == nil)
    }

    @Test(arguments: [
        #""iss":"https://a.example","aud":"hub""#,
        #""iss":"https://a.example","aud":["x","hub"]"#,
    ])
    func `of the right issuer for the hub is accepted`(members: String) throws {
        let control = AccessControl(
            policy {
                $0.tokenRules.issuer = "https://a.example"
                $0.tokenRules.audience = "hub"
            })
        let text = try token(#"{"alg":"HS256"}"#, claims(members))
        #expect(control.identify(token: text).identity != nil)
    }

    @Test func `with a kid that no key has is tried with the keys that have none`() throws {
        let control = AccessControl(policy())
        let text = try token(#"{"alg":"HS256","kid":"backend-1"}"#)
        #expect(control.identify(token: text).identity != nil)
    }

    @Test func `of one source is verified although another has a key of the same kid`() throws {
        let first = try jwk(.p256, #""kid":"k""#)
        let second = try jwk(.otherP256, #""kid":"k""#)
        let control = AccessControl(try policy(keys: first, second))
        for pair in [KeyPair.p256, .otherP256] {
            let text = try token(
                #"{"alg":"ES256","kid":"k"}"#, standardClaims, .key(pair, .es256))
            #expect(control.identify(token: text).identity != nil)
        }
        // A source that replaces its keys does not touch the other's.
        _ = control.update { $0.tokenKeys.replace(KeySet(), of: "file1") }
        for (pair, isGood) in [(KeyPair.p256, true), (.otherP256, false)] {
            let text = try token(
                #"{"alg":"ES256","kid":"k"}"#, standardClaims, .key(pair, .es256))
            #expect((control.identify(token: text).identity != nil) == isGood)
        }
    }

    @Test func `with a kid that a remote source may have by now asks for its keys`() throws {
        let control = AccessControl(
            policy { policy in
                let remote = TokenKeys.Source(name: "https://a.example/jwks", isRemote: true)
                policy.tokenKeys = TokenKeys([remote])
            })
        let text = try token(
            #"{"alg":"ES256","kid":"k"}"#, standardClaims, .key(.p256, .es256))
        #expect(control.identify(token: text).sources == ["https://a.example/jwks"])
        #expect(
            control.identify(token: text, mayFetch: false).refusal?.reason == .unknownKey)
        let keys = try KeySet(file: Array(try jwk(.p256, #""kid":"k""#).utf8))
        _ = control.update { $0.tokenKeys.replace(keys, of: "https://a.example/jwks") }
        #expect(control.identify(token: text).identity?.subject == "7")
        // A known kid with a wrong signature is no reason to fetch.
        let forged = try token(
            #"{"alg":"ES256","kid":"k"}"#, standardClaims, .key(.otherP256, .es256))
        #expect(control.identify(token: forged).refusal?.reason == .badSignature)
    }

    @Test(arguments: pairs)
    func `that the hub's own command makes is accepted`(
        algorithm: TokenAlgorithm, pair: KeyPair
    ) throws {
        let signer = try TokenSigner(privateKeyFile: Array(pair.privatePEM.utf8))
        #expect(signer.algorithms.contains(algorithm))
        let text = try signer.token(
            claims: Array(standardClaims.utf8), algorithm: algorithm, keyID: "a")
        let control = AccessControl(try policy(keys: pair.publicPEM))
        #expect(control.identify(token: text).identity?.subject == "7")
    }
}
