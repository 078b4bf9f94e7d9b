import Testing

@testable import Access

/// The time at which all tests look: seconds since 1970.
let now = 1_800_000_000

/// The secret of the tests' HMACs.
let secret = Array("0123456789abcdef0123456789abcdef".utf8)

/// Who signs a test's token, and how.
enum Signature: Sendable {
    case hmac(Crypto.Digest, [UInt8])
    case key(KeyPair, TokenAlgorithm)
    case bytes([UInt8])
    /// The text of the third part, as it is.
    case text(String)

    static let hs256 = Signature.hmac(.sha256, secret)
}

/// A token whose header and claims are these texts, right or not.
func token(
    _ header: String = #"{"alg":"HS256"}"#, _ claims: String = standardClaims,
    _ signature: Signature = .hs256
) throws -> String {
    let signed = Base64URL.text(Array(header.utf8)) + "." + Base64URL.text(Array(claims.utf8))
    return signed + "." + (try third(signed, signature))
}

/// The third part of a token.
func third(_ signed: String, _ signature: Signature) throws -> String {
    let data = Array(signed.utf8)
    switch signature {
    case .hmac(let digest, let secret):
        return Base64URL.text(Crypto.hmac(digest, secret: secret, data: data))
    case .key(let pair, let algorithm):
        let key = try PrivateKey(pem: Array(pair.privatePEM.utf8))
        return Base64URL.text(try key.sign(data, by: algorithm))
    case .bytes(let bytes): return Base64URL.text(bytes)
    case .text(let text): return text
    }
}

let standardClaims = #"{"sub":"7","exp":1800000100}"#

/// Claims with these members besides a good `exp`.
func claims(_ members: String) -> String { #"{"exp":1800000100,\#(members)}"# }

/// A policy with the tests' secret.
func policy(_ change: (inout AccessPolicy) -> Void = { _ in }) -> AccessPolicy {
    var policy = AccessPolicy()
    policy.tokenKeys = TokenKeys([
        TokenKeys.Source(
            name: "secret",
            keys: KeySet(keys: [try? VerificationKey(id: nil, secret: secret)].compactMap(\.self)))
    ])
    change(&policy)
    return policy
}

/// A policy with the keys of these files alone.
func policy(keys files: String...) throws -> AccessPolicy {
    var policy = AccessPolicy()
    policy.tokenKeys = TokenKeys(
        try files.enumerated().map { index, file in
            TokenKeys.Source(name: "file\(index)", keys: try KeySet(file: Array(file.utf8)))
        })
    return policy
}

extension AccessControl {
    /// Identifies the sender of a token.
    func identify(token: String, at time: Int = now, mayFetch: Bool = true) -> Decision {
        identify(Presented(authorization: "Bearer \(token)"), at: time, mayFetch: mayFetch)
    }
}

extension AccessControl.Decision {
    var identity: Identity? { if case .identified(let identity) = self { identity } else { nil } }
    var refusal: Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
    var sources: [String]? { if case .needsKeys(let sources) = self { sources } else { nil } }
}

/// The JWK of a pair's public key, with members besides.
func jwk(_ pair: KeyPair, _ members: String) throws -> String {
    let block = try #require(PEM.blocks(of: Array(pair.publicPEM.utf8)).first)
    let type = try PublicKey(subjectPublicKeyInfo: block.bytes).type
    let parts: String
    switch type {
    case .p256, .p384:
        let size = type == .p256 ? 32 : 48
        let point = Array(block.bytes.suffix(size * 2))
        parts =
            #""kty":"EC","crv":"\#(type == .p256 ? "P-256" : "P-384")","#
            + #""x":"\#(Base64URL.text(Array(point.prefix(size))))","#
            + #""y":"\#(Base64URL.text(Array(point.suffix(size))))""#
    case .ed25519:
        let x = Base64URL.text(Array(block.bytes.suffix(32)))
        parts = #""kty":"OKP","crv":"Ed25519","x":"\#(x)""#
    default:
        // The modulus of a key of 2048 bits stands before the exponent 65537: 02 03 01 00 01.
        let modulus = Array(block.bytes.dropLast(5).suffix(256))
        parts = #""kty":"RSA","n":"\#(Base64URL.text(modulus))","e":"AQAB""#
    }
    return "{\(parts)\(members.isEmpty ? "" : ",")\(members)}"
}
