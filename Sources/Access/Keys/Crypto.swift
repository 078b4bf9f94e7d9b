internal import COpenSSL

/// The hash functions, codes and random numbers that credentials need, from OpenSSL's libcrypto.
package enum Crypto {
    /// A hash of the SHA-2 family.
    package enum Digest: String, Sendable {
        case sha256 = "SHA256"
        case sha384 = "SHA384"
        case sha512 = "SHA512"
    }

    /// Returns the SHA-256 of the bytes, 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: 32)
        let done = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe hash.withUnsafeMutableBufferPointer { hash in
                unsafe openssl_sha256(bytes.baseAddress, bytes.count, hash.baseAddress)
            }
        }
        precondition(done == 1, "Crypto: OpenSSL has no SHA-256")
        return hash
    }

    /// Returns the HMAC (RFC 2104) of `data`; empty when OpenSSL refuses, as for an empty secret.
    package static func hmac(_ digest: Digest, secret: [UInt8], data: [UInt8]) -> [UInt8] {
        guard !secret.isEmpty else { return [] }
        var code = [UInt8](repeating: 0, count: 64)
        let count = unsafe code.withUnsafeMutableBufferPointer { code in
            unsafe secret.withUnsafeBufferPointer { secret in
                unsafe data.withUnsafeBufferPointer { data in
                    unsafe openssl_hmac(
                        digest.rawValue, secret.baseAddress, secret.count, data.baseAddress,
                        data.count, code.baseAddress)
                }
            }
        }
        return Array(code.prefix(count))
    }

    /// Compares two byte strings in a time that does not tell where they differ.
    ///
    /// Their lengths may show. Two empty ones are not equal, so that a code that could not be
    /// computed matches nothing.
    package static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count, !left.isEmpty else { return false }
        return unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                unsafe openssl_is_equal(left.baseAddress, right.baseAddress, left.count) == 1
            }
        }
    }

    /// Returns random bytes that nobody can guess.
    package static func random(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let done = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe openssl_random($0.baseAddress, $0.count)
        }
        precondition(done == 1, "Crypto: the system has no random numbers")
        return bytes
    }

    /// Returns the bytes in lower-case hexadecimal.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return text
    }

    /// Reads lower-case hexadecimal; `nil` for any other text.
    package static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digit(digits[index]), let low = digit(digits[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
