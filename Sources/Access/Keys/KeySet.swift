internal import JSON

/// The keys of one source: a file or a URL.
package struct KeySet: Sendable {
    package private(set) var keys: [VerificationKey]
    /// A sentence about each key that was left out or that should be changed.
    package private(set) var notes: [String] = []

    /// The most keys of a source, so that no token makes the hub try more.
    package static let maximumKeys = 100

    package init(keys: [VerificationKey] = []) { self.keys = keys }

    /// Reads a file: public keys in PEM, a JWK Set or one JWK.
    ///
    /// - Throws: `KeyFault` for a file of another kind, and for one without a key that can be used.
    package init(file: [UInt8]) throws(KeyFault) {
        let start = file.first { ![9, 10, 13, 32].contains($0) }
        if start == UInt8(ascii: "{") {
            try self.init(json: file)
        } else if String(decoding: file, as: UTF8.self).contains("-----BEGIN ") {
            try self.init(pem: file)
        } else if start == nil {
            throw KeyFault("it is empty")
        } else {
            throw KeyFault("it is neither PEM nor a JWK Set")
        }
    }

    /// Reads a JWK Set or one JWK (RFC 7517).
    ///
    /// Keys that cannot be used are left out with a note.
    ///
    /// - Parameters:
    ///   - json: The text.
    ///   - allowsNone: Whether a set may have no key that can be used, as that of an issuer which
    ///     has withdrawn all of them.
    /// - Throws: `KeyFault` for what is none, and for a set without a key that can be used.
    package init(json: [UInt8], allowsNone: Bool = false) throws(KeyFault) {
        self.init()
        let parts: [JSONWebKey]
        do throws(InputError) { parts = try JSONWebKey.all(in: json) } catch {
            throw KeyFault(
                error.kind == .malformed ? "it is not valid JSON" : "\(error)")
        }
        guard parts.count <= Self.maximumKeys else {
            throw KeyFault("it has more than \(Self.maximumKeys) keys")
        }
        for (index, part) in parts.enumerated() {
            let name = part.name ?? "number \(index + 1)"
            do throws(KeyFault) {
                keys.append(try part.key())
                if part.isPrivate {
                    notes.append(
                        "Key \(name) is a private key; the hub needs its public part only.")
                }
                noteShortSecret(part.secretCount, name)
            } catch {
                notes.append("Key \(name) is left out: \(error).")
            }
        }
        if !allowsNone { try requireKeys() }
    }

    /// Reads public keys in PEM, one behind the other.
    ///
    /// - Throws: `KeyFault` for a key that cannot be used.
    init(pem: [UInt8]) throws(KeyFault) {
        self.init()
        for block in PEM.blocks(of: pem) {
            switch block.name {
            case "PUBLIC KEY":
                keys.append(
                    VerificationKey(
                        id: nil, key: try PublicKey(subjectPublicKeyInfo: block.bytes)))
            case "RSA PUBLIC KEY":
                keys.append(
                    VerificationKey(id: nil, key: try PublicKey(rsaPublicKey: block.bytes)))
            case let name where name.hasSuffix("PRIVATE KEY"):
                throw KeyFault(
                    "it has a private key; give the hub the public one only "
                        + "(openssl pkey -in FILE -pubout)")
            case "CERTIFICATE":
                throw KeyFault(
                    "it has a certificate; take the key out of it "
                        + "(openssl x509 -in FILE -noout -pubkey)")
            default: notes.append("A block \(block.name) is left out: it is no public key.")
            }
        }
        guard keys.count <= Self.maximumKeys else {
            throw KeyFault("it has more than \(Self.maximumKeys) keys")
        }
        try requireKeys()
    }

    /// Takes the one secret of a file.
    ///
    /// - Throws: `KeyFault` for an empty one, and for one that is the text of a public key.
    package init(secretFile: [UInt8]) throws(KeyFault) {
        let secret = try Secret.read(secretFile)
        self.init(keys: [try VerificationKey(id: nil, secret: secret)])
        noteShortSecret(secret.count, "of the file")
    }

    private mutating func noteShortSecret(_ count: Int?, _ name: String) {
        guard let count, count < Secret.recommendedCount else { return }
        notes.append(
            "Secret \(name) has \(count) bytes and can be guessed from one token; "
                + "\(Secret.recommendedCount) random bytes cannot.")
    }

    private func requireKeys() throws(KeyFault) {
        guard keys.isEmpty else { return }
        throw KeyFault(
            notes.isEmpty
                ? "it has no keys"
                : "none of its keys can be used. " + notes.prefix(3).joined(separator: " "))
    }
}
