import COpenSSL
import Glibc

@testable import Reactor

/// OpenSSL's client, which keeps what it sends until the test passes it on.
@safe final class TestClient {
    /// What a client is like.
    struct Kind {
        var oldest = TLS1_2_VERSION
        var newest = TLS1_3_VERSION
        var protocols: [String] = []
        /// The files of its certificate and key.
        var certificate: String?
    }

    private let context: OpaquePointer
    let ssl: OpaquePointer
    private let incoming: OpaquePointer?
    private let outgoing: OpaquePointer?
    /// The other end of the server's socket.
    let socket: Socket
    /// Encrypted bytes that were made and not passed on.
    private var waiting: [UInt8] = []
    /// The reason in OpenSSL's words for which its handshake failed.
    private(set) var failure: String?

    init(_ socket: Socket, _ kind: Kind = Kind()) {
        self.socket = socket
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            preconditionFailure("OpenSSL makes no context")
        }
        unsafe self.context = context
        unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(kind.oldest), nil)
        unsafe SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(kind.newest), nil)
        // Old versions need algorithms that are off by default.
        if kind.oldest < TLS1_2_VERSION {
            unsafe SSL_CTX_set_security_level(context, 0)
            unsafe SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0")
        }
        if let certificate = kind.certificate {
            unsafe SSL_CTX_use_certificate_file(context, certificate + ".pem", SSL_FILETYPE_PEM)
            unsafe SSL_CTX_use_PrivateKey_file(context, certificate + ".key", SSL_FILETYPE_PEM)
        }
        if !kind.protocols.isEmpty {
            let list = kind.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
            unsafe SSL_CTX_set_alpn_protos(context, list, UInt32(list.count))
        }
        guard let ssl = unsafe SSL_new(context) else { preconditionFailure("no client") }
        unsafe self.ssl = ssl
        unsafe incoming = BIO_new(BIO_s_mem())
        unsafe outgoing = BIO_new(BIO_s_mem())
        unsafe SSL_set_bio(ssl, incoming, outgoing)
        unsafe SSL_set_connect_state(ssl)
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe SSL_CTX_free(context)
    }

    // MARK: The network

    /// Takes what the server has sent.
    func fetch() {
        let bytes = socket.takeAll()
        guard !bytes.isEmpty else { return }
        _ = unsafe bytes.withUnsafeBytes {
            unsafe BIO_write(incoming, $0.baseAddress, Int32($0.count))
        }
    }

    /// Takes what the client has made, to be passed on by the test.
    func takeOutput() -> [UInt8] {
        defer { waiting = [] }
        gather()
        return waiting
    }

    /// Passes on what the client has made, as far as the socket takes it.
    func pass() {
        gather()
        while !waiting.isEmpty, case .bytes(let count) = socket.send(waiting[...]) {
            waiting.removeFirst(count)
        }
    }

    private func gather() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe BIO_read(outgoing, &buffer, Int32(buffer.count))
            guard count > 0 else { return }
            waiting += buffer[..<Int(count)]
        }
    }

    // MARK: The client

    /// Goes on with the handshake.
    func shakeHands() -> tls_outcome {
        fetch()
        let outcome = unsafe tls_handshake(ssl)
        if outcome == .broken, failure == nil {
            failure = unsafe tls_reason().map { unsafe String(cString: $0) } ?? ""
        }
        return outcome
    }

    /// Encrypts `text`; `pass` sends it.
    func write(_ text: String) {
        var count = 0
        let outcome = unsafe Array(text.utf8).withUnsafeBytes {
            unsafe tls_write(ssl, $0.baseAddress, $0.count, &count)
        }
        precondition(outcome == .done && count == text.utf8.count, "the client writes no more")
    }

    /// Reads what has come.
    ///
    /// - Returns: the bytes, and why there are no more now.
    func read() -> (bytes: [UInt8], end: tls_outcome) {
        fetch()
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            var count = 0
            let outcome = unsafe tls_read(ssl, &buffer, buffer.count, &count)
            guard outcome == .done else { return (all, outcome) }
            all += buffer[..<count]
        }
    }

    /// Reads what has come as text.
    func readText() -> String { String(decoding: read().bytes, as: UTF8.self) }

    /// Asks for other keys, `andOfPeer` for both directions.
    func updateKey(andOfPeer: Bool) {
        let kind = andOfPeer ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED
        precondition(unsafe SSL_key_update(ssl, kind) == 1, "no change of keys")
        _ = unsafe tls_handshake(ssl)
    }

    func sendCloseNotify() { _ = unsafe tls_shutdown(ssl) }

    /// The protocol that was agreed on.
    var chosenProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &start, &count)
        guard count > 0 else { return nil }
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

}

extension Socket {
    func send(_ bytes: ArraySlice<UInt8>) -> Sent {
        unsafe bytes.withUnsafeBytes { unsafe send($0) }
    }

    /// All that is there.
    func takeAll() -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case .bytes(let count) = unsafe buffer.withUnsafeMutableBytes({
            unsafe receive(into: $0)
        }) {
            all += buffer[..<count]
        }
        return all
    }
}
