internal import Reactor
internal import TLS

/// The only way by which a connection's bytes reach its socket and come from it.
///
/// It is an enumeration and not a protocol, so that a delivery costs no dynamic call. Another kind
/// of transport is one more case. The loop watches every socket for reading and for writing from
/// the start, so no transport has to say which of them it waits for.
enum Transport {
    /// The bytes as they are, by TCP.
    case plain(Socket)
    /// The bytes encrypted by TLS.
    case tls(TLSSession)

    /// The result of one `receive`.
    enum Received {
        /// Bytes have come; unless `mayHaveMore`, the loop reports when the next ones have.
        case bytes(Int, mayHaveMore: Bool)
        case wouldBlock
        /// The peer has ended its side, or the connection is broken.
        case ended
    }

    /// The descriptor that the loop watches.
    var descriptor: Int32 {
        switch self {
        case .plain(let socket): socket.descriptor
        case .tls(let session): session.descriptor
        }
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        switch self {
        case .plain(let socket):
            switch unsafe socket.receive(into: buffer) {
            // A short read has emptied the socket, so epoll reports the next bytes by a new edge.
            case .bytes(let count): .bytes(count, mayHaveMore: count == buffer.count)
            case .wouldBlock: .wouldBlock
            case .ended: .ended
            }
        case .tls(let session):
            switch unsafe session.receive(into: buffer) {
            case .bytes(let count, let mayHaveMore): .bytes(count, mayHaveMore: mayHaveMore)
            case .wouldBlock: .wouldBlock
            case .ended: .ended
            }
        }
    }

    var isEncrypted: Bool { if case .tls = self { true } else { false } }

    /// Looks at bytes that have come without taking them.
    ///
    /// Of an encrypted connection it shows what has come before the handshake.
    func peek(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        let peeked =
            switch self {
            case .plain(let socket): unsafe socket.peek(into: buffer)
            case .tls(let session): unsafe session.peekBeforeHandshake(into: buffer)
            }
        return switch peeked {
        case .bytes(let count): .bytes(count, mayHaveMore: true)
        case .wouldBlock: .wouldBlock
        case .ended: .ended
        }
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Socket.Sent {
        switch self {
        case .plain(let socket): unsafe socket.send(bytes)
        case .tls(let session): unsafe session.send(bytes)
        }
    }

    /// Sends all of `vectors` at once.
    func send(_ vectors: IOVectors) -> Socket.Sent {
        switch self {
        case .plain(let socket): socket.send(vectors)
        case .tls(let session): session.send(vectors)
        }
    }

    /// Tells the peer that nothing more comes, and goes on receiving.
    func endSending() {
        switch self {
        case .plain(let socket): socket.endSending()
        case .tls(let session): session.endSending()
        }
    }

    /// Whether the peer has acknowledged all that was sent, the end included.
    var isAcknowledged: Bool {
        switch self {
        case .plain(let socket): socket.isAcknowledged
        case .tls(let session): session.isAcknowledged
        }
    }

    /// Closes the socket.
    ///
    /// - Parameter byReset: Whether to throw away what the peer has not taken, and free its memory
    ///   at once.
    func close(byReset: Bool = false) {
        switch self {
        case .plain(let socket): socket.close(byReset: byReset)
        case .tls(let session): session.close(byReset: byReset)
        }
    }
}
