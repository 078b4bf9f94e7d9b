package import Records

/// The search for the place from which the last events that match follow.
///
/// It goes through the log from a place backwards, in steps: first through what is in memory, then
/// through the rest. Between two steps nothing is held, however far back the events lie.
package struct RewindSearch: Sendable {
    /// The number of events that one step looks at, at most.
    static let step = 512

    private enum Part {
        case memory
        case log
        case ended
    }

    let selectors: [Selector]
    /// Event names that count; `nil` for all.
    private let names: Set<String>?
    private var missing: Int
    private var part = Part.memory
    /// All events from here on have been looked at.
    private(set) var end: UInt64
    /// The cursor after which the events follow that were found; `nil` as long as there are none.
    package private(set) var cursor: UInt64?

    /// Makes a search for the last `count` events up to `last`.
    package init(
        count: Int, upTo last: UInt64, matching selectors: [Selector], named names: Set<String>?
    ) {
        missing = count
        end = last + 1
        self.selectors = selectors
        self.names = names
    }

    /// Whether all are found, or there are no more.
    package var isOver: Bool { part == .ended }

    /// Whether the next step looks at what is in memory.
    var isInMemory: Bool { part == .memory }

    /// Looks at the next older event that matches by its resources.
    mutating func look(at sequence: UInt64, name: String) {
        guard !isOver else { return }
        end = sequence
        if let names, !names.contains(name) { return }
        cursor = sequence - 1
        missing -= 1
        if missing == 0 { part = .ended }
    }

    /// Notes that no more events in memory match, whose first has the sequence `first`.
    mutating func leaveMemory(from first: UInt64) {
        guard !isOver else { return }
        end = min(end, first)
        part = .log
    }

    /// Notes that nothing older matches.
    mutating func finish() { part = .ended }
}

/// Where an event stands in the log, and its name.
struct EventPlace: Sendable {
    let sequence: UInt64
    let name: String
}

extension Broker {
    /// Does the next step of a search.
    package func advance(
        _ search: RewindSearch
    ) async throws(LogUnavailable) -> RewindSearch {
        var next = search
        guard search.isInMemory else {
            let events = try await eventLog.newest(
                before: search.end, matching: search.selectors, limit: RewindSearch.step)
            for event in events { next.look(at: event.sequence, name: event.name) }
            if events.count < RewindSearch.step { next.finish() }
            return next
        }
        let (frames, first) = look { state in
            let frames = state.tail.newest(
                before: search.end, matching: search.selectors, limit: RewindSearch.step)
            return (frames, state.tail.first)
        }
        for frame in frames {
            if let sequence = frame.sequence { next.look(at: sequence, name: frame.name) }
        }
        if frames.count < RewindSearch.step { next.leaveMemory(from: first) }
        return next
    }
}
