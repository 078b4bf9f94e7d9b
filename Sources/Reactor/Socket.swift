internal import CLinux

/// A connected, non-blocking stream socket, which its holder closes once.
package struct Socket: Sendable {
    package let descriptor: Int32

    /// The result of one `receive`.
    package enum Received: Equatable {
        case bytes(Int)
        case wouldBlock
        /// The peer has ended its side, or the connection is broken.
        case ended
    }

    /// The result of one `send`.
    package enum Sent: Equatable {
        /// The kernel took this many bytes, perhaps fewer than offered.
        case bytes(Int)
        case wouldBlock
        /// The connection is broken; it can only be closed.
        case broken
    }

    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> Received {
        do {
            let count = try systemCall("recv") {
                unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            }
            guard let count else { return .wouldBlock }
            return count == 0 ? .ended : .bytes(count)
        } catch {
            return .ended
        }
    }

    /// The result of one `peek`.
    package enum Peeked: Equatable {
        case byte(UInt8)
        case wouldBlock
        /// The peer has ended its side, or the connection is broken.
        case ended
    }

    /// Looks at the next byte without taking it.
    package func peek() -> Peeked {
        var byte: UInt8 = 0
        do {
            let count = try systemCall("recv") {
                unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK))
            }
            guard let count else { return .wouldBlock }
            return count == 0 ? .ended : .byte(byte)
        } catch {
            return .ended
        }
    }

    package func send(_ bytes: UnsafeRawBufferPointer) -> Sent {
        Self.result { unsafe linux_send(descriptor, bytes.baseAddress, bytes.count) }
    }

    /// Sends all of `vectors` by one system call (sendmsg(2)).
    package func send(_ vectors: IOVectors) -> Sent {
        if vectors.count == 1 { return unsafe send(vectors.first) }
        return Self.result {
            unsafe linux_send_vectors(descriptor, vectors.base, vectors.count)
        }
    }

    /// Ends the sending side, which tells the peer that nothing more comes; receiving goes on.
    package func endSending() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Whether the peer has acknowledged all that was sent, the end included.
    package var isAcknowledged: Bool { linux_unacknowledged(descriptor) <= 0 }

    /// Closes the descriptor.
    ///
    /// - Parameter byReset: Whether to send a reset, which discards what the peer has not taken and
    ///   frees its memory at once.
    package func close(byReset: Bool = false) {
        if byReset { _ = linux_reset_on_close(descriptor) }
        _ = CLinux.close(descriptor)
    }

    private static func result(_ call: () -> Int) -> Sent {
        do {
            guard let count = try systemCall("send", call) else { return .wouldBlock }
            return .bytes(count)
        } catch {
            return .broken
        }
    }
}

/// The pieces of one gathered write.
///
/// Their memory is borrowed and must live until the write is done.
@safe package final class IOVectors {
    /// The kernel's limit for one call (IOV_MAX, sendmsg(2)).
    package static let capacity = 1024

    let base: UnsafeMutablePointer<iovec>
    @safe @exclusivity(unchecked) package private(set) var count = 0
    @safe @exclusivity(unchecked) package private(set) var byteCount = 0

    package init() {
        unsafe base = .allocate(capacity: Self.capacity)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Whether a write of `count` bytes leaves some of these.
    package func hasMore(than count: Int) -> Bool { count < byteCount }

    package var isFull: Bool { count == Self.capacity }

    /// The first piece; there must be one.
    package var first: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(
            start: base.pointee.iov_base, count: base.pointee.iov_len)
    }

    /// A place in the bytes of all pieces.
    package struct Place {
        fileprivate var index = 0
        fileprivate var offset = 0

        /// The beginning of the first piece.
        package init() {}
    }

    /// Copies the bytes from `place` on into `buffer`, as many as it holds, and moves `place`
    /// behind them.
    ///
    /// - Returns: the number of bytes, less than `buffer` holds only at the end.
    package func copy(
        from place: inout Place, into buffer: UnsafeMutableRawBufferPointer
    ) -> Int {
        var copied = 0
        while place.index < count, copied < buffer.count, let target = buffer.baseAddress {
            let piece = unsafe base[place.index]
            let size = unsafe min(piece.iov_len - place.offset, buffer.count - copied)
            if size > 0, let source = unsafe piece.iov_base {
                unsafe (target + copied).copyMemory(from: source + place.offset, byteCount: size)
            }
            copied += size
            place.offset += size
            if unsafe place.offset == piece.iov_len {
                place.index += 1
                place.offset = 0
            }
        }
        return copied
    }

    package func removeAll() {
        count = 0
        byteCount = 0
    }

    package func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(count < Self.capacity, "check isFull before adding to a gathered write")
        unsafe base[count] = iovec(
            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        count += 1
        byteCount += bytes.count
    }
}

/// The memory into which sockets are read, one for all connections of a thread.
@safe package final class ReadBuffer {
    package let bytes: UnsafeMutableRawBufferPointer

    package init(byteCount: Int) {
        unsafe bytes = .allocate(byteCount: byteCount, alignment: 16)
    }

    deinit {
        unsafe bytes.deallocate()
    }
}
