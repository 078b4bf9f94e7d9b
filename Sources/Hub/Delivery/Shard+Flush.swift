package import Reactor

extension Shard {
    /// Moves into `list` the streams that have something to send and whose sockets take bytes.
    ///
    /// `list` must be empty. The shard uses its memory for the next streams.
    package func takeDirty(into list: inout [Subscriber]) {
        precondition(list.isEmpty, "streams that are to be written would be lost")
        swap(&dirty, &list)
        if lastBatch != nil { forgetLastBatch() }
        for subscriber in list { subscriber.isDirty = false }
    }

    /// Collects the places of the bytes that wait for a stream, for one gathered write.
    ///
    /// The bytes are not copied, and stay there until `markSent` or a removal.
    package func gather(_ subscriber: Subscriber, into vectors: IOVectors) {
        vectors.removeAll()
        for index in 0..<subscriber.outbox.count where !vectors.isFull {
            let bytes = unsafe pool.bytes(subscriber.outbox[index], in: subscriber.framing)
            let sent = index == 0 ? Int(subscriber.outbox.sentOfFirst) : 0
            unsafe vectors.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
        }
    }

    /// Removes the next `count` bytes from a stream's outbox, because the kernel has taken them.
    package func markSent(_ count: Int, for subscriber: Subscriber) {
        var left = count
        while left > 0 {
            let handle = subscriber.outbox[0]
            let size = pool.byteCount(handle, in: subscriber.framing)
            let rest = size - Int(subscriber.outbox.sentOfFirst)
            if left < rest {
                subscriber.outbox.advanceFirst(by: left)
                return
            }
            left -= rest
            _ = subscriber.outbox.popFirst(byteCount: size)
            counters.delivered += Int(pool.frame(handle).eventCount)
            pool.release(handle)
        }
        if subscriber.outbox.isEmpty, subscriber.phase == .live { subscriber.isStalled = false }
    }

    /// Takes out the oldest frame that waits for a stream, which must have one.
    func takeFirst(of subscriber: Subscriber) -> EventFrame {
        let handle = subscriber.outbox[0]
        let frame = pool.frame(handle)
        markSent(pool.byteCount(handle, in: subscriber.framing), for: subscriber)
        return frame
    }

    /// Returns the sequence up to which everything was taken out of a stream's queue.
    ///
    /// - Returns: `nil` when the queue begins with a part of the state.
    func takenSequence(of subscriber: Subscriber) -> UInt64? {
        for index in 0..<subscriber.outbox.count {
            let frame = pool.frame(subscriber.outbox[index])
            if let sequence = frame.sequence { return sequence - 1 }
            if frame.content == .control { return nil }
        }
        return cursorOrPosition(of: subscriber)
    }

    /// Returns the cursor up to which a stream was sent everything; `nil` while it is behind or
    /// something waits for its socket.
    ///
    /// What is gathered for a batch lies behind the cursor.
    package func cursor(of subscriber: Subscriber) -> UInt64? {
        let hasAll = subscriber.outbox.isEmpty && subscriber.held.isEmpty
        guard subscriber.phase == .live, hasAll else { return nil }
        return firstGathered(for: subscriber).map { $0 - 1 } ?? position
    }
}
