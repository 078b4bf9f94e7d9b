internal import Hub
internal import Reactor

/// The presence counts that one worker's streams watch, and what each was told; not isolated.
///
/// It takes counts and instants, and returns which streams are to be sent which counts.
struct PresenceDesk {
    /// A count that is to be sent to a stream.
    struct Notice: Equatable {
        let stream: UInt64
        let resource: Resource
        let count: Int
    }

    /// The watches of each stream, by resource.
    private var watches: [UInt64: [Resource: PresenceWatch]] = [:]
    /// The streams that watch each resource.
    private var watchers: [Resource: Set<UInt64>] = [:]
    /// Watches with a new count that waits until a second has passed since the last one was sent.
    private var delayed: [(stream: UInt64, resource: Resource)] = []

    private var isLookDue = false

    /// Returns whether the caller is to schedule a call of `takeDelayed`.
    ///
    /// After it has returned `true`, it returns `false` until that call.
    mutating func wantsLook() -> Bool {
        guard !delayed.isEmpty, !isLookDue else { return false }
        isLookDue = true
        return true
    }

    func resources(watchedBy stream: UInt64) -> [Resource] { Array((watches[stream] ?? [:]).keys) }

    /// Notes that a stream watches a resource.
    ///
    /// - Returns: `false` when the stream watches it already.
    mutating func watch(_ resource: Resource, by stream: UInt64) -> Bool {
        guard watches[stream]?[resource] == nil else { return false }
        watches[stream, default: [:]][resource] = PresenceWatch()
        watchers[resource, default: []].insert(stream)
        return true
    }

    /// Removes a stream's watch of a resource.
    ///
    /// - Returns: `false` when there was none.
    mutating func unwatch(_ resource: Resource, by stream: UInt64) -> Bool {
        guard watches[stream]?.removeValue(forKey: resource) != nil else { return false }
        if watches[stream]?.isEmpty == true { watches[stream] = nil }
        watchers[resource]?.remove(stream)
        if watchers[resource]?.isEmpty == true { watchers[resource] = nil }
        return true
    }

    /// Takes a new count for all streams that watch the resource.
    ///
    /// - Returns: what to send now; `takeDelayed` returns what has to wait.
    mutating func hear(_ count: Int, of resource: Resource, now: Instant) -> [Notice] {
        var notices: [Notice] = []
        for stream in watchers[resource] ?? [] {
            if let notice = hear(count, of: resource, for: stream, now: now) {
                notices.append(notice)
            }
        }
        return notices
    }

    /// Takes a new count for one stream.
    ///
    /// - Returns: what to send now; `nil` when the count is the one sent last or has to wait.
    mutating func hear(
        _ count: Int, of resource: Resource, for stream: UInt64, now: Instant
    ) -> Notice? {
        let wasWaiting = watches[stream]?[resource]?.waiting != nil
        if let count = watches[stream]?[resource]?.hear(count, now: now) {
            return Notice(stream: stream, resource: resource, count: count)
        }
        if !wasWaiting, watches[stream]?[resource]?.waiting != nil {
            delayed.append((stream, resource))
        }
        return nil
    }

    /// Takes the counts that have waited long enough; the others go on waiting.
    ///
    /// - Returns: what to send now.
    mutating func takeDelayed(now: Instant) -> [Notice] {
        let candidates = delayed
        delayed = []
        isLookDue = false
        var notices: [Notice] = []
        for (stream, resource) in candidates where watches[stream]?[resource]?.waiting != nil {
            if let count = watches[stream]?[resource]?.speak(now: now) {
                notices.append(Notice(stream: stream, resource: resource, count: count))
            } else {
                delayed.append((stream, resource))
            }
        }
        return notices
    }
}
