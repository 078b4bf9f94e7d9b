// Replaying and catching up are one mechanism: a stream that is behind gets pages of the log into
// its empty outbox until its cursor reaches `position`, and is live from then on. It is registered
// before anything is read, and the log is read only up to `position`, so the stream can neither
// miss an event nor get one twice.
//
// A snapshot holds the state as of the cursor at which the stream was registered. A retained event
// that has been replaced since is not in it: its successor has a higher sequence and comes as an
// event. So each change is either in the snapshot or in the log after it, whatever happens
// meanwhile.

extension Shard {
    /// Returns the cursor of a stream that is not live yet, and the shard's position for any other.
    package func cursorOrPosition(of subscriber: Subscriber) -> UInt64 {
        switch subscriber.phase {
        case .opening(let cursor), .behind(let cursor): cursor
        case .live, .closed: position
        }
    }

    /// Returns whether `subscriber` waits for a page and can take one.
    package func wantsPage(_ subscriber: Subscriber) -> Bool {
        // What holds for nearly every stream after each delivery is asked first.
        switch subscriber.phase {
        case .live: if subscriber.snapshots.isEmpty { return false }
        case .opening, .behind: break
        case .closed: return false
        }
        return subscriber.outbox.isEmpty && subscriber.isWritable && !subscriber.isFetching
    }

    /// Requests a snapshot of the state of `selectors`, which a stream gets before it reads on.
    package func requestSnapshot(of selectors: [Selector], for subscriber: Subscriber) {
        let last = cursorOrPosition(of: subscriber)
        subscriber.snapshots.append(.init(selectors: selectors, last: last))
    }

    /// Queues a page of the snapshot that is being sent; `isLast` says that it is the last page.
    package func queue(_ page: [StateFrame], isLast: Bool, for subscriber: Subscriber) {
        for state in page {
            if let filter = subscriber.filter, !filter.contains(state.frame.name) { continue }
            queue(state.frame, for: subscriber)
        }
        if isLast {
            subscriber.snapshots.removeFirst()
            if subscriber.snapshots.isEmpty { release(heldOf: subscriber) }
        } else if let end = page.last?.sequence {
            subscriber.snapshots[0].cursor = end
        }
    }

    /// Holds a live event back until the snapshot has been sent.
    ///
    /// When the limit of the queue is reached, the stream falls behind instead, and gets the held
    /// durable events from the log.
    func hold(_ handle: FrameHandle, _ frame: EventFrame, for subscriber: Subscriber) {
        guard subscriber.held.count >= limits.count else {
            pool.retain(handle)
            subscriber.held.append(handle)
            return
        }
        guard let sequence = frame.sequence else {
            counters.droppedFull += 1
            return
        }
        let held = subscriber.held.compactMap { pool.frame($0).sequence }
        counters.fellBehind += 1
        counters.droppedFull += subscriber.held.count - held.count
        dropHeld(of: subscriber)
        subscriber.phase = .behind(cursor: (held.first ?? sequence) - 1)
    }

    func dropHeld(of subscriber: Subscriber) {
        for handle in subscriber.held { pool.release(handle) }
        subscriber.held = []
    }

    private func release(heldOf subscriber: Subscriber) {
        for handle in subscriber.held {
            let frame = pool.frame(handle)
            if let rule = subscriber.rule, !rule.takes(frame) { continue }
            if let batch = subscriber.batch {
                gather(handle, frame, for: subscriber, in: batch)
            } else {
                queue(frame, for: subscriber)
            }
        }
        dropHeld(of: subscriber)
    }

    /// Ends the phase `opening`: from now on the stream reads the log, or is live if there is
    /// nothing to read.
    package func finishOpening(_ subscriber: Subscriber) {
        guard case .opening(let cursor) = subscriber.phase else { return }
        subscriber.phase = cursor >= position ? .live : .behind(cursor: cursor)
    }

    /// Has an opening stream begin with the events after `cursor`, which lie before all that has
    /// come since it was opened.
    package func rewind(_ subscriber: Subscriber, to cursor: UInt64) {
        guard case .opening = subscriber.phase else { return }
        subscriber.phase = .behind(cursor: cursor)
        // Resources that were added meanwhile: what is later than the cursor comes as events.
        for index in subscriber.snapshots.indices {
            subscriber.snapshots[index].last = min(subscriber.snapshots[index].last, cursor)
        }
    }

    /// Queues a page of the log, which begins behind the stream's cursor and is complete up to
    /// `end`.
    package func queue(_ page: [EventFrame], upTo end: UInt64, for subscriber: Subscriber) {
        for frame in page {
            if let filter = subscriber.filter, !filter.contains(frame.name) {
                if subscriber.rule != nil { pass(frame, by: subscriber) }
                continue
            }
            queue(frame, for: subscriber)
        }
        subscriber.phase = end >= position ? .live : .behind(cursor: end)
        if subscriber.phase == .live, subscriber.outbox.isEmpty { subscriber.isStalled = false }
    }
}
