import Glibc
import TestSupport

@testable import TLS

/// Certificates and keys in files, made once by OpenSSL's own program.
enum TestFiles {
    private static let folder = Folder()

    // An authority with a server and a client, a server of RSA, and an authority that nobody knows
    // with a client of its own.
    private static let script = #"""
        set -e
        cd "$FOLDER"
        new() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null ||
            openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
        sign() { # NAME AUTHORITY SUBJECT EXTENSION
            openssl req -new -key "$1.key" -subj "$3" -out "$1.csr"
            echo "$4" > "$1.ext"
            openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 30 \
                -extfile "$1.ext" -out "$1.pem"; }
        for name in authority stranger server other client named strange; do new $name; done
        openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
        for name in authority stranger; do
            openssl req -x509 -key $name.key -subj /CN=$name -days 30 -out $name.pem
        done
        sign server authority /CN=localhost subjectAltName=DNS:localhost,IP:127.0.0.1
        sign rsa authority /CN=localhost subjectAltName=DNS:localhost
        sign client authority /CN=alice "subjectAltName=IP:127.0.0.1,URI:spiffe://test/alice,DNS:other"
        sign named authority /CN=bob keyUsage=digitalSignature
        sign strange stranger /CN=mallory subjectAltName=DNS:mallory
        cat server.pem authority.pem > chain.pem
        cat server.pem server.key > both.pem
        cat server.pem > cut.pem && head -c 300 authority.pem >> cut.pem
        openssl pkey -in server.key -aes-128-cbc -passout pass:secret -out locked.key
        echo "no certificate here" > text.pem
        """#

    private static let made: Bool = {
        _ = signal(SIGPIPE, SIG_IGN)
        unsafe setenv("FOLDER", folder.path, 1)
        unsafe setenv("SCRIPT", script, 1)
        return unsafe system("bash -c \"$SCRIPT\" >/dev/null 2>&1") == 0
    }()

    static func path(_ name: String) -> String {
        precondition(made, "openssl could not make the certificates of the tests")
        return folder.path + "/" + name
    }

    static func text(_ name: String) -> TLSText {
        let path = path(name)
        return TLSText(path: path, bytes: bytes(path))
    }

    static func bytes(_ path: String) -> [UInt8] {
        guard let file = unsafe fopen(path, "r") else { return [] }
        defer { unsafe fclose(file) }
        return unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = unsafe fread(buffer.baseAddress, 1, buffer.count, file)
        }
    }

    static func write(_ bytes: [UInt8], to path: String) {
        guard let file = unsafe fopen(path, "w") else { preconditionFailure("\(path): \(errno)") }
        defer { unsafe fclose(file) }
        let count = unsafe bytes.withUnsafeBytes {
            unsafe fwrite($0.baseAddress, 1, $0.count, file)
        }
        precondition(count == bytes.count, "\(path) was not written")
    }

    static var now: Int64 { Int64(time(nil)) }

    /// The context of a server.
    static func context(
        _ certificate: String = "chain.pem", key: String = "server.key", clients: String? = nil
    ) throws -> TLSContext {
        try TLSContext(
            certificate: text(certificate), key: text(key),
            clientAuthorities: clients.map { text($0) }, at: now)
    }
}
