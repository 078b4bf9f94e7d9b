// One worker's part of the subscription registry: which of its streams get which events.
//
// Invariants:
//   - A subscriber stands once in the list of each of its selectors, and knows its place in each.
//   - `position` is the last sequence distributed here. A live stream has been offered every
//     matching event up to it; a stream that is behind has been sent those up to its cursor.
//   - Each handle in an outbox is one use in `pool`.
// Cost: a distribution touches the lists of the event's resources and kinds, nothing else. A change
//   of selectors costs by their number.

internal import Telemetry

/// The subscription registry of one worker; not isolated, never shared.
package final class Shard {
    package let limits: OutboxLimits
    /// The last sequence that was distributed here.
    @safe @exclusivity(unchecked) package var position: UInt64 = 0
    @safe @exclusivity(unchecked) package internal(set) var counters = DeliveryCounters()
    /// The watched resources whose count may have changed since `takeChangedPresence`.
    @safe @exclusivity(unchecked) package internal(set) var changedPresence: Set<Resource> = []

    @safe @exclusivity(unchecked) var resources: [Resource: Topic] = [:]
    @safe @exclusivity(unchecked) var kinds: [String: Topic] = [:]
    var watched: [Resource: Int] = [:]
    @safe @exclusivity(unchecked) var pool = FramePool()
    /// The forms of the event that is being distributed, with one use each.
    @safe @exclusivity(unchecked) var forms: [FrameHandle] = []
    let ledger: FormLedger
    @safe @exclusivity(unchecked) var dirty: [Subscriber] = []
    @safe @exclusivity(unchecked) var stalled: [Subscriber] = []
    @safe @exclusivity(unchecked) var distribution: UInt64 = 0
    /// The streams that have begun to gather events since `takeGathering`.
    @safe @exclusivity(unchecked) var gathering: [Subscriber] = []
    /// The number of streams to which an event is to go at once.
    @safe @exclusivity(unchecked) private var promptCount = 0
    /// The batch that was made last, for the next stream that has gathered the same events.
    @safe @exclusivity(unchecked) var lastBatch: SharedBatch?

    /// Makes a shard without streams; `ledger` counts the forms of all shards of a hub.
    package init(limits: OutboxLimits, ledger: FormLedger = FormLedger()) {
        self.limits = limits
        self.ledger = ledger
    }

    /// Whether events may be distributed some milliseconds late, as all streams gather for longer.
    package var isPatient: Bool { promptCount == 0 }

    // MARK: Subscriptions

    /// The selectors that at least one stream asks for.
    package var selectors: [Selector] {
        resources.values.map(\.selector) + kinds.values.map(\.selector)
    }

    /// Registers a new stream under its selectors, each once.
    package func add(_ subscriber: Subscriber, to selectors: [Selector]) {
        counters.streams += 1
        if !subscriber.takesItsTime { promptCount += 1 }
        for selector in selectors { join(subscriber, selector) }
    }

    /// Removes a stream from all lists, and what waited for it.
    package func remove(_ subscriber: Subscriber) {
        guard subscriber.phase != .closed else { return }
        subscriber.phase = .closed
        counters.streams -= 1
        if !subscriber.takesItsTime { promptCount -= 1 }
        while let last = subscriber.memberships.indices.last {
            leave(subscriber, membership: last)
        }
        for index in 0..<subscriber.outbox.count { pool.release(subscriber.outbox[index]) }
        subscriber.outbox.removeAll()
        dropHeld(of: subscriber)
        dropGathered(of: subscriber)
    }

    /// Changes the selectors of a stream.
    ///
    /// - Returns: those of `added` that the stream did not have, in order.
    package func change(
        _ subscriber: Subscriber, adding added: [Selector], removing removed: [Selector]
    ) -> [Selector] {
        subscriber.hasChangedSinceFetch = true
        for selector in removed {
            guard
                let index = subscriber.memberships.firstIndex(where: {
                    $0.topic.selector == selector
                })
            else { continue }
            leave(subscriber, membership: index)
        }
        return added.filter { selector in
            if subscriber.memberships.contains(where: { $0.topic.selector == selector }) {
                return false
            }
            join(subscriber, selector)
            return true
        }
    }

    private func join(_ subscriber: Subscriber, _ selector: Selector) {
        let topic = topic(for: selector)
        subscriber.memberships.append(.init(topic: topic, slot: topic.subscribers.count))
        topic.subscribers.append(subscriber)
        counters.subscriptions += 1
        notePresence(of: selector)
    }

    private func leave(_ subscriber: Subscriber, membership index: Int) {
        let membership = subscriber.memberships.remove(at: index)
        let topic = membership.topic
        let last = topic.subscribers.removeLast()
        if last !== subscriber {
            topic.subscribers[membership.slot] = last
            if let moved = last.memberships.firstIndex(where: { $0.topic === topic }) {
                last.memberships[moved].slot = membership.slot
            }
        }
        if topic.subscribers.isEmpty { forget(topic) }
        counters.subscriptions -= 1
        notePresence(of: topic.selector)
    }

    private func topic(for selector: Selector) -> Topic {
        switch selector {
        case .resource(let resource):
            if let topic = resources[resource] { return topic }
            let topic = Topic(selector)
            resources[resource] = topic
            return topic
        case .pattern(let kind):
            if let topic = kinds[kind] { return topic }
            let topic = Topic(selector)
            kinds[kind] = topic
            return topic
        }
    }

    private func forget(_ topic: Topic) {
        switch topic.selector {
        case .resource(let resource): resources[resource] = nil
        case .pattern(let kind): kinds[kind] = nil
        }
    }
}

/// The counters of a shard, which are summed over the workers.
package struct DeliveryCounters: Sendable {
    /// The number of open streams.
    package var streams = 0
    /// The number of selectors of all open streams together.
    package var subscriptions = 0
    /// Events that the kernel has taken whole.
    package var delivered = 0
    /// Transient events that found a full queue, or waited in one.
    package var droppedFull = 0
    /// Transient events for a stream that was not live.
    package var droppedBehind = 0
    /// Waiting events that a newer one with the same key has replaced.
    package var coalesced = 0
    /// How often a stream fell behind the present.
    package var fellBehind = 0
    /// Streams ended because their reader was too slow.
    package var cutOff = 0

    package init() {}

    /// Transient events that a stream could not take.
    package var dropped: Int { droppedFull + droppedBehind }

    package static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.streams += right.streams
        sum.subscriptions += right.subscriptions
        sum.delivered += right.delivered
        sum.droppedFull += right.droppedFull
        sum.droppedBehind += right.droppedBehind
        sum.coalesced += right.coalesced
        sum.fellBehind += right.fellBehind
        sum.cutOff += right.cutOff
        return sum
    }
}
