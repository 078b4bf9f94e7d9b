// Who is present at one resource, over all workers.
//
// Problem: a person may have streams on several workers, and what a watcher is told must have a
//   bound, however many are present.
// Algorithm: each worker says who has come to its streams and who has gone from all of them.
//   Someone is present as long as one worker has them. The first 200 who come are named. Who comes
//   beyond them is named when a place is free.
// Invariant: what is announced is the difference between the lists of those who are named, so one
//   who is told all changes since the start knows the list.

/// The members of one resource; a value.
package struct MemberRoom {
    /// The most members that are named.
    package static let maximumNamed = 200

    /// The number of workers that have each member.
    private var places: [MemberName: Int] = [:]
    private var named: Set<MemberName> = []
    private var unnamed: Set<MemberName> = []
    /// The workers that have not said yet who is there.
    private var awaited: Set<Int>
    /// The number of this room, in the order of making.
    let number: Int
    /// The number of changes so far.
    private(set) package var version = 0

    package init(_ number: Int, workerCount: Int) {
        self.number = number
        awaited = Set(0..<workerCount)
    }

    /// Whether all workers have said who is there, so that the list is right.
    package var isComplete: Bool { awaited.isEmpty }

    /// The list of those who are named; `nil` while it is not complete.
    package var list: MemberList? {
        isComplete ? MemberList(members: named, version: version) : nil
    }

    /// Takes who has come to a worker and who has gone from it; its first report names all that it
    /// has.
    ///
    /// - Returns: the changes in the list of those who are named; `nil` without any, and while the
    ///   list is not complete. The report that completes it announces all of them.
    package mutating func report(
        arrived: [MemberName], gone: [MemberName], by worker: Int
    ) -> MemberChanges? {
        let wasComplete = isComplete
        awaited.remove(worker)
        let before = named
        for member in arrived { place(member) }
        for member in gone { remove(member) }
        while named.count < Self.maximumNamed, let member = unnamed.popFirst() {
            named.insert(member)
        }
        guard isComplete else { return nil }
        let known = wasComplete ? before : []
        let changes = MemberChanges(
            room: number, first: version + 1, joined: named.subtracting(known).sorted(),
            left: known.subtracting(named).sorted())
        guard !wasComplete || changes.count > 0 else { return nil }
        version += changes.count
        return changes
    }

    private mutating func place(_ member: MemberName) {
        places[member, default: 0] += 1
        if places[member] == 1 { unnamed.insert(member) }
    }

    private mutating func remove(_ member: MemberName) {
        guard let count = places[member] else { return }
        places[member] = count == 1 ? nil : count - 1
        guard count == 1 else { return }
        named.remove(member)
        unnamed.remove(member)
    }
}

/// The members of a resource that are named, as of one of the changes in the list.
package struct MemberList: Equatable, Sendable {
    package let members: Set<MemberName>
    /// The number of the last change that the list holds.
    package let version: Int

    package init(members: Set<MemberName>, version: Int) {
        self.members = members
        self.version = version
    }
}

/// Changes in the list of a resource's members, in the order in which they count.
package struct MemberChanges: Equatable, Sendable {
    /// The number of the room.
    package let room: Int
    /// The number of the first change in the room.
    package let first: Int
    package let joined: [MemberName]
    package let left: [MemberName]

    package init(room: Int, first: Int, joined: [MemberName], left: [MemberName]) {
        self.room = room
        self.first = first
        self.joined = joined
        self.left = left
    }

    package var count: Int { joined.count + left.count }
}
