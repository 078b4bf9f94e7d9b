internal import COpenSSL

/// A server's certificate, its key and its settings, from which connections are made.
///
/// It is never changed: when the files change, a new one takes its place, and open connections keep
/// theirs.
///
/// `@unchecked Sendable`: the pointer is set by `init` alone. After that OpenSSL only reads the
/// context, but for its counter of references, which is atomic, and its ticket keys, which it locks
/// (openssl-threads(7)).
@safe package final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    /// The end of the certificate's validity, in seconds since 1970.
    package let expiry: Int64
    /// Whether the key is one of RSA, with which a handshake costs twice the processor time of one
    /// with an elliptic curve.
    package let isRSA: Bool

    /// Makes a context from PEM text.
    ///
    /// - Parameters:
    ///   - certificate: that of the server, and those that lead to an authority.
    ///   - key: the server's private key, without a passphrase.
    ///   - clientAuthorities: the certificates of those who sign clients' certificates. With them,
    ///     a client without such a certificate is refused.
    ///   - now: the time for which the certificate has to be valid, in seconds since 1970.
    /// - Throws: `TLSError`, which says in words what cannot be used.
    package init(
        certificate: TLSText, key: TLSText, clientAuthorities: TLSText?, at now: Int64
    ) throws(TLSError) {
        guard let pointer = unsafe tls_server_context() else {
            throw TLSError("OpenSSL cannot make a server: \(TLSError.reason).")
        }
        let chain: CertificateChain
        do throws(TLSError) {
            chain = try CertificateChain(certificate)
            try Self.checkValidity(of: chain, in: certificate, at: now)
            try unsafe Self.use(chain, of: certificate, in: pointer)
            try unsafe Self.use(key, for: chain, of: certificate, in: pointer)
            if let clientAuthorities { try unsafe Self.trust(clientAuthorities, in: pointer) }
        } catch {
            // Nothing is stored yet, so that `deinit` does not follow.
            unsafe SSL_CTX_free(pointer)
            throw error
        }
        unsafe self.pointer = pointer
        unsafe isRSA = tls_is_rsa(chain[0]) != 0
        unsafe expiry = tls_expires(chain[0])
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    private static func checkValidity(
        of chain: CertificateChain, in text: TLSText, at now: Int64
    ) throws(TLSError) {
        let begin = unsafe tls_begins(chain[0])
        let end = unsafe tls_expires(chain[0])
        if end < now {
            throw TLSError(
                "the certificate in \(text.path) expired at \(TLSError.date(end)); renew it.")
        }
        if begin > now {
            throw TLSError(
                "the certificate in \(text.path) is valid from \(TLSError.date(begin)) only; is this machine's clock right?"
            )
        }
    }

    private static func use(
        _ chain: CertificateChain, of text: TLSText, in context: OpaquePointer
    ) throws(TLSError) {
        ERR_clear_error()
        var isTaken = unsafe SSL_CTX_use_certificate(context, chain[0]) == 1
        for index in 1..<chain.count where isTaken {
            unsafe isTaken = tls_add_chain(context, chain[index]) == 1
        }
        guard isTaken else {
            throw TLSError("the certificate in \(text.path) cannot be used: \(TLSError.reason).")
        }
    }

    private static func use(
        _ text: TLSText, for chain: CertificateChain, of certificate: TLSText,
        in context: OpaquePointer
    ) throws(TLSError) {
        let source = TLSText.Source(text)
        var isEncrypted: Int32 = 0
        guard let key = unsafe tls_read_key(source.pointer, &isEncrypted) else {
            throw TLSError(
                isEncrypted != 0
                    ? "the key in \(text.path) is encrypted, and nobody is there to type its passphrase; write a copy without: openssl pkey -in \(text.path) -out FILE."
                    : "\(text.path) holds no private key; it has to be PEM text with BEGIN PRIVATE KEY."
            )
        }
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe X509_check_private_key(chain[0], key) == 1 else {
            throw TLSError(
                "the key in \(text.path) does not belong to the first certificate in \(certificate.path); the first has to be the server's own."
            )
        }
        ERR_clear_error()
        guard unsafe SSL_CTX_use_PrivateKey(context, key) == 1 else {
            throw TLSError("the key in \(text.path) cannot be used: \(TLSError.reason).")
        }
    }

    private static func trust(_ text: TLSText, in context: OpaquePointer) throws(TLSError) {
        let authorities = try CertificateChain(text)
        for index in 0..<authorities.count {
            ERR_clear_error()
            guard unsafe tls_trust_clients_of(context, authorities[index]) == 1 else {
                throw TLSError("a certificate in \(text.path) cannot be used: \(TLSError.reason).")
            }
        }
    }
}
