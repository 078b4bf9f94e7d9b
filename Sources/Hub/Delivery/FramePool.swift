// The frames that wait in one worker's outboxes.
//
// Problem: a frame goes to thousands of outboxes on several threads. If each held a reference,
//   every delivery would pay two atomic operations on a counter that all threads share.
// So a worker takes one reference per frame, which this pool holds, and its outboxes hold small
//   handles, counted without atomics. A slot is reused as soon as its last handle is released.

/// A frame's place in a `FramePool`.
struct FrameHandle: Equatable {
    let index: Int32

    static let none = FrameHandle(index: -1)
}

/// The frames in use by one worker; not isolated, never shared.
@safe struct FramePool {
    @safe private struct Slot {
        var frame: EventFrame?
        var chunk: UnsafeRawBufferPointer
        var block: UnsafeRawBufferPointer
        var uses: Int32
        var nextFree: Int32
    }

    private var slots: [Slot] = []
    private var firstFree: Int32 = -1

    /// The number of frames in the pool.
    private(set) var count = 0

    /// Adds a frame with one use, which the caller ends by `release`.
    mutating func insert(_ frame: EventFrame) -> FrameHandle {
        count += 1
        let slot = unsafe Slot(
            frame: frame, chunk: frame.chunk, block: frame.block, uses: 1, nextFree: -1)
        if firstFree < 0 {
            slots.append(slot)
            return FrameHandle(index: Int32(slots.count - 1))
        }
        let index = firstFree
        firstFree = slots[Int(index)].nextFree
        slots[Int(index)] = slot
        return FrameHandle(index: index)
    }

    mutating func retain(_ handle: FrameHandle) {
        slots[Int(handle.index)].uses += 1
    }

    mutating func release(_ handle: FrameHandle) {
        let index = Int(handle.index)
        slots[index].uses -= 1
        guard slots[index].uses == 0 else { return }
        slots[index].frame = nil
        slots[index].nextFree = firstFree
        firstFree = handle.index
        count -= 1
    }

    /// Returns the frame of a handle, which must be in use.
    func frame(_ handle: FrameHandle) -> EventFrame {
        guard let frame = slots[Int(handle.index)].frame else {
            preconditionFailure("a released frame was used; an outbox kept a stale handle")
        }
        return frame
    }

    /// Returns the number of bytes that are to be sent.
    func byteCount(_ handle: FrameHandle, in framing: StreamFraming) -> Int {
        unsafe bytes(handle, in: framing).count
    }

    /// Returns the bytes that are to be sent; they are valid while the handle is in use.
    func bytes(_ handle: FrameHandle, in framing: StreamFraming) -> UnsafeRawBufferPointer {
        switch framing {
        case .chunked: unsafe slots[Int(handle.index)].chunk
        case .bare: unsafe slots[Int(handle.index)].block
        }
    }
}

/// The framing of a stream's bytes on its connection.
package enum StreamFraming: Sendable {
    /// HTTP/1.1 chunks (RFC 9112 §7.1).
    case chunked
    /// No framing: the bytes end with the connection (HTTP/1.0).
    case bare
}
