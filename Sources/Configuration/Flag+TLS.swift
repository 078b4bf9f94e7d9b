extension Flag {
    static let encryption = Group(
        title: "TLS",
        flags: [
            Flag(
                "tls-cert", "FILE", .text(\.tls.certificate, open: "http without TLS"),
                "The server's certificate and those that lead to its authority, as PEM; the hub then speaks https. It is read again when it changes."
            ),
            Flag(
                "tls-key", "FILE", .text(\.tls.key, open: "none"),
                "The private key of the certificate, as PEM and without a passphrase."),
            Flag(
                "tls-client-ca", "FILE", .text(\.tls.clientAuthorities, open: "none"),
                "Certificates of authorities, as PEM; every client has to show a certificate that one of them has signed."
            ),
        ])
}

extension ServeConfiguration {
    /// The files with which connections are encrypted.
    package struct Encryption: Sendable, Equatable {
        package var certificate: String?
        package var key: String?
        package var clientAuthorities: String?
    }

    func checkEncryption() throws(UsageError) {
        switch (tls.certificate, tls.key) {
        case (.some, nil): throw UsageError("--tls-cert needs --tls-key, the file of its key.")
        case (nil, .some):
            throw UsageError("--tls-key needs --tls-cert, the file of its certificate.")
        case (nil, nil) where tls.clientAuthorities != nil:
            throw UsageError("--tls-client-ca needs --tls-cert and --tls-key.")
        default: break
        }
    }
}
