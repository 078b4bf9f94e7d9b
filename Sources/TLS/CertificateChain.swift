internal import COpenSSL

/// The certificates of a PEM text, at least one, in their order.
@safe final class CertificateChain {
    private let pointers: [OpaquePointer]

    /// Reads all certificates of `text`.
    init(_ text: TLSText) throws(TLSError) {
        let source = TLSText.Source(text)
        var found: [OpaquePointer] = unsafe []
        while let next = unsafe tls_next_certificate(source.pointer) {
            unsafe found.append(next)
        }
        unsafe pointers = found
        if tls_is_at_end() == 0 {
            throw TLSError(
                "\(text.path) holds a certificate that cannot be read: \(TLSError.reason).")
        }
        if unsafe found.isEmpty {
            throw TLSError(
                "\(text.path) holds no certificate; it has to be PEM text with BEGIN CERTIFICATE.")
        }
    }

    deinit {
        for index in 0..<count { unsafe X509_free(pointers[index]) }
    }

    var count: Int { unsafe pointers.count }

    subscript(index: Int) -> OpaquePointer { unsafe pointers[index] }
}

/// A file's bytes, and the path that a message names.
package struct TLSText: Sendable, Equatable {
    package let path: String
    package let bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

extension TLSText {
    /// A copy of a text from which OpenSSL reads one thing after the other.
    @safe final class Source {
        let pointer: OpaquePointer?

        init(_ text: TLSText) {
            unsafe pointer = BIO_new(BIO_s_mem())
            _ = unsafe text.bytes.withUnsafeBytes { bytes in
                unsafe BIO_write(pointer, bytes.baseAddress, Int32(bytes.count))
            }
        }

        deinit {
            unsafe BIO_free(pointer)
        }
    }
}
