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
        if !forms.isEmpty { releaseForms() }
        if let sequence = frame.sequence { position = sequence }
    }

    /// Queues a frame for one stream, even if its outbox is full.
    ///
    /// It serves control events, and events that were read or held back for the stream.
    package func queue(_ frame: EventFrame, for subscriber: Subscriber) {
        var frame = frame
        if let view = subscriber.view {
            frame = frame.form(for: view, counting: ledger)
        }
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

    private func offer(_ handle: FrameHandle, _ frame: EventFrame, to topic: Topic) {
        // A stream that gets an event with one resource may see that resource.
        let isShared = frame.resources.count > 1
        for subscriber in topic.subscribers where subscriber.lastDistribution != distribution {
            subscriber.lastDistribution = distribution
            if let filter = subscriber.filter, !filter.contains(frame.name) {
                if subscriber.rule != nil { pass(frame, by: subscriber) }
                continue
            }
            guard subscriber.phase == .live else {
                if frame.content == .transient { counters.droppedBehind += 1 }
                continue
            }
            if let view = subscriber.view, isShared || view.concernsAll {
                let form = frame.form(for: view, counting: ledger)
                offer(form === frame ? handle : formHandle(form), form, to: subscriber)
            } else {
                offer(handle, frame, to: subscriber)
            }
        }
    }

    /// Tells a stream's rule of an event that the stream does not ask for by name.
    ///
    /// A stream that is not live finds the event in the log.
    func pass(_ frame: EventFrame, by subscriber: Subscriber) {
        guard let isLast = subscriber.rule?.isLast(frame) else { return }
        subscriber.hasLastEvent = isLast
        guard isLast else { return }
        endWindow(of: subscriber)
        markDirty(subscriber)
    }

    @inline(__always)
    private func offer(_ handle: FrameHandle, _ frame: EventFrame, to subscriber: Subscriber) {
        if !subscriber.snapshots.isEmpty { return hold(handle, frame, for: subscriber) }
        if let rule = subscriber.rule, !rule.takes(frame) { return }
        if let key = frame.coalesceKey { coalesce(key, frame, in: subscriber) }
        if let batch = subscriber.batch { return gather(handle, frame, for: subscriber, in: batch) }
        if isFull(subscriber, for: frame) {
            overflow(subscriber, with: frame)
        } else {
            append(handle, frame, to: subscriber)
        }
    }

    /// Returns a handle of a form of the event that is being distributed.
    private func formHandle(_ frame: EventFrame) -> FrameHandle {
        if let handle = forms.first(where: { pool.frame($0) === frame }) { return handle }
        let handle = pool.insert(frame)
        forms.append(handle)
        return handle
    }

    private func releaseForms() {
        for handle in forms { pool.release(handle) }
        forms.removeAll(keepingCapacity: true)
    }

    private func append(_ handle: FrameHandle, _ frame: EventFrame, to subscriber: Subscriber) {
        append(handle, to: subscriber)
        if let isLast = subscriber.rule?.isLast(frame) { subscriber.hasLastEvent = isLast }
    }

    /// Queues a frame of which the stream's rule knows.
    @inline(__always)
    func append(_ handle: FrameHandle, to subscriber: Subscriber) {
        pool.retain(handle)
        let size = pool.byteCount(handle, in: subscriber.framing)
        subscriber.outbox.append(handle, byteCount: size)
        markDirty(subscriber)
    }

    /// Has a stream written to at the end of the turn, unless its socket takes no bytes.
    package func markDirty(_ subscriber: Subscriber) {
        if subscriber.isDirty || !subscriber.isWritable { return }
        subscriber.isDirty = true
        dirty.append(subscriber)
    }

    func isFull(_ subscriber: Subscriber, for frame: EventFrame) -> Bool {
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
        for index in (firstWaiting..<outbox.count).reversed()
        where isReplaced(outbox[index], by: frame, key) {
            counters.coalesced += 1
            removeQueued(at: index, from: subscriber)
        }
    }

    /// Whether a waiting event gives way to `frame`, whose key is `key`.
    func isReplaced(_ handle: FrameHandle, by frame: EventFrame, _ key: String) -> Bool {
        let waiting = pool.frame(handle)
        return waiting.coalesceKey == key && waiting.resources == frame.resources
            && (frame.sequence != nil || waiting.sequence == nil)
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
