internal import Reactor
package import Records
package import Telemetry

extension Broker {
    /// The id of the last event in the log.
    package var lastID: EventID {
        EventID(epoch: epoch, sequence: state.withLock { $0.tail.lastSequence })
    }

    /// The first sequence still kept.
    package var oldest: UInt64 { look { $0.oldest } }

    /// The number of events published since the start.
    package var publishedCount: Int { state.withLock { $0.published } }

    /// Returns the next matching events for a stream from memory.
    ///
    /// - Returns: `nil` when some after `cursor` are not in memory.
    package func recentPage(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) -> EventPage? {
        look {
            $0.tail.page(after: cursor, upTo: last, matching: selectors, limit: limit)
        }
    }

    /// Returns the next matching events for a stream, from memory or from the log.
    ///
    /// - Returns: `nil` when some after `cursor` are no longer kept.
    package func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> EventPage? {
        let recent = recentPage(after: cursor, upTo: last, matching: selectors, limit: limit)
        if let recent { return recent }
        // The log is asked only for what memory does not have; the rest of the page comes from
        // memory.
        let border = min(last, look { $0.tail.first - 1 })
        guard
            let older = try await eventLog.page(
                after: cursor, upTo: border, matching: selectors, limit: limit)
        else { return nil }
        guard older.end >= border, older.end < last, older.frames.count < limit,
            let newer = recentPage(
                after: older.end, upTo: last, matching: selectors,
                limit: limit - older.frames.count)
        else { return older }
        return EventPage(frames: older.frames + newer.frames, end: newer.end)
    }

    /// Returns the sequence after which a stream with `cursor` may resume, or why it may not.
    package func resumption(from cursor: String) -> Result<UInt64, Refusal> {
        let (oldest, head) = look { ($0.oldest, $0.tail.lastSequence) }
        func refuse(_ reason: ResetReason) -> Result<UInt64, Refusal> {
            .failure(Refusal(reason: reason, oldest: oldest))
        }
        guard let id = EventID(cursor) else { return refuse(.malformed) }
        guard id.epoch == epoch else { return refuse(.epoch) }
        if id.sequence > head { return refuse(.future) }
        return id.sequence + 1 < oldest ? refuse(.expired) : .success(id.sequence)
    }

    /// Why a cursor cannot be resumed, and the first sequence still kept.
    package struct Refusal: Error {
        package let reason: ResetReason
        package let oldest: UInt64

        package init(reason: ResetReason, oldest: UInt64) {
            self.reason = reason
            self.oldest = oldest
        }
    }

    /// Makes an event for one stream alone, as if it had been published live at `time` or now.
    package func frame(
        ofTransient publication: Publication, at time: Timestamp? = nil
    ) -> EventFrame {
        encoding.frame(publication, sequence: nil, at: time ?? eventLog.now)
    }

    // MARK: State

    /// Whether a snapshot of these selectors may hold anything.
    package func mayHoldState(of selectors: [Selector]) -> Bool {
        stateStore.mayHoldState(of: selectors)
    }

    /// Returns retained events with `cursor < sequence <= last`, in log order and each once.
    package func state(
        of selectors: [Selector], after cursor: UInt64, upTo last: UInt64, limit: Int
    ) async throws(LogUnavailable) -> [StateFrame] {
        try await stateStore.state(of: selectors, after: cursor, upTo: last, limit: limit)
    }

    /// The state of some selectors as of one moment.
    package struct StateSnapshot: Sendable {
        package let cursor: EventID
        /// By resource, in no order.
        package let states: [ResourceState]
        package let ends: [EndedResource]
    }

    /// Returns all retained events by resource and what has ended, and the cursor that this belongs
    /// to.
    package func states(of selectors: [Selector]) async throws(LogUnavailable) -> StateSnapshot {
        let listing = try await stateStore.states(of: selectors)
        // A reader may see a commit a moment before it is handed to the workers. A cursor ahead of
        // them would be refused.
        await reach(listing.lastSequence)
        return StateSnapshot(
            cursor: EventID(epoch: epoch, sequence: listing.lastSequence), states: listing.states,
            ends: listing.ends)
    }

    /// Returns which resources have ended; the last event of each has been handed to every worker.
    package func ends(of selectors: [Selector]) async throws(LogUnavailable) -> [EndedResource] {
        guard stateStore.mayHaveEnded(selectors) else { return [] }
        let listing = try await stateStore.ends(of: selectors)
        await reach(listing.lastSequence)
        return listing.ends
    }

    /// Waits until the event with this sequence, which is committed, has been handed to the
    /// workers.
    func reach(_ sequence: UInt64) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.tail.lastSequence >= sequence { return true }
                state.waiters.append((sequence, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
