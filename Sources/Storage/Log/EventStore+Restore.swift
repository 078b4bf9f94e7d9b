package import Records

/// An event to be stored again with the time of its first publication, as an import does.
package struct RestoredEvent: Sendable {
    package let event: NewEvent
    /// When it was published, in milliseconds since 1970 (UTC); `nil` means now.
    package let at: Int64?
    /// The resources of which it is state, if it is retained; `nil` for all of its own.
    package let stateOf: [String]?
    /// The resources that it ends, if it ends any; `nil` for all of its own.
    package let endOf: [String]?

    package init(
        _ event: NewEvent, at: Int64?, stateOf: [String]? = nil, endOf: [String]? = nil
    ) {
        self.event = event
        self.at = at
        self.stateOf = stateOf
        self.endOf = endOf
    }
}

/// A part of a log that is stored again.
package enum RestoredPart: Sendable {
    case event(RestoredEvent)
    /// Resources that had ended with events that are not kept any more.
    case ended([String])
}

extension EventStore {
    /// Appends events in one transaction, each with its own time.
    ///
    /// They have been in a log, so nothing is asked about ends: an event may come behind the end of
    /// its resource, which was forgotten in between.
    /// Retention deletes nothing meanwhile. Times never fall from one event to the next: a time
    /// before that of the previous event is raised to it. A time in the future becomes `now`,
    /// because all later events would otherwise share it.
    /// - Returns: where each event was placed, in their order; nothing for ended resources.
    /// - Throws: `LogUnavailable`; then nothing is stored and no sequence is used up.
    package func restore(
        _ parts: [RestoredPart], now: Int64
    ) throws(LogUnavailable) -> [EventPlacement] {
        try transaction { () throws(LogUnavailable) in
            var placements: [EventPlacement] = []
            placements.reserveCapacity(parts.count)
            for part in parts {
                guard case .event(let restored) = part else {
                    if case .ended(let resources) = part { try ends.add(resources, with: 0) }
                    continue
                }
                let at = max(min(restored.at ?? now, now), lastTime)
                let placement = try append(
                    restored.event, at: at, stateOf: restored.stateOf, endOf: restored.endOf)
                if case .stored = placement { bounds.lastTime = at }
                placements.append(placement)
            }
            try indexNewest()
            return placements
        }
    }
}
