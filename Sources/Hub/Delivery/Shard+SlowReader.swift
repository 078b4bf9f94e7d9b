// What happens when a stream's queue is full.
//
// A transient event is dropped and counted. A durable one is in the log already, so the queue is
// given up and the stream reads on from the log at its own pace: from before the oldest durable
// event that it has not begun to send. Frames of the hub itself stay, and so does the frame that is
// half sent.

// From then on the stream's socket must take a byte within the broadcast timeout, again and again
// until the stream is live and its queue empty. The worker, which has the clock, checks that.

extension Shard {
    /// Returns the streams whose queue was found full since the last call.
    package func takeStalled() -> [Subscriber] {
        defer { stalled.removeAll(keepingCapacity: true) }
        return stalled
    }

    /// Marks a stream as stalled, because more waits for it than its socket takes.
    package func markStalled(_ subscriber: Subscriber) {
        if subscriber.isStalled { return }
        subscriber.isStalled = true
        stalled.append(subscriber)
    }

    /// Counts a stream that the worker ends because its reader is too slow.
    package func countCutOff() {
        counters.cutOff += 1
    }

    func overflow(_ subscriber: Subscriber, with frame: EventFrame) {
        markStalled(subscriber)
        counters.droppedFull += Int(frame.transientCount)
        guard let sequence = frame.sequence else { return }
        counters.fellBehind += 1
        let outbox = subscriber.outbox
        var oldest = sequence
        subscriber.outbox.removeAll()
        for index in 0..<outbox.count {
            let handle = outbox[index]
            let waiting = pool.frame(handle)
            let isHalfSent = index == 0 && outbox.sentOfFirst > 0
            if isHalfSent || waiting.content == .control {
                let size = pool.byteCount(handle, in: subscriber.framing)
                subscriber.outbox.append(handle, byteCount: size)
                if isHalfSent { subscriber.outbox.advanceFirst(by: Int(outbox.sentOfFirst)) }
                continue
            }
            if let sequence = waiting.sequence { oldest = min(oldest, sequence) }
            counters.droppedFull += Int(waiting.transientCount)
            pool.release(handle)
        }
        subscriber.phase = .behind(cursor: oldest - 1)
    }
}
