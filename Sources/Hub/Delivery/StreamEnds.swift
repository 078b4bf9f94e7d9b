// When a stream with `until=end` is over: all of its resources have ended.
//
// Problem: ends come as events, live or from the log, in the stream's own order. But an end can be
//   forgotten without an event, one that is replayed may have been forgotten since, and a stream
//   can begin, or get resources, behind an end. Only the store knows which resources have ended.
// Algorithm: what the store has said counts as of the sequence at which it was asked, and events
//   count behind that. As long as some resource is known to go on, nothing is asked. When none is,
//   the store is asked once more before the stream ends.
// Cost: a look-up for each event that ends something, and one question to the store for each end of
//   a stream.

/// What one stream knows of the ends of its resources.
package struct StreamEnds: Sendable {
    private struct Known {
        /// The sequence as of which it is known.
        var sequence: UInt64
        var hasEnded: Bool
    }

    package private(set) var resources: Set<Resource> = []
    private var known: [Resource: Known] = [:]
    /// Whether the store has said so, since the last change: then what is known needs no question.
    package private(set) var isConfirmed = false

    package init(of selectors: [Selector]) {
        follow(selectors)
    }

    /// Whether no resource is known to go on.
    ///
    /// A stream without resources is not over: it can get some.
    package var mayBeOver: Bool {
        !resources.isEmpty && resources.allSatisfy { known[$0]?.hasEnded ?? true }
    }

    /// Takes the resources that the stream has from now on.
    package mutating func follow(_ selectors: [Selector]) {
        resources = []
        for case .resource(let resource) in selectors { resources.insert(resource) }
        known = known.filter { resources.contains($0.key) }
        isConfirmed = false
    }

    /// Takes an event of the stream, which may end a resource or take it up again.
    package mutating func note(_ frame: EventFrame) {
        guard let sequence = frame.sequence, frame.isEnd || frame.mark != nil else { return }
        // Only the hub's own events can take up again what they have ended.
        let hasEnded = frame.isEnd || frame.mark == .final
        guard hasEnded || frame.mark == .reopened else { return }
        for resource in frame.resources
        where resources.contains(resource) && isNews(of: resource, since: sequence) {
            known[resource] = Known(sequence: sequence, hasEnded: hasEnded)
            isConfirmed = false
        }
    }

    /// Takes what the store has said of all resources as of a sequence; what is known as of a later
    /// one stays.
    package mutating func confirm(_ ended: Set<Resource>, asOf sequence: UInt64) {
        for resource in resources where isNews(of: resource, since: sequence + 1) {
            known[resource] = Known(sequence: sequence, hasEnded: ended.contains(resource))
        }
        isConfirmed = true
    }

    /// Whether nothing is known of a resource as of a sequence or a later one.
    private func isNews(of resource: Resource, since sequence: UInt64) -> Bool {
        known[resource].map { $0.sequence < sequence } ?? true
    }
}

/// The rule of a stream with `until=end`: it gets all events, and ends when all of its resources
/// have ended.
package final class UntilEndRule: StreamRule {
    package private(set) var ends: StreamEnds
    package var announcesEnd: Bool { true }

    package init(_ ends: StreamEnds) {
        self.ends = ends
    }

    package func takes(_ frame: EventFrame) -> Bool { true }

    package func isLast(_ frame: EventFrame) -> Bool? {
        ends.note(frame)
        return ends.mayBeOver
    }

    /// Takes the resources that the stream has from now on.
    package func follow(_ selectors: [Selector]) { ends.follow(selectors) }

    /// Takes what the store has said as of a sequence.
    package func confirm(_ ended: Set<Resource>, asOf sequence: UInt64) {
        ends.confirm(ended, asOf: sequence)
    }
}
