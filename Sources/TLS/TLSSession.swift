// One TLS connection of the server, on a socket that does not block.
//
// Problem: OpenSSL encrypts a record and then finds that the kernel takes only a part of it. From
//   then on the record's bytes are promised to the peer, while their owner (a stream's outbox)
//   still counts them as not sent, and may drop them for a slow reader.
// So: what OpenSSL has encrypted counts as sent, as what the kernel has taken does. The session
//   holds the bytes of at most one such record (16 KiB) until the kernel has taken all of it, and
//   takes nothing more meanwhile.
// Invariants:
//   - `held` is not empty only while OpenSSL owes the kernel a part of a record of these bytes.
//   - Every `wouldBlock` follows an EAGAIN of the socket, so that epoll reports its next edge.
//   - OpenSSL's object exists from the first byte of the peer until `close_notify` is sent.
// Cost: an idle connection takes 14 KB, nearly all of it OpenSSL's own, which has given back the
//   buffers of its records. A connection on which no byte has come takes the size of this object.

internal import COpenSSL
package import Reactor

/// A connection of the server that is encrypted; not isolated, owned by one worker.
@safe package final class TLSSession {
    /// What `receive` does with the socket's bytes, and `send` with the owner's.
    enum Phase {
        case handshaking
        case open
        /// `close_notify` is to be sent once the kernel has taken the record that is held.
        case ending
        /// All has been said: what the peer still sends is thrown away unread.
        case ended
        /// Nothing can be received or sent any more.
        case broken
    }

    /// The most records that one `receive` reads, since a record may have a single byte.
    static let maximumRecords = 128
    /// The most records that are not for the application in one `receive`; no honest peer sends
    /// so many.
    static let maximumOtherRecords = 32
    /// Records that are sent with one key: AES-GCM is safe for 2^24.5 (RFC 8446, 5.5).
    static let maximumRecordsPerKey: UInt32 = 1 << 23

    let socket: Socket
    private let context: TLSContext
    private let workspace: TLSWorkspace
    var ssl: OpaquePointer?
    var phase = Phase.handshaking
    /// The bytes of a record that the kernel has not taken whole.
    var held: [UInt8] = []
    /// Whether reading or the handshake goes on once the socket takes bytes.
    package private(set) var readWantsWrite = false
    /// Whether writing goes on once the socket has bytes.
    var writeWantsRead = false
    var recordsWithKey: UInt32 = 0
    /// The name of the client by its certificate, if it has shown one.
    package private(set) var peerName: String?

    package init(_ socket: Socket, context: TLSContext, workspace: TLSWorkspace) {
        self.socket = socket
        self.context = context
        self.workspace = workspace
    }

    deinit {
        free()
    }

    package var descriptor: Int32 { socket.descriptor }

    // MARK: The handshake

    /// The result of one step of the handshake.
    package enum Step: Equatable {
        /// Call again when the socket is ready.
        case waits
        case finished
        /// The peer speaks HTTP without TLS; nothing of it was read.
        case isPlain
        /// There will be no connection; the peer was told why if it can understand that.
        case failed(reason: String)
    }

    /// Goes on with the handshake as far as the peer's bytes allow.
    package func shakeHands() -> Step {
        guard phase == .handshaking else { return .failed(reason: "the handshake is over") }
        guard let ssl = unsafe ssl else { return begin() }
        readWantsWrite = false
        switch unsafe tls_handshake(ssl) {
        case .done:
            phase = .open
            unsafe peerName = Self.peerName(of: ssl)
            return .finished
        case .wantsRead: return .waits
        case .wantsWrite:
            readWantsWrite = true
            return .waits
        case .readOther: return shakeHands()
        case .ended, .broken:
            let reason = TLSError.reason
            giveUp()
            return .failed(reason: reason)
        }
    }

    /// Whether nothing was read for the handshake yet.
    private var isUntouched: Bool { unsafe phase == .handshaking && ssl == nil }

    /// Looks at what has come before the handshake, without taking it.
    ///
    /// It shows nothing once the handshake has begun.
    package func peekBeforeHandshake(
        into buffer: UnsafeMutableRawBufferPointer
    ) -> Socket.Received {
        isUntouched ? unsafe socket.peek(into: buffer) : .wouldBlock
    }

    /// Takes bytes that stand before the handshake and were looked at.
    package func receiveBeforeHandshake(into buffer: UnsafeMutableRawBufferPointer) {
        guard isUntouched else { return }
        _ = unsafe socket.receive(into: buffer)
    }

    /// Looks at the first byte, which tells TLS and HTTP apart, before anything is made for the
    /// peer.
    private func begin() -> Step {
        let first: UInt8
        switch socket.peek() {
        case .byte(let byte): first = byte
        case .wouldBlock: return .waits
        case .ended:
            giveUp()
            return .failed(reason: "the peer has ended the connection")
        }
        if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) {
            giveUp()
            return .isPlain
        }
        guard let ssl = unsafe tls_server(context.pointer, socket.descriptor) else {
            giveUp()
            return .failed(reason: TLSError.reason)
        }
        unsafe self.ssl = ssl
        return shakeHands()
    }

    /// Ends the handshake without a word; what the peer still sends is thrown away.
    package func giveUp() {
        phase = .ended
        free()
    }

    private static func peerName(of ssl: OpaquePointer) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { text in
            guard let start = text.baseAddress, unsafe tls_peer_name(ssl, start, text.count) == 1
            else { return nil }
            return unsafe String(cString: start)
        }
    }

    // MARK: Receiving

    /// The result of one `receive`.
    package enum Received: Equatable {
        /// Bytes were received; `mayHaveMore` says whether more may be there already.
        case bytes(Int, mayHaveMore: Bool)
        case wouldBlock
        /// The peer has ended its side, or the connection is broken.
        case ended
    }

    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        switch phase {
        case .handshaking: return .wouldBlock
        case .broken: return .ended
        case .ending, .ended: return unsafe discard(into: buffer)
        case .open: break
        }
        if !held.isEmpty {
            // What comes may be a change of keys, which OpenSSL answers at once. It cannot while it
            // owes the rest of a record.
            switch flush() {
            case .done: break
            case .broken: return .ended
            default:
                readWantsWrite = true
                return .wouldBlock
            }
        }
        guard let ssl = unsafe ssl, let start = buffer.baseAddress else { return .ended }
        var total = 0
        var others = 0
        for _ in 0..<Self.maximumRecords where total < buffer.count {
            var count = 0
            switch unsafe tls_read(ssl, start + total, buffer.count - total, &count) {
            case .done: total += count
            case .readOther:
                others += 1
                if others > Self.maximumOtherRecords { phase = .broken }
            case .wantsRead: return total > 0 ? .bytes(total, mayHaveMore: false) : .wouldBlock
            case .wantsWrite:
                readWantsWrite = true
                return total > 0 ? .bytes(total, mayHaveMore: false) : .wouldBlock
            case .ended: return total > 0 ? .bytes(total, mayHaveMore: true) : .ended
            case .broken: phase = .broken
            }
            if phase == .broken { return total > 0 ? .bytes(total, mayHaveMore: true) : .ended }
        }
        return .bytes(total, mayHaveMore: true)
    }

    private func discard(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        switch unsafe socket.receive(into: buffer) {
        case .bytes(let count): .bytes(count, mayHaveMore: count == buffer.count)
        case .wouldBlock: .wouldBlock
        case .ended: .ended
        }
    }

    // MARK: Sending

    /// Sends `bytes` as far as the kernel takes records of them.
    ///
    /// - Returns: the number of bytes that the peer will get, unless the connection breaks.
    package func send(_ bytes: UnsafeRawBufferPointer) -> Socket.Sent {
        if let refusal = refusal() { return refusal }
        var sent = 0
        while sent < bytes.count {
            let end = min(sent + TLSWorkspace.recordSize, bytes.count)
            let record = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent..<end])
            guard let count = unsafe write(record) else { return sent > 0 ? .bytes(sent) : .broken }
            sent += count
            if !held.isEmpty { break }
        }
        return .bytes(sent)
    }

    /// Sends all of `vectors`, as `send(_:)` does.
    package func send(_ vectors: IOVectors) -> Socket.Sent {
        if vectors.count == 1 { return unsafe send(vectors.first) }
        if let refusal = refusal() { return refusal }
        var sent = 0
        var place = IOVectors.Place()
        while sent < vectors.byteCount {
            let size = unsafe vectors.copy(from: &place, into: workspace.bytes)
            var record = unsafe UnsafeRawBufferPointer(rebasing: workspace.bytes[..<size])
            while record.count > 0 {
                guard let count = unsafe write(record) else {
                    return sent > 0 ? .bytes(sent) : .broken
                }
                sent += count
                if !held.isEmpty { return .bytes(sent) }
                unsafe record = UnsafeRawBufferPointer(rebasing: record[count...])
            }
        }
        return .bytes(sent)
    }

    /// Returns why nothing can be sent now; `nil` when something can.
    private func refusal() -> Socket.Sent? {
        guard phase == .open else { return phase == .handshaking ? .wouldBlock : .broken }
        if held.isEmpty { return nil }
        switch flush() {
        case .done: return nil
        case .broken: return .broken
        default: return .wouldBlock
        }
    }

    /// Has OpenSSL encrypt and send one record.
    ///
    /// - Returns: the number of bytes that it took; `nil` when the connection is broken.
    private func write(_ record: UnsafeRawBufferPointer) -> Int? {
        guard let ssl = unsafe ssl else { return nil }
        unsafe renewKey(of: ssl)
        var count = 0
        switch unsafe tls_write(ssl, record.baseAddress, record.count, &count) {
        case .done: return count
        case .wantsWrite: break
        case .wantsRead: writeWantsRead = true
        case .readOther, .ended, .broken:
            phase = .broken
            return nil
        }
        unsafe held = Array(record)
        return record.count
    }

    /// Changes the key for sending before it has encrypted too much; streams may be open for weeks.
    private func renewKey(of ssl: OpaquePointer) {
        recordsWithKey &+= 1
        guard recordsWithKey >= Self.maximumRecordsPerKey else { return }
        recordsWithKey = 0
        if unsafe tls_is_tls13(ssl) != 0 { _ = unsafe tls_update_key(ssl) }
    }

    /// Goes on with the record that is held; `done` when the kernel has all of it.
    private func flush() -> tls_outcome {
        guard !held.isEmpty, let ssl = unsafe ssl else { return .done }
        var count = 0
        let outcome = unsafe held.withUnsafeBytes { bytes in
            unsafe tls_write(ssl, bytes.baseAddress, bytes.count, &count)
        }
        switch outcome {
        case .done:
            if count < held.count {
                held.removeFirst(count)
                return flush()
            }
            held = []
        case .wantsWrite: break
        case .wantsRead: writeWantsRead = true
        case .readOther, .ended, .broken:
            phase = .broken
            held = []
            return .broken
        }
        return outcome
    }

    /// Sends bytes as they are to a peer that speaks no TLS, after `shakeHands` has said so.
    package func sendUnencrypted(_ bytes: UnsafeRawBufferPointer) {
        guard phase == .ended else { return }
        _ = unsafe socket.send(bytes)
    }

    // MARK: Readiness

    /// Does what the session itself waited for, and says what that leaves to its owner.
    ///
    /// Reading may wait for the socket to take bytes and writing for bytes to come, so an edge of
    /// one kind may be news of the other.
    package func absorb(_ ready: Readiness) -> Readiness {
        guard phase == .open || phase == .ending else { return ready }
        var (canRead, canWrite) = (ready.canRead, ready.canWrite)
        if writeWantsRead, ready.canRead {
            writeWantsRead = false
            canWrite = true
        }
        if canWrite, !held.isEmpty {
            switch flush() {
            case .done: break
            case .broken: return ready.asBroken
            default: canWrite = false
            }
        }
        if phase == .ending, canWrite, held.isEmpty { sendCloseNotify() }
        if readWantsWrite, canWrite {
            readWantsWrite = false
            canRead = true
        }
        return ready.with(canRead: canRead, canWrite: canWrite)
    }

    // MARK: The end

    /// Tells the peer that nothing more comes, once it has been sent all, and goes on receiving.
    package func endSending() {
        guard phase == .open else {
            // A handshake that failed has sent its alert.
            return socket.endSending()
        }
        phase = .ending
        if held.isEmpty { sendCloseNotify() }
    }

    private func sendCloseNotify() {
        if let ssl = unsafe ssl {
            switch unsafe tls_shutdown(ssl) {
            case .wantsWrite: return
            default: break
            }
        }
        phase = .ended
        free()
        socket.endSending()
    }

    /// Whether the peer has acknowledged all that was sent, the end included.
    package var isAcknowledged: Bool { phase != .ending && socket.isAcknowledged }

    /// Closes the socket, and says before that this is the end if it is no reset.
    package func close(byReset: Bool = false) {
        if !byReset, phase == .open, held.isEmpty, let ssl = unsafe ssl {
            _ = unsafe tls_shutdown(ssl)
        }
        phase = .broken
        held = []
        free()
        socket.close(byReset: byReset)
    }

    private func free() {
        if let ssl = unsafe ssl { unsafe SSL_free(ssl) }
        unsafe ssl = nil
    }
}
