package import Records

/// An event to be stored again with the time of its first publication, as an import does.
package struct RestoredEvent: Sendable {
    package let event: NewEvent
    /// When it was published, in milliseconds since 1970 (UTC); `nil` means now.
    package let at: Int64?

    package init(_ event: NewEvent, at: Int64?) {
        self.event = event
        self.at = at
    }
}

extension EventStore {
    /// Appends events in one transaction, each with its own time.
    ///
    /// Retention deletes nothing meanwhile. Times never fall from one event to the next: a time
    /// before that of the previous event is raised to it. A time in the future becomes `now`,
    /// because all later events would otherwise share it.
    /// - Returns: where each event was placed, in their order.
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
