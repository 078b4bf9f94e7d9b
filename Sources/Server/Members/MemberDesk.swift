// What one worker's streams are told of the members at resources.
//
// A stream is told the whole list first, and then what has changed since it was last told, at most
// once a second for each resource. The changes of the last second or so are kept once for each
// resource, and each stream remembers up to which of them it was told.

internal import Hub
internal import Reactor

/// The streams of one worker that watch members, and what each was told; not isolated.
///
/// It takes counts, changes and instants, and returns which streams are to be sent what.
struct MemberDesk {
    /// What is to be sent to a stream.
    struct Notice: Equatable {
        let stream: UInt64
        let resource: Resource
        let count: Int
        let joined: [MemberName]
        let left: [MemberName]
    }

    /// What one stream was told of one resource.
    fileprivate struct Watch {
        /// The members with which the stream begins, until it was told.
        var beginning: Set<MemberName> = []
        /// Whether the list was known when the watch began, so that it need not wait for the
        /// room's.
        var hasList = false
        /// The number of the last change that the stream was told or that `beginning` holds.
        var version = 0
        var told: Int?
        var toldAt: Instant?
    }

    fileprivate struct Change {
        let member: MemberName
        let hasJoined: Bool
    }

    fileprivate struct Room {
        let number: Int
        var watches: [UInt64: Watch] = [:]
        var count: Int?
        /// Whether the changes are known up to now, so that the list is.
        var isComplete = false
        /// The latest changes, and the number of the first of them.
        var changes: [Change] = []
        var first = 1

        var version: Int { first + changes.count - 1 }
    }

    /// The streams that want to be told of members wherever they watch presence.
    private(set) var streams: Set<UInt64> = []
    private var rooms: [Resource: Room] = [:]
    private var watched: [UInt64: Set<Resource>] = [:]
    /// Resources of which some stream has not been told all.
    private var delayed: Set<Resource> = []
    private var isLookDue = false

    /// Notes that a stream wants to be told of members.
    mutating func add(_ stream: UInt64) { streams.insert(stream) }

    /// Forgets a stream, which watches nothing any more.
    mutating func remove(_ stream: UInt64) { streams.remove(stream) }

    func resources(watchedBy stream: UInt64) -> Set<Resource> { watched[stream] ?? [] }

    /// Returns whether the caller is to schedule a call of `takeDelayed`.
    ///
    /// After it has returned `true`, it returns `false` until that call.
    mutating func wantsLook() -> Bool {
        guard !delayed.isEmpty, !isLookDue else { return false }
        isLookDue = true
        return true
    }

    // MARK: Watches

    /// Notes that a stream watches the members at a resource.
    ///
    /// `beginning` is who is there as the board has it, and `count` the number of receiving
    /// streams, if it is known.
    ///
    /// - Returns: what to send now.
    mutating func watch(
        _ resource: Resource, by stream: UInt64, from beginning: MemberBoard.Beginning,
        count: Int?, now: Instant
    ) -> [Notice] {
        var room = rooms.removeValue(forKey: resource) ?? Room(number: beginning.room)
        var watch = Watch()
        if let list = beginning.list {
            watch.beginning = list.members
            watch.version = list.version
            watch.hasList = true
            if room.watches.isEmpty {
                room.first = list.version + 1
                room.isComplete = true
            }
        }
        room.watches[stream] = watch
        room.count = count ?? room.count
        rooms[resource] = room
        watched[stream, default: []].insert(resource)
        return speak(of: resource, to: [stream], now: now)
    }

    /// Removes a stream's watch of a resource.
    ///
    /// - Returns: `false` when there was none.
    mutating func unwatch(_ resource: Resource, by stream: UInt64) -> Bool {
        guard rooms[resource]?.watches.removeValue(forKey: stream) != nil else { return false }
        if rooms[resource]?.watches.isEmpty == true { rooms[resource] = nil }
        watched[stream]?.remove(resource)
        if watched[stream]?.isEmpty == true { watched[stream] = nil }
        return true
    }

    // MARK: News

    /// Takes a new count of receiving streams.
    ///
    /// - Returns: what to send now; `takeDelayed` returns what has to wait.
    mutating func hear(_ count: Int, of resource: Resource, now: Instant) -> [Notice] {
        guard rooms[resource] != nil else { return [] }
        rooms[resource]?.count = count
        return speak(of: resource, now: now)
    }

    /// Takes changes in the list of members, in their order.
    ///
    /// - Returns: what to send now; `takeDelayed` returns what has to wait.
    mutating func hear(_ changes: MemberChanges, of resource: Resource, now: Instant) -> [Notice] {
        guard rooms[resource]?.number == changes.room,
            var room = rooms.removeValue(forKey: resource)
        else { return [] }
        room.isComplete = true
        let news =
            changes.joined.map { Change(member: $0, hasJoined: true) }
            + changes.left.map { Change(member: $0, hasJoined: false) }
        // The list that the first watch began with may hold some of what was on its way.
        room.changes += news.dropFirst(max(0, room.version + 1 - changes.first))
        rooms[resource] = room
        return speak(of: resource, now: now)
    }

    /// Takes what has waited long enough; the rest goes on waiting.
    ///
    /// - Returns: what to send now.
    mutating func takeDelayed(now: Instant) -> [Notice] {
        let resources = delayed
        delayed = []
        isLookDue = false
        return resources.flatMap { speak(of: $0, now: now) }
    }

    /// Tells streams what they have not been told, if it is time; the others are delayed.
    private mutating func speak(
        of resource: Resource, to streams: [UInt64]? = nil, now: Instant
    ) -> [Notice] {
        guard var room = rooms.removeValue(forKey: resource) else { return [] }
        defer { rooms[resource] = room }
        guard let count = room.count else { return [] }
        var notices: [Notice] = []
        for stream in streams ?? Array(room.watches.keys) {
            guard var watch = room.watches[stream], room.isComplete || watch.hasList else {
                continue
            }
            let (joined, left) = room.changes(since: watch.version)
            let isNew = watch.told == nil
            guard isNew || watch.told != count || !joined.isEmpty || !left.isEmpty else {
                watch.version = max(watch.version, room.version)
                room.watches[stream] = watch
                continue
            }
            if let toldAt = watch.toldAt, now.since(toldAt) < PresenceWatch.interval {
                delayed.insert(resource)
                continue
            }
            let members = isNew ? watch.beginning.subtracting(left).union(joined) : joined
            notices.append(
                Notice(
                    stream: stream, resource: resource, count: count, joined: members.sorted(),
                    left: isNew ? [] : left.sorted()))
            watch.beginning = []
            watch.version = max(watch.version, room.version)
            watch.told = count
            watch.toldAt = now
            room.watches[stream] = watch
        }
        room.forgetChanges()
        return notices
    }
}

extension MemberDesk.Room {
    /// Returns who has joined and who has left behind a change.
    ///
    /// One who did both has done neither.
    fileprivate func changes(
        since version: Int
    ) -> (joined: Set<MemberName>, left: Set<MemberName>) {
        var joined: Set<MemberName> = []
        var left: Set<MemberName> = []
        for change in changes.dropFirst(max(0, version + 1 - first)) {
            if change.hasJoined {
                if left.remove(change.member) == nil { joined.insert(change.member) }
            } else if joined.remove(change.member) == nil {
                left.insert(change.member)
            }
        }
        return (joined, left)
    }

    /// Forgets the changes that every stream was told.
    fileprivate mutating func forgetChanges() {
        guard !changes.isEmpty, let told = watches.values.map(\.version).min() else { return }
        let count = min(changes.count, max(0, told + 1 - first))
        changes.removeFirst(count)
        first += count
    }
}
