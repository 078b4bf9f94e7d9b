extension Shard {
    /// Offers an event once to each stream that asks for one or more of its resources.
    package func distribute(_ frame: EventFrame) {
        distribution += 1
        let handle = pool.insert(frame)
        for resource in frame.resources {
            if let topic = resources[resource] { offer(handle, frame, to: topic) }
            if let topic = kinds[resource.kind] { offer(handle, frame, to: topic) }
        }
        pool.release(handle)
        if let sequence = frame.sequence { position = sequence }
    }

    /// Queues a frame for one stream, even if its outbox is full.
    ///
    /// It serves control events, and events that were read or held back for the stream.
    package func queue(_ frame: EventFrame, for subscriber: Subscriber) {
        let handle = pool.insert(frame)
        append(handle, frame, to: subscriber)
        pool.release(handle)
        // Such frames are never dropped, so that only time limits them: a client that takes nothing
        // must not make them pile up.
        let isOverfull =
            subscriber.outbox.count > limits.count
            || (subscriber.outbox.count > 1 && subscriber.outbox.byteCount > limits.bytes)
        if isOverfull, frame.content == .control { markStalled(subscriber) }
    }

    /// Queues a frame before all others of a stream to which nothing was sent yet.
    package func queueFirst(_ frame: EventFrame, for subscriber: Subscriber) {
        let waiting = subscriber.outbox
        subscriber.outbox.removeAll()
        queue(frame, for: subscriber)
        for index in 0..<waiting.count {
            let size = pool.byteCount(waiting[index], in: subscriber.framing)
            subscriber.outbox.append(waiting[index], byteCount: size)
        }
    }

    private func offer(_ handle: FrameHandle, _ frame: EventFrame, to topic: Topic) {
        for subscriber in topic.subscribers where subscriber.lastDistribution != distribution {
            subscriber.lastDistribution = distribution
            if let filter = subscriber.filter, !filter.contains(frame.name) { continue }
            guard subscriber.phase == .live else {
                if frame.content == .transient { counters.dropped += 1 }
                continue
            }
            if !subscriber.snapshots.isEmpty {
                hold(handle, frame, for: subscriber)
                continue
            }
            if let rule = subscriber.rule, !rule.takes(frame) { continue }
            if let key = frame.coalesceKey { coalesce(key, frame, in: subscriber) }
            if isFull(subscriber, for: frame) {
                overflow(subscriber, with: frame)
            } else {
                append(handle, frame, to: subscriber)
            }
        }
    }

    private func append(_ handle: FrameHandle, _ frame: EventFrame, to subscriber: Subscriber) {
        pool.retain(handle)
        let size = pool.byteCount(handle, in: subscriber.framing)
        subscriber.outbox.append(handle, byteCount: size)
        if let isLast = subscriber.rule?.isLast(frame) { subscriber.hasLastEvent = isLast }
        markDirty(subscriber)
    }

    func markDirty(_ subscriber: Subscriber) {
        if subscriber.isDirty || !subscriber.isWritable { return }
        subscriber.isDirty = true
        dirty.append(subscriber)
    }

    private func isFull(_ subscriber: Subscriber, for frame: EventFrame) -> Bool {
        if subscriber.outbox.isEmpty { return false }
        let size = frame.byteCount
        return subscriber.outbox.count >= limits.count
            || subscriber.outbox.byteCount + size > limits.bytes
    }

    /// Removes the waiting events that `frame` replaces.
    ///
    /// An event that is partly sent stays. So does a durable event when `frame` is transient,
    /// because `frame` may be lost.
    private func coalesce(_ key: String, _ frame: EventFrame, in subscriber: Subscriber) {
        let outbox = subscriber.outbox
        let firstWaiting = outbox.sentOfFirst > 0 ? 1 : 0
        guard outbox.count > firstWaiting else { return }
        for index in (firstWaiting..<outbox.count).reversed() {
            let waiting = pool.frame(outbox[index])
            guard waiting.coalesceKey == key, waiting.resources == frame.resources,
                frame.sequence != nil || waiting.sequence == nil
            else { continue }
            removeQueued(at: index, from: subscriber)
        }
    }

    private func removeQueued(at index: Int, from subscriber: Subscriber) {
        let handle = subscriber.outbox[index]
        let size = pool.byteCount(handle, in: subscriber.framing)
        if index == 0 {
            _ = subscriber.outbox.popFirst(byteCount: size)
        } else {
            subscriber.outbox.remove(at: index, byteCount: size)
        }
        pool.release(handle)
    }
}
