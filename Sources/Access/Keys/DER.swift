/// The little of DER (ITU-T X.690) that keys and ECDSA signatures need, written.
enum DER {
    /// Returns a sequence of values that are DER already.
    static func sequence(_ values: [UInt8]...) -> [UInt8] {
        value(tag: 0x30, values.flatMap(\.self))
    }

    /// Returns a whole number that is not negative, from its big-endian bytes.
    static func integer(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var digits = Array(bytes.drop { $0 == 0 })
        if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
        return value(tag: 0x02, digits)
    }

    static func bitString(_ bytes: [UInt8]) -> [UInt8] { value(tag: 0x03, [0] + bytes) }

    private static func value(tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        guard count >= 0x80 else { return [tag, UInt8(count)] + content }
        var length: [UInt8] = []
        var rest = count
        while rest > 0 {
            length.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }

    /// Returns the SubjectPublicKeyInfo (RFC 5280; RFC 8017; RFC 5480; RFC 8410) of a key.
    static func rsaKey(modulus: [UInt8], exponent: [UInt8]) -> [UInt8] {
        // The algorithm rsaEncryption, 1.2.840.113549.1.1.1, with NULL.
        let algorithm: [UInt8] = [
            0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05,
            0x00,
        ]
        return sequence(algorithm, bitString(sequence(integer(modulus), integer(exponent))))
    }

    static func p256Key(x: [UInt8], y: [UInt8]) -> [UInt8] {
        // id-ecPublicKey 1.2.840.10045.2.1 with secp256r1 1.2.840.10045.3.1.7.
        let algorithm: [UInt8] = [
            0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A,
            0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
        ]
        return sequence(algorithm, bitString([4] + x + y))
    }

    static func p384Key(x: [UInt8], y: [UInt8]) -> [UInt8] {
        // id-ecPublicKey 1.2.840.10045.2.1 with secp384r1 1.3.132.0.34.
        let algorithm: [UInt8] = [
            0x30, 0x10, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x05, 0x2B,
            0x81, 0x04, 0x00, 0x22,
        ]
        return sequence(algorithm, bitString([4] + x + y))
    }

    static func ed25519Key(_ x: [UInt8]) -> [UInt8] {
        sequence([0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70], bitString(x))
    }
}

/// An ECDSA signature in its two forms: DER, which OpenSSL wants, and r and s one after the other,
/// each of the length of the curve's order, which a token has (RFC 7518, 3.4).
enum ECDSASignature {
    /// Returns the DER of a token's signature; `nil` when that has another length.
    static func der(_ raw: [UInt8], size: Int) -> [UInt8]? {
        guard raw.count == size * 2 else { return nil }
        return DER.sequence(DER.integer(raw.prefix(size)), DER.integer(raw.suffix(size)))
    }

    /// Returns the form of a token; `nil` for what is no signature of this size in DER.
    static func raw(_ der: [UInt8], size: Int) -> [UInt8]? {
        var rest = der[...]
        // Two numbers of at most 49 bytes: each length is one byte.
        guard rest.popFirst() == 0x30, let count = rest.popFirst(), Int(count) == rest.count,
            let first = number(&rest, size: size), let second = number(&rest, size: size),
            rest.isEmpty
        else { return nil }
        return first + second
    }

    private static func number(_ der: inout ArraySlice<UInt8>, size: Int) -> [UInt8]? {
        guard der.popFirst() == 0x02, let count = der.popFirst(), Int(count) <= der.count else {
            return nil
        }
        let digits = der.prefix(Int(count)).drop { $0 == 0 }
        der = der.dropFirst(Int(count))
        guard digits.count <= size else { return nil }
        return [UInt8](repeating: 0, count: size - digits.count) + digits
    }
}
