// The state that a log in memory keeps: the latest retained event of each resource and name, until
// it is too old.
//
// Problem: state must be gone in time although no thread looks after it, and neither a publish nor
//   a read may wait until a million old entries are deleted.
// Algorithm: reading leaves out what is too old, so that it is out of sight at once. Its memory
//   goes later, as in the clock algorithm of page replacement: each entry waits in a queue for its
//   look, with its time at the last one. One that is too old at its look is deleted; one that was
//   replaced in between waits again, with its new time.
// Invariants: each entry is in the queue once. It is deleted at the latest when it is twice as old
//   as it may be and the looks have kept up, for a look comes before all that were put in line
//   after it.
// Cost: to keep an event that replaces one costs the queue nothing. A call of `forget` has a fixed
//   number of looks, and one comes with each publication, which has fewer resources.

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

    /// More than a publication has resources, so that more can go than came.
    private static let looksAtOnce = 128

    private var events: [Resource: [String: Event]] = [:]
    private var looks = Queue<Look>()
    private let age: Int64?

    /// No state yet; it is too old after `age` milliseconds.
    init(age: Int64?) {
        self.age = age
    }

    /// Entries in memory, with those that nobody sees any more.
    var count: Int { events.values.reduce(0) { $0 + $1.count } }

    /// Entries in line for a look.
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

    /// Whether there may be state of these selectors; what is too old and still in memory counts.
    func mayHold(_ selectors: [Selector]) -> Bool {
        !events.isEmpty
            && selectors.contains { selector in
                switch selector {
                case .resource(let resource): events[resource] != nil
                case .pattern: true
                }
            }
    }

    /// The state of these selectors that is not too old at `now`, in no order.
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
