// The state that a log in memory keeps: the latest retained event of each resource and name, until
// it is too old.
//
// Problem: state must disappear in time although no thread prunes it, and neither a publish nor a
//   read may wait until a million old entries are deleted.
// Algorithm: reading leaves out entries that are too old, so they are hidden at once. Their memory
//   is given back later, as in the clock algorithm of page replacement: each entry waits in a queue
//   to be looked at, with the time that it had at its last look. An entry that is too old when it
//   is looked at is deleted. One that was replaced meanwhile waits again, with its new time.
//   Entries that expire by themselves (`ttl`) wait in a second queue, in no order: those that come
//   have twice as many looked at, and who is not due goes to the end.
// Invariants: each entry is in the queue once; a place whose entry was forgotten meanwhile has
//   another ticket than the entry that stands there now, and is dropped at its look. If the looks
//   keep up, an entry is deleted at the latest when it is twice as old as it may be, for entries
//   are looked at in the order in which they were put into the queue.
// Cost: an event that replaces another costs the queue nothing. A call of `forget` looks at a fixed
//   number of entries, and one comes with each publication, which has fewer resources.

internal import Reactor
internal import Telemetry

/// Retained events by resource and name.
struct MemoryState {
    struct Event {
        let publication: Publication
        let sequence: UInt64
        let at: Timestamp
        /// The ticket of the entry's place in the queue.
        fileprivate var ticket: UInt64 = 0
        /// The ticket of its place in the queue of those that expire by themselves.
        fileprivate var expiryTicket: UInt64?

        /// Whether it is state no longer, because its own time is over.
        func hasExpired(at now: Int64) -> Bool {
            publication.lifetime.map { at.milliseconds + $0 <= now } ?? false
        }
    }

    private struct Look {
        let resource: Resource
        let name: String
        let at: Int64
        let ticket: UInt64
    }

    /// The number of looks in one call of `forget`: more than a publication has resources, so that
    /// more can go than came.
    private static let looksAtOnce = 128

    private var events: [Resource: [String: Event]] = [:]
    private var looks = Queue<Look>()
    /// The entries that expire by themselves, in no order: each waits here until its turn comes.
    private var expiring = Queue<Look>()
    /// How many looks at these are due because of those that came.
    private var owedLooks = 0
    private var lastTicket: UInt64 = 0
    private let age: Int64?

    /// Makes an empty state, whose events are too old after `age` milliseconds.
    init(age: Int64?) {
        self.age = age
    }

    /// The number of entries in memory, including those that are hidden because they are too old.
    var count: Int { events.values.reduce(0) { $0 + $1.count } }

    /// The number of entries that wait for a look.
    var waitingCount: Int { looks.count }

    /// Makes an event the state of its resources under its name; `time` never falls.
    mutating func keep(_ publication: Publication, sequence: UInt64, at time: Timestamp) {
        var event = Event(publication: publication, sequence: sequence, at: time)
        let name = publication.name.description
        for resource in publication.resources {
            if let old = events[resource]?[name] {
                event.ticket = old.ticket
                event.expiryTicket = old.expiryTicket
            } else {
                event.ticket = 0
                event.expiryTicket = nil
                if age != nil {
                    let look = makeLook(resource, name, time.milliseconds)
                    event.ticket = look.ticket
                    looks.append(look)
                }
            }
            if publication.lifetime != nil, event.expiryTicket == nil {
                let look = makeLook(resource, name, time.milliseconds)
                event.expiryTicket = look.ticket
                expiring.append(look)
                owedLooks += 2
            }
            events[resource, default: [:]][name] = event
        }
    }

    private mutating func makeLook(_ resource: Resource, _ name: String, _ at: Int64) -> Look {
        lastTicket += 1
        return Look(resource: resource, name: name, at: at, ticket: lastTicket)
    }

    /// Looks at 256 entries at most and deletes those that have expired at `now`.
    mutating func forget(at now: Timestamp) {
        if !expiring.isEmpty { forgetExpired(at: now.milliseconds) }
        guard let age else { return }
        let border = now.milliseconds - age
        for _ in 0..<Self.looksAtOnce {
            guard !looks.isEmpty, looks[0].at < border, let look = looks.popFirst() else { return }
            guard let event = events[look.resource]?[look.name], event.ticket == look.ticket
            else { continue }
            let at = event.at.milliseconds
            if at < border {
                delete(look.name, of: look.resource)
            } else {
                looks.append(
                    Look(resource: look.resource, name: look.name, at: at, ticket: look.ticket))
            }
        }
    }

    /// Looks at those whose turn it is among the entries that expire by themselves, twice as many
    /// as came.
    private mutating func forgetExpired(at now: Int64) {
        let count = min(owedLooks, Self.looksAtOnce - 2)
        owedLooks -= count
        for _ in 0..<min(count + 2, expiring.count) {
            guard let look = expiring.popFirst() else { return }
            guard let event = events[look.resource]?[look.name], event.expiryTicket == look.ticket
            else { continue }
            if event.hasExpired(at: now) {
                delete(look.name, of: look.resource)
            } else if event.publication.lifetime == nil {
                events[look.resource]?[look.name]?.expiryTicket = nil
            } else {
                expiring.append(look)
            }
        }
    }

    private mutating func delete(_ name: String, of resource: Resource) {
        events[resource]?[name] = nil
        if events[resource]?.isEmpty == true { events[resource] = nil }
    }

    /// Forgets all state of a resource.
    mutating func forget(_ resource: Resource) { events[resource] = nil }

    /// Returns the sequence of the newest event that is state of a resource; 0 when there is none.
    func newestSequence(of resource: Resource, at now: Timestamp) -> UInt64 {
        let kept = events[resource]?.values.lazy.filter { !$0.hasExpired(at: now.milliseconds) }
        return kept?.map(\.sequence).max() ?? 0
    }

    /// Whether there may be state of these selectors; entries that are too old but still in memory
    /// count.
    func mayHold(_ selectors: [Selector]) -> Bool {
        !events.isEmpty
            && selectors.contains { selector in
                switch selector {
                case .resource(let resource): events[resource] != nil
                case .pattern: true
                }
            }
    }

    /// Returns the state of these selectors that is not too old at `now`, in no order.
    mutating func events(
        of selectors: [Selector], at now: Timestamp
    ) -> [(resource: Resource, event: Event)] {
        forget(at: now)
        let border = age.map { now.milliseconds - $0 } ?? .min
        var resources: Set<Resource> = []
        for selector in selectors {
            switch selector {
            case .resource(let resource): resources.insert(resource)
            case .pattern(let kind): resources.formUnion(events.keys.filter { $0.kind == kind })
            }
        }
        return resources.flatMap { resource in
            (events[resource] ?? [:]).values.lazy.filter {
                $0.at.milliseconds >= border && !$0.hasExpired(at: now.milliseconds)
            }.map { (resource, $0) }
        }
    }
}
