/// A key that signatures of tokens are verified with, and what it may be used for.
package struct VerificationKey: Sendable {
    /// The `kid`; `nil` for a key without one.
    package let id: String?
    package let type: KeyType
    /// The one algorithm that the key names; `nil` when all of its type are allowed.
    package let algorithm: TokenAlgorithm?
    private let material: Material

    private enum Material: Sendable {
        case secret([UInt8])
        case key(PublicKey)
    }

    package init(id: String?, key: PublicKey, algorithm: TokenAlgorithm? = nil) {
        self.id = id
        type = key.type
        self.algorithm = algorithm
        material = .key(key)
    }

    /// Takes a secret for HMAC.
    ///
    /// - Throws: `KeyFault` for an empty one, and for one that is the text of a public key.
    package init(
        id: String?, secret: [UInt8], algorithm: TokenAlgorithm? = nil
    ) throws(KeyFault) {
        try Secret.check(secret)
        self.id = id
        type = .secret
        self.algorithm = algorithm
        material = .secret(secret)
    }

    /// Returns whether tokens with the algorithm can be verified with this key.
    ///
    /// The key decides: a public key is never a secret, whatever a token's header says.
    func allows(_ algorithm: TokenAlgorithm) -> Bool {
        algorithm.keyType == type && (self.algorithm ?? algorithm) == algorithm
    }

    /// Returns whether a signature over `data` is right.
    func verifies(_ signature: [UInt8], of data: [UInt8], by algorithm: TokenAlgorithm) -> Bool {
        guard allows(algorithm) else { return false }
        switch material {
        case .secret(let secret):
            guard let digest = algorithm.digest else { return false }
            return Crypto.isEqual(
                Crypto.hmac(digest, secret: secret, data: data), signature)
        case .key(let key): return key.verifies(signature, of: data, by: algorithm)
        }
    }
}

/// The rules of a secret that a hub and a backend share.
package enum Secret {
    /// The bytes below which a secret should be replaced: what RFC 7518, 3.2, asks for HS256.
    package static let recommendedCount = 32

    /// Returns the secret of a file, whose last line break is no part of it.
    ///
    /// - Throws: `KeyFault` for an empty one, and for one that is the text of a public key.
    package static func read(_ file: [UInt8]) throws(KeyFault) -> [UInt8] {
        var secret = file
        if secret.last == UInt8(ascii: "\n") { secret.removeLast() }
        if secret.last == UInt8(ascii: "\r") { secret.removeLast() }
        try check(secret)
        return secret
    }

    /// Refuses what everybody may know: nothing at all, and the text of a key that is public.
    static func check(_ secret: [UInt8]) throws(KeyFault) {
        guard !secret.isEmpty else { throw KeyFault("it is empty") }
        let text = String(decoding: secret, as: UTF8.self)
        let start = text.drop { $0.isWhitespace }
        guard !start.hasPrefix("-----BEGIN"), !start.hasPrefix("ssh-"), !start.hasPrefix("ecdsa-")
        else {
            throw KeyFault("it is the text of a key or certificate and no secret")
        }
        if start.hasPrefix("{"), start.contains("\"kty\"") {
            throw KeyFault("it is a JWK and no secret")
        }
    }
}
