import TestSupport
import Testing

@testable import Access

@Suite(.timeLimit(.minutes(5)))
struct `A set of keys` {
    @Test func `has every key in it that can be used`() throws {
        let keys = [
            try jwk(.rsa, #""kid":"a","alg":"RS256""#), try jwk(.p256, #""kid":"b""#),
            try jwk(.p384, #""use":"sig","key_ops":["verify"]"#), try jwk(.ed25519, ""),
            #"{"kty":"oct","k":"\#(Base64URL.text(secret))"}"#,
        ]
        let set = try KeySet(
            file: Array(" {\"keys\":[\(keys.joined(separator: ","))],\"x\":1}\n".utf8))
        #expect(set.keys.map(\.type) == [.rsa, .p256, .p384, .ed25519, .secret])
        #expect(set.keys.map(\.id) == ["a", "b", nil, nil, nil])
        #expect(set.notes == [])
    }

    /// A key that cannot be used, and a word of the note about it.
    private static func unusable() throws -> [(jwk: String, word: String)] {
        let short = Base64URL.text(Array("short".utf8))
        return [
            (try jwk(.rsa, #""use":"enc""#), "use"),
            (try jwk(.rsa, #""key_ops":["sign"]"#), "key_ops"),
            (try jwk(.rsa, #""alg":"RSA-OAEP""#), "alg"),
            (try jwk(.rsa, #""alg":"HS256""#), "HS256"),
            (try jwk(.p256, #""alg":"ES384""#), "ES384"), (try jwk(.rsa, #""kid":1"#), "kid"),
            (#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, "bits"),
            (#"{"kty":"RSA","e":"AQAB"}"#, "no n"),
            (try jwk(.rsa, "").replacing(#""e":"AQAB""#, with: #""e":"AQ""#), "numbers"),
            (try jwk(.rsa, "").replacing(#""e":"AQAB""#, with: #""e":"AQAC""#), "numbers"),
            (try jwk(.rsa, "").replacing(#""e":"AQAB""#, with: #""e":"AQAB=""#), "base64url"),
            (try jwk(.p256, "").replacing("P-256", with: "P-384"), "48 bytes"),
            (try jwk(.p256, "").replacing("P-256", with: "secp256k1"), "crv"),
            (
                #"{"kty":"EC","crv":"P-256","x":"\#(Base64URL.text([UInt8](repeating: 1, count: 32)))","y":"\#(Base64URL.text([UInt8](repeating: 2, count: 32)))"}"#,
                "no public key"
            ),
            (#"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#, "crv"),
            (#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#, "32 bytes"),
            (#"{"kty":"oct","k":""}"#, "empty"), (#"{"kty":"oct"}"#, "no k"),
            (
                #"{"kty":"oct","k":"\#(Base64URL.text(Array(KeyPair.rsa.publicPEM.utf8)))"}"#,
                "text of a key"
            ),
            (#"{"kty":"oct","k":"\#(short)","alg":"RS256"}"#, "RS256"), (#"{"kty":"AKP"}"#, "kty"),
            ("{}", "kty"),
        ]
    }

    @Test func `leaves out each key that cannot be used, and says why`() throws {
        for (jwk, word) in try Self.unusable() {
            let good = try AccessTests.jwk(.ed25519, #""kid":"good""#)
            let set = try KeySet(file: Array(#"{"keys":[\#(jwk),\#(good)]}"#.utf8))
            #expect(set.keys.map(\.id) == ["good"], "\(jwk)")
            #expect(set.notes.count == 1)
            #expect(set.notes.first?.contains(word) == true, "\(set.notes)")
            // Alone it makes the set useless, which is said as well.
            let fault = #expect(throws: KeyFault.self) {
                try KeySet(file: Array(#"{"keys":[\#(jwk)]}"#.utf8))
            }
            #expect(fault?.description.contains(word) == true)
            #expect(
                try KeySet(json: Array(#"{"keys":[\#(jwk)]}"#.utf8), allowsNone: true).keys.isEmpty)
        }
    }

    @Test func `notes private keys and short secrets`() throws {
        let set = try KeySet(
            file: Array(
                #"{"keys":[\#(try jwk(.rsa, #""kid":"p","d":"AAAA""#)),{"kty":"oct","k":"AAAA"}]}"#
                    .utf8))
        #expect(set.keys.count == 2)
        #expect(set.notes.count == 2)
        #expect(set.notes.first?.contains("private") == true)
        #expect(set.notes.last?.contains("3 bytes") == true)
    }

    @Test func `is read from PEM`() throws {
        let text =
            "Some words.\n" + KeyPair.rsa.publicPEM + "\n\n" + KeyPair.p256.publicPEM + "\r\n"
            + KeyPair.ed25519.publicPEM
        let set = try KeySet(file: Array(text.utf8))
        #expect(set.keys.map(\.type) == [.rsa, .p256, .ed25519])
    }

    @Test(arguments: [
        ("", "empty"), (" \n", "empty"), ("secret", "neither"), ("[]", "neither"),
        ("{", "not valid JSON"), ("{}", "neither keys nor kty"), (#"{"keys":{}}"#, "array"),
        (#"{"keys":[1]}"#, "object"), (#"{"keys":[]}"#, "no keys"),
        (#"{"keys":[],"keys":[]}"#, "twice"), (#"{"kty":"oct","kty":"oct"}"#, "twice"),
        (#"{"keys":[{"kty":"oct","kty":"oct"}]}"#, "twice"),
        (KeyPair.weakRSA.publicPEM, "1024"), (KeyPair.p521.publicPEM, "secp521r1"),
        (KeyPair.rsa.privatePEM, "private key"),
        (KeyPair.rsa.publicPEM + "\n" + KeyPair.rsa.privatePEM, "private key"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate"),
        ("-----BEGIN PUBLIC KEY-----\n", "no keys"),
    ])
    func `is refused with a reason when it is none`(file: String, word: String) {
        let fault = #expect(throws: KeyFault.self) { try KeySet(file: Array(file.utf8)) }
        #expect(fault?.description.contains(word) == true, "\(fault?.description ?? "")")
    }

    @Test(arguments: [
        ("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"),
        ("s3cret\n\n", "s3cret\n"), (" s ", " s "), ("\n\n", "\n"),
    ])
    func `of a secret's file has all but the last line break`(file: String, secret: String) throws {
        #expect(try Secret.read(Array(file.utf8)) == Array(secret.utf8))
    }

    @Test(arguments: [
        "", "\n", "\r\n", KeyPair.rsa.publicPEM, "\n " + KeyPair.p256.publicPEM,
        "ssh-ed25519 AAAA", #"{"kty":"oct","k":"AAAA"}"#, #" {"keys":[{"kty":"RSA"}]}"#,
    ])
    func `takes no secret that everybody knows`(file: String) {
        #expect(throws: KeyFault.self) { try KeySet(secretFile: Array(file.utf8)) }
    }

    @Test func `in Base64URL has one text for each byte string`() {
        var numbers = SeededNumbers(seed: 5)
        for count in 0..<100 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            let text = Base64URL.text(bytes)
            #expect(Base64URL.bytes(text.utf8) == bytes)
        }
        for text in ["A", "AB", "AAB", "AA=", "AA==", "A A", "+/", "AAAAA", "\u{E9}AAA"] {
            #expect(Base64URL.bytes(text.utf8) == nil, "\(text)")
        }
    }

    @Test func `of API keys comes back from its file as it was`() throws {
        var set = APIKeySet()
        let grants = Grants(
            subscribe: PatternSet(["a:\"\u{E9}", "b:*"]), publish: .all, jobs: [.work],
            isAdmin: true)
        for (name, expires) in [("a", nil), ("b", now + 5), ("c", nil)] as [(String, Int?)] {
            let row = APIKey.make(name: name, grants: grants, created: now, expires: expires).row
            let isNew = set.add(row)
            let isTwice = set.add(row)
            #expect(isNew && !isTwice)
        }
        let isRevoked = set.revoke("c", at: now + 1)
        #expect(isRevoked)
        let read = try APIKeySet(file: set.file)
        #expect(read == set)
        #expect(read.rows.map(\.revoked) == [nil, nil, now + 1])
        #expect(try APIKeySet(file: Array("\n \n".utf8)).rows.isEmpty)
    }

    private static let hash = String(repeating: "0", count: 64)

    @Test(arguments: [
        "x", "[]", #"{"name":"a"}"#, #"{"sha256":"\#(hash)"}"#, #"{"name":"a","sha256":"00"}"#,
        #"{"name":"a b","sha256":"\#(hash)"}"#, #"{"name":"","sha256":"\#(hash)"}"#,
        #"{"name":"a","sha256":"\#(String(repeating: "A", count: 64))"}"#,
        #"{"name":"a","sha256":"\#(hash)","publish":"*"}"#,
        #"{"name":"a","sha256":"\#(hash)","publish":["{sub}"]}"#,
        #"{"name":"a","sha256":"\#(hash)","expires":5}"#,
        #"{"name":"a","sha256":"\#(hash)","expires":"tomorrow"}"#,
        #"{"name":"a","sha256":"\#(hash)","grants":{}}"#,
        #"{"name":"a","name":"b","sha256":"\#(hash)"}"#,
        #"{"name":"a","sha256":"\#(hash)"}{}"#,
        "{\"name\":\"a\",\"sha256\":\"\(hash)\"}\n{\"name\":\"b\",\"sha256\":\"\(hash)\"}",
        "{\"name\":\"a\",\"sha256\":\"\(hash)\"}\n{\"name\":\"a\",\"sha256\":\"1\(hash.dropLast())\"}",
    ])
    func `of API keys is refused whole when a line is wrong`(file: String) {
        #expect(throws: APIKeySet.Fault.self) { try APIKeySet(file: Array(file.utf8)) }
    }
}
