internal import COpenSSL
internal import JSON

/// Makes tokens, for `martlet token mint`; a hub itself makes none.
package struct TokenSigner {
    private let material: Material
    /// The algorithms that the key can be used with.
    package let algorithms: [TokenAlgorithm]

    private enum Material {
        case secret([UInt8])
        case key(PrivateKey)
    }

    /// Reads the file of a secret.
    ///
    /// - Throws: `KeyFault` for an empty one, and for one that is the text of a public key.
    package init(secretFile: [UInt8]) throws(KeyFault) {
        material = .secret(try Secret.read(secretFile))
        algorithms = TokenAlgorithm.allCases.filter { $0.keyType == .secret }
    }

    /// Reads a private key in PEM, without a passphrase.
    ///
    /// - Throws: `KeyFault` for what is none, and for a key that no algorithm has.
    package init(privateKeyFile: [UInt8]) throws(KeyFault) {
        let key = try PrivateKey(pem: privateKeyFile)
        material = .key(key)
        algorithms = TokenAlgorithm.allCases.filter { $0.keyType == key.type }
    }

    /// Returns the token with these claims.
    ///
    /// - Parameters:
    ///   - claims: A JSON object.
    ///   - algorithm: One of `algorithms`.
    ///   - keyID: The `kid` of the header.
    /// - Returns: the token's compact form.
    /// - Throws: `KeyFault` when OpenSSL cannot sign with the key.
    package func token(
        claims: [UInt8], algorithm: TokenAlgorithm, keyID: String?
    ) throws(KeyFault) -> String {
        var header = JSONWriter()
        header.beginObject()
        header.member("alg", algorithm.rawValue)
        header.member("typ", "JWT")
        if let keyID { header.member("kid", keyID) }
        header.endObject()
        let signed = Base64URL.text(header.bytes) + "." + Base64URL.text(claims)
        let data = Array(signed.utf8)
        let signature: [UInt8]
        switch (material, algorithm.digest) {
        case (.secret(let secret), let digest?):
            signature = Crypto.hmac(digest, secret: secret, data: data)
        case (.secret, nil): throw KeyFault("a secret cannot sign with EdDSA")
        case (.key(let key), _): signature = try key.sign(data, by: algorithm)
        }
        return signed + "." + Base64URL.text(signature)
    }
}

/// A private key that tokens are signed with.
@safe final class PrivateKey {
    private let key: OpaquePointer
    let type: KeyType

    init(pem: [UInt8]) throws(KeyFault) {
        let read = unsafe pem.withUnsafeBufferPointer {
            unsafe openssl_private_key($0.baseAddress, $0.count)
        }
        guard let key = unsafe read else {
            throw KeyFault("it is no private key in PEM without a passphrase")
        }
        do throws(KeyFault) { type = try unsafe PublicKey.type(of: key) } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
        unsafe self.key = key
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// Signs as a token wants it.
    func sign(_ data: [UInt8], by algorithm: TokenAlgorithm) throws(KeyFault) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 2048)
        var count = signature.count
        let done = unsafe signature.withUnsafeMutableBufferPointer { signature in
            unsafe data.withUnsafeBufferPointer { data in
                if let digest = algorithm.digest {
                    unsafe openssl_sign(
                        key, digest.rawValue, algorithm.isPSS ? 1 : 0, signature.baseAddress,
                        &count, data.baseAddress, data.count)
                } else {
                    unsafe openssl_sign(
                        key, nil, 0, signature.baseAddress, &count, data.baseAddress, data.count)
                }
            }
        }
        guard done == 1 else {
            throw KeyFault("OpenSSL cannot sign with it by \(algorithm.rawValue)")
        }
        let made = Array(signature.prefix(count))
        guard let size = algorithm.halfSize else { return made }
        guard let raw = ECDSASignature.raw(made, size: size) else {
            throw KeyFault("OpenSSL's signature has another form than expected")
        }
        return raw
    }
}
