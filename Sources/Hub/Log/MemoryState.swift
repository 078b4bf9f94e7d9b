// The state that a log in memory keeps: the latest retained event of each resource and name, until
// it is too old.
//
// Problem: state must disappear in time although no thread prunes it, and neither a publish nor a
//   read may wait until a million old entries are deleted.
// Algorithm: reading leaves out entries that are too old, so they are hidden at once. Their memory
//   is given back later, as in the clock algorithm of page replacement: each entry waits in a queue
//   to be looked at, with the time that it had at its last look. An entry that is too old when it
//   is looked at is deleted. One that was replaced meanwhile waits again, with its new time.
// Invariants: each entry is in the queue once. If the looks keep up, it is deleted at the latest
//   when it is twice as old as it may be, for entries are looked at in the order in which they were
//   put into the queue.
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
    }

    private struct Look {
        let resource: Resource
        let name: String
        let at: Int64
    }

    /// The number of looks in one call of `forget`: more than a publication has resources, so that
    /// more can go than came.
    private static let looksAtOnce = 128

    private var events: [Resource: [String: Event]] = [:]
    private var looks = Queue<Look>()
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
        let event = Event(publication: publication, sequence: sequence, at: time)
        let name = publication.name.description
        for resource in publication.resources {
            let old = events[resource, default: [:]].updateValue(event, forKey: name)
            guard old == nil, age != nil else { continue }
            looks.append(Look(resource: resource, name: name, at: time.milliseconds))
        }
    }

    /// Looks at 128 entries at most and deletes those that have expired at `now`.
    mutating func forget(at now: Timestamp) {
        guard let age else { return }
        let border = now.milliseconds - age
        for _ in 0..<Self.looksAtOnce {
            guard !looks.isEmpty, looks[0].at < border, let look = looks.popFirst() else { return }
            guard let at = events[look.resource]?[look.name]?.at.milliseconds else { continue }
            if at < border {
                delete(look.name, of: look.resource)
            } else {
                looks.append(Look(resource: look.resource, name: look.name, at: at))
            }
        }
    }

    private mutating func delete(_ name: String, of resource: Resource) {
        events[resource]?[name] = nil
        if events[resource]?.isEmpty == true { events[resource] = nil }
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
            (events[resource] ?? [:]).values.lazy.filter { $0.at.milliseconds >= border }
                .map { (resource, $0) }
        }
    }
}
