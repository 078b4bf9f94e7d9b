// Which members have streams on one worker, at the resources whose members are watched.
//
// Problem: a page that is loaded again ends its stream and opens another one. Its member has not
//   left if it is back within 10 s, and nothing may be told meanwhile. One person may have several
//   streams.
// Algorithm: a stream counts 10 s longer than it lives. What it received stays in a queue by the
//   time of its end. A member is present at a resource as long as one of its streams is counted.
// Memory: a queue of 10,000 streams that have ended, of which the oldest is given up early; and the
//   members of the resources that are watched, of which there are no more than streams.

internal import Hub
internal import Reactor

/// The members of one worker's streams; told instants, and not isolated.
struct MemberLedger {
    /// The milliseconds after its last stream's end within which a member has not left.
    static let grace = 10_000
    /// The most ended streams that are remembered.
    static let maximumLeaving = 10_000

    /// A stream of a member that has ended, or that has stopped receiving some resources.
    private struct Leaving {
        let member: MemberName
        let selectors: [Selector]
        let until: Instant
    }

    /// The members at one resource, and what is not reported yet.
    private struct Tracked {
        /// The number of the room to which it is reported.
        let room: Int
        /// How many subscriptions of each member are counted.
        var counts: [MemberName: Int] = [:]
        /// Those whose presence has changed since the last report.
        var changed: Set<MemberName> = []
        var reported: Set<MemberName> = []
        var hasReported = false
    }

    private var leaving = Queue<Leaving>()
    private var tracked: [Resource: Tracked] = [:]
    /// The tracked resources that are to be reported.
    private var unreported: Set<Resource> = []

    /// The number of ended streams that are remembered.
    var leavingCount: Int { leaving.count }

    /// When to call `expire` next; `nil` when that changes nothing that anybody watches.
    var nextExpiry: Instant? { tracked.isEmpty ? nil : leaving.first?.until }

    // MARK: Streams

    /// Notes that a stream of a member receives these resources from now on.
    mutating func join(_ member: MemberName, _ selectors: [Selector]) {
        count(member, at: selectors, 1)
    }

    /// Notes that a stream of a member does not receive these resources any more.
    mutating func leave(_ member: MemberName, _ selectors: [Selector], now: Instant) {
        if selectors.isEmpty { return }
        expire(now: now)
        if leaving.count == Self.maximumLeaving { endFirst() }
        leaving.append(
            Leaving(
                member: member, selectors: selectors,
                until: now.advanced(milliseconds: Self.grace)))
    }

    /// Ends the time of those streams for which it is over.
    mutating func expire(now: Instant) {
        while let first = leaving.first, first.until <= now { endFirst() }
    }

    private mutating func endFirst() {
        guard let first = leaving.popFirst() else { return }
        count(first.member, at: first.selectors, -1)
    }

    private mutating func count(_ member: MemberName, at selectors: [Selector], _ change: Int) {
        if tracked.isEmpty { return }
        for selector in selectors {
            switch selector {
            case .resource(let resource): count(member, at: resource, change)
            case .pattern(let kind):
                for resource in tracked.keys where resource.kind == kind {
                    count(member, at: resource, change)
                }
            }
        }
    }

    private mutating func count(_ member: MemberName, at resource: Resource, _ change: Int) {
        guard tracked[resource] != nil else { return }
        let count = (tracked[resource]?.counts[member] ?? 0) + change
        tracked[resource]?.counts[member] = count > 0 ? count : nil
        tracked[resource]?.changed.insert(member)
        unreported.insert(resource)
    }

    // MARK: Watched resources

    /// Begins to track the members at a resource, and reports all of them first.
    ///
    /// `present` are the members of the streams that receive it, each as often as its streams have
    /// selectors that name it.
    mutating func track(
        _ resource: Resource, for room: Int, present: [MemberName], now: Instant
    ) {
        expire(now: now)
        tracked[resource] = Tracked(room: room)
        unreported.insert(resource)
        for member in present + membersLeaving(resource) { count(member, at: resource, 1) }
    }

    mutating func untrack(_ resource: Resource) {
        tracked[resource] = nil
        unreported.remove(resource)
    }

    /// The members whose ended streams have received a resource, each as often.
    private func membersLeaving(_ resource: Resource) -> [MemberName] {
        var members: [MemberName] = []
        for index in 0..<leaving.count {
            for selector in leaving[index].selectors where selector.covers(resource) {
                members.append(leaving[index].member)
            }
        }
        return members
    }

    /// Adds the members whose streams have ended within the time that does not count as leaving.
    mutating func addLeaving(
        _ resource: Resource, to members: inout Set<MemberName>, now: Instant
    ) {
        expire(now: now)
        members.formUnion(membersLeaving(resource))
    }

    /// Whether there is something to report.
    var hasReports: Bool { !unreported.isEmpty }

    /// Returns what is to be reported, at most once for each resource.
    mutating func takeReports() -> [MemberReport] {
        defer { unreported = [] }
        return unreported.compactMap { takeReport(of: $0) }
    }

    private mutating func takeReport(of resource: Resource) -> MemberReport? {
        guard var entry = tracked.removeValue(forKey: resource) else { return nil }
        let arrived = entry.changed.filter {
            entry.counts[$0] != nil && !entry.reported.contains($0)
        }
        let gone = entry.changed.filter { entry.counts[$0] == nil && entry.reported.contains($0) }
        entry.changed = []
        entry.reported.formUnion(arrived)
        entry.reported.subtract(gone)
        let isFirst = !entry.hasReported
        entry.hasReported = true
        tracked[resource] = entry
        if arrived.isEmpty, gone.isEmpty, !isFirst { return nil }
        return MemberReport(
            resource: resource, room: entry.room, arrived: arrived.sorted(), gone: gone.sorted())
    }
}

extension Selector {
    /// Whether it asks for the resource, by name or by kind.
    fileprivate func covers(_ resource: Resource) -> Bool {
        switch self {
        case .resource(let own): own == resource
        case .pattern(let kind): kind == resource.kind
        }
    }
}
