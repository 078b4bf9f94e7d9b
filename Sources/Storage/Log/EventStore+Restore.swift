package import Records

/// An event that was in a log before.
package struct RestoredEvent: Sendable {
    package let event: NewEvent
    /// When it was published, in milliseconds since 1970; `nil` is now.
    package let at: Int64?

    package init(_ event: NewEvent, at: Int64?) {
        self.event = event
        self.at = at
    }
}

extension EventStore {
    /// Appends events in one transaction, each with its own time; retention deletes nothing.
    ///
    /// Times do not fall from one event to the next, so a time before the last one's becomes that,
    /// and one in the future becomes `now`: all later events would share it.
    /// - Throws: `LogUnavailable`; then nothing is stored and no sequence is used up.
    package func restore(
        _ events: [RestoredEvent], now: Int64
    ) throws(LogUnavailable) -> [EventPlacement] {
        try transaction { () throws(LogUnavailable) in
            var placements: [EventPlacement] = []
            placements.reserveCapacity(events.count)
            for restored in events {
                let at = max(min(restored.at ?? now, now), lastTime)
                let placement = try append(restored.event, at: at)
                if case .stored = placement { bounds.lastTime = at }
                placements.append(placement)
            }
            try indexNewest()
            return placements
        }
    }
}
