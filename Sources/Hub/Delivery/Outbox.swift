/// The frames that wait to be sent on one connection, oldest first; not isolated.
///
/// Most of the time at most one frame waits, which needs no memory of its own.
struct Outbox {
    private var first = FrameHandle.none
    private var restStart: Int32 = 0
    private var rest: [FrameHandle] = []
    private(set) var byteCount = 0
    /// The number of bytes of the first frame that the kernel has taken.
    private(set) var sentOfFirst: Int32 = 0

    var isEmpty: Bool { first == .none }

    var count: Int { isEmpty ? 0 : 1 + rest.count - Int(restStart) }

    /// The handle number `index`, 0 being that of the oldest frame.
    subscript(index: Int) -> FrameHandle {
        index == 0 ? first : rest[Int(restStart) + index - 1]
    }

    mutating func append(_ handle: FrameHandle, byteCount size: Int) {
        byteCount += size
        if isEmpty {
            first = handle
        } else {
            rest.append(handle)
        }
    }

    /// Removes and returns the oldest frame, of which `size` bytes are not counted any more.
    mutating func popFirst(byteCount size: Int) -> FrameHandle {
        let handle = first
        byteCount -= size
        sentOfFirst = 0
        if Int(restStart) < rest.count {
            first = rest[Int(restStart)]
            restStart += 1
            if Int(restStart) == rest.count {
                forgetRest()
            } else if restStart >= 32, Int(restStart) * 2 >= rest.count {
                // The outbox of a stream for which something always waits is never emptied.
                rest.removeFirst(Int(restStart))
                restStart = 0
            }
        } else {
            first = .none
        }
        return handle
    }

    mutating func advanceFirst(by count: Int) {
        sentOfFirst += Int32(count)
    }

    /// Removes a frame that is not the oldest; `index` counts from 1.
    mutating func remove(at index: Int, byteCount size: Int) {
        rest.remove(at: Int(restStart) + index - 1)
        byteCount -= size
        if Int(restStart) == rest.count { forgetRest() }
    }

    mutating func removeAll() {
        self = Outbox()
    }

    /// Empties the array: a small one is kept for the next burst, and a large one freed.
    private mutating func forgetRest() {
        restStart = 0
        if rest.capacity > 8 {
            rest = []
        } else {
            rest.removeAll(keepingCapacity: true)
        }
    }
}

/// The limits of what may wait in memory for one connection.
package struct OutboxLimits: Sendable {
    /// The number of events, at least 1.
    package let count: Int
    /// The number of bytes; one larger event may still wait alone.
    package let bytes: Int

    package init(count: Int = 100, bytes: Int = 1 << 20) {
        self.count = max(1, count)
        self.bytes = bytes
    }
}
