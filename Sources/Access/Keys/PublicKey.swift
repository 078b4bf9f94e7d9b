internal import COpenSSL

/// A public key that tokens can be verified with.
///
/// Unchecked, because the one stored property is a pointer: it is set once, freed with the last
/// reference, and all that is called with it only reads the key, which OpenSSL 3 allows on several
/// threads (openssl-threads(7)).
@safe package final class PublicKey: @unchecked Sendable {
    private let key: OpaquePointer
    package let type: KeyType

    /// Takes a key over, which is freed here if it cannot be used.
    private init(owning key: OpaquePointer?) throws(KeyFault) {
        guard let key = unsafe key else {
            throw KeyFault("it is no public key that OpenSSL can read")
        }
        do throws(KeyFault) {
            type = try unsafe Self.type(of: key)
            guard unsafe openssl_is_sound(key) == 1 else {
                throw KeyFault("its numbers are not those of a \(type.name) key")
            }
        } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
        unsafe self.key = key
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Reads the DER of a SubjectPublicKeyInfo.
    ///
    /// - Throws: `KeyFault` for other bytes, and for a key that no accepted algorithm has.
    package convenience init(subjectPublicKeyInfo der: [UInt8]) throws(KeyFault) {
        let key = unsafe der.withUnsafeBufferPointer {
            unsafe openssl_public_key($0.baseAddress, $0.count)
        }
        try unsafe self.init(owning: key)
    }

    /// Reads the DER of an RSAPublicKey, what PEM calls RSA PUBLIC KEY.
    convenience init(rsaPublicKey der: [UInt8]) throws(KeyFault) {
        let key = unsafe der.withUnsafeBufferPointer {
            unsafe openssl_rsa_public_key($0.baseAddress, $0.count)
        }
        try unsafe self.init(owning: key)
    }

    static func type(of key: OpaquePointer) throws(KeyFault) -> KeyType {
        if unsafe openssl_is_a(key, "RSA") == 1 {
            let bits = unsafe Int(openssl_bits(key))
            guard bits >= 2048 else {
                throw KeyFault("it is an RSA key of \(bits) bits, and 2048 are the least")
            }
            guard bits <= 16384 else {
                throw KeyFault("it is an RSA key of \(bits) bits, and 16384 are the most")
            }
            return .rsa
        }
        if unsafe openssl_is_a(key, "ED25519") == 1 { return .ed25519 }
        guard unsafe openssl_is_a(key, "EC") == 1 else {
            throw KeyFault("it is neither an RSA, nor an EC, nor an Ed25519 key")
        }
        var name = [CChar](repeating: 0, count: 64)
        unsafe name.withUnsafeMutableBufferPointer { unsafe openssl_curve(key, $0.baseAddress) }
        let curve = String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        switch curve {
        case "prime256v1": return .p256
        case "secp384r1": return .p384
        default: throw KeyFault("it is a key of the curve \(curve), not of P-256 or P-384")
        }
    }

    /// Returns whether a token's signature over `data` is right, by an algorithm that the key's
    /// type allows.
    func verifies(_ signature: [UInt8], of data: [UInt8], by algorithm: TokenAlgorithm) -> Bool {
        var signature = signature
        if let size = algorithm.halfSize {
            guard let der = ECDSASignature.der(signature, size: size) else { return false }
            signature = der
        } else if type == .ed25519, signature.count != 64 {
            return false
        }
        return unsafe signature.withUnsafeBufferPointer { signature in
            unsafe data.withUnsafeBufferPointer { data in
                if let digest = algorithm.digest {
                    unsafe openssl_verify(
                        key, digest.rawValue, algorithm.isPSS ? 1 : 0, signature.baseAddress,
                        signature.count, data.baseAddress, data.count) == 1
                } else {
                    unsafe openssl_verify(
                        key, nil, 0, signature.baseAddress, signature.count, data.baseAddress,
                        data.count) == 1
                }
            }
        }
    }
}

/// The kind of a key, which decides on the algorithms that it can be used with.
package enum KeyType: Sendable, Hashable {
    case secret
    case rsa
    case p256
    case p384
    case ed25519

    /// The name in a message.
    package var name: String {
        switch self {
        case .secret: "secret"
        case .rsa: "RSA"
        case .p256: "EC P-256"
        case .p384: "EC P-384"
        case .ed25519: "Ed25519"
        }
    }
}

/// The reason why a key cannot be used, in words that follow "the key cannot be used: ".
package struct KeyFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
