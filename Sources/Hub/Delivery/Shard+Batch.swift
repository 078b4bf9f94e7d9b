// Streams that get their live events in batches.
//
// What is gathered is not in the outbox yet: control events overtake it, and the stream's cursor
// stays before it. At the end of its window it goes into the outbox as one frame, to which the
// limits of the outbox apply. Pages of the log, and state, are never gathered.

/// A batch that waits in the pool for the streams that have gathered the same events.
struct SharedBatch {
    /// The events, of which each has one use more.
    let handles: [FrameHandle]
    let batch: FrameHandle
}

extension Shard {
    /// Whether `takeStalled` or `takeGathering` has something to return.
    package var hasTimersToStart: Bool { !stalled.isEmpty || !gathering.isEmpty }

    /// Returns the streams for which a window has begun since the last call.
    package func takeGathering() -> [Subscriber] {
        defer { gathering.removeAll(keepingCapacity: true) }
        return gathering
    }

    /// Gathers a live event that the stream's rule has taken.
    func gather(
        _ handle: FrameHandle, _ frame: EventFrame, for subscriber: Subscriber,
        in batch: BatchGatherer
    ) {
        if let key = frame.coalesceKey { coalesce(key, frame, in: batch) }
        let size = frame.byteCount
        if !batch.takes(size) { endWindow(of: subscriber) }
        // With the end of the window the stream may have fallen behind: the log has the event.
        guard subscriber.phase == .live else {
            counters.droppedBehind += Int(frame.transientCount)
            return
        }
        pool.retain(handle)
        if batch.append(handle, byteCount: size) { gathering.append(subscriber) }
        let isLast = subscriber.rule?.isLast(frame)
        if let isLast { subscriber.hasLastEvent = isLast }
        // Nothing follows the last event, so nothing is waited for.
        if batch.isFull || isLast == true { endWindow(of: subscriber) }
    }

    /// Ends the window of a stream now: what was gathered waits for its socket from here on.
    package func endWindow(of subscriber: Subscriber) {
        guard let batch = subscriber.batch, !batch.isEmpty else { return }
        let handles = batch.take()
        let handle = handles.count == 1 ? handles[0] : sharedBatch(of: handles)
        let frame = pool.frame(handle)
        if isFull(subscriber, for: frame) {
            overflow(subscriber, with: frame)
        } else {
            append(handle, to: subscriber)
        }
        for handle in handles { pool.release(handle) }
    }

    /// Returns the sequence of the first durable event that is gathered for a stream.
    func firstGathered(for subscriber: Subscriber) -> UInt64? {
        guard let batch = subscriber.batch else { return nil }
        for handle in batch.handles {
            if let sequence = pool.frame(handle).sequence { return sequence }
        }
        return nil
    }

    func dropGathered(of subscriber: Subscriber) {
        guard let batch = subscriber.batch else { return }
        for handle in batch.take() { pool.release(handle) }
    }

    /// Gives back the memory of the batch that was made last; those that are queued stay.
    func forgetLastBatch() {
        guard let last = lastBatch else { return }
        lastBatch = nil
        pool.release(last.batch)
        for handle in last.handles { pool.release(handle) }
    }

    /// Returns the batch of these events, which is encoded once for all streams that get it.
    private func sharedBatch(of handles: [FrameHandle]) -> FrameHandle {
        if let last = lastBatch, last.handles == handles { return last.batch }
        forgetLastBatch()
        let batch = pool.insert(EventFrame(batching: handles.map { pool.frame($0) }))
        for handle in handles { pool.retain(handle) }
        lastBatch = SharedBatch(handles: handles, batch: batch)
        return batch
    }

    private func coalesce(_ key: String, _ frame: EventFrame, in batch: BatchGatherer) {
        for (index, handle) in batch.handles.enumerated().reversed()
        where isReplaced(handle, by: frame, key) {
            counters.coalesced += 1
            batch.remove(at: index, byteCount: pool.frame(handle).byteCount)
            pool.release(handle)
        }
    }
}
