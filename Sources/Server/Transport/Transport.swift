internal import Reactor

/// What a connection's bytes go through; nothing else touches the socket of a connection.
///
/// An enumeration and no protocol, so that a delivery pays nothing for it: another kind of
/// transport, such as TLS, is one more case. The loop watches every socket for reading and for
/// writing from the start, so no transport has to say which of them it waits for.
enum Transport {
    /// The bytes as they are, by TCP.
    case plain(Socket)

    /// What one `receive` brought.
    enum Received {
        /// - Parameter mayHaveMore: Whether more may be there already; if not, readiness will tell
        ///   of the next bytes.
        case bytes(Int, mayHaveMore: Bool)
        case wouldBlock
        /// The peer has ended its side, or the connection is broken.
        case ended
    }

    /// What the loop watches.
    var descriptor: Int32 {
        switch self {
        case .plain(let socket): socket.descriptor
        }
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        switch self {
        case .plain(let socket):
            switch unsafe socket.receive(into: buffer) {
            // A short read has emptied the socket: the next bytes come with an edge of their own.
            case .bytes(let count): .bytes(count, mayHaveMore: count == buffer.count)
            case .wouldBlock: .wouldBlock
            case .ended: .ended
            }
        }
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Socket.Sent {
        switch self {
        case .plain(let socket): unsafe socket.send(bytes)
        }
    }

    /// Sends all of `vectors` at once.
    func send(_ vectors: IOVectors) -> Socket.Sent {
        switch self {
        case .plain(let socket): socket.send(vectors)
        }
    }

    /// Tells the peer that nothing more comes, and goes on receiving.
    func endSending() {
        switch self {
        case .plain(let socket): socket.endSending()
        }
    }

    /// Whether the peer has acknowledged all that was sent, the end included.
    var isAcknowledged: Bool {
        switch self {
        case .plain(let socket): socket.isAcknowledged
        }
    }

    /// - Parameter byReset: throws away what the peer has not taken, and frees its memory at once.
    func close(byReset: Bool = false) {
        switch self {
        case .plain(let socket): socket.close(byReset: byReset)
        }
    }
}
