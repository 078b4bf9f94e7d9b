internal import Hub
internal import Reactor

/// Which streams of one worker hear the counts of which resources, and what each has heard; not
/// isolated.
///
/// It is told counts and instants, and says who is to be told what.
struct PresenceDesk {
    /// A count that a stream is to be told.
    struct Notice: Equatable {
        let stream: UInt64
        let resource: Resource
        let count: Int
    }

    /// What a stream has heard, by resource.
    private var watches: [UInt64: [Resource: PresenceWatch]] = [:]
    /// Streams that hear the counts of a resource.
    private var watchers: [Resource: Set<UInt64>] = [:]
    /// Counts that wait until a second has passed since the last was told.
    private var delayed: [(stream: UInt64, resource: Resource)] = []

    private var isLookDue = false

    /// Whether a call of `takeDelayed` is to be arranged; said once until that call.
    mutating func wantsLook() -> Bool {
        guard !delayed.isEmpty, !isLookDue else { return false }
        isLookDue = true
        return true
    }

    func resources(watchedBy stream: UInt64) -> [Resource] { Array((watches[stream] ?? [:]).keys) }

    /// Notes that a stream watches a resource; `false` when it does so already.
    mutating func watch(_ resource: Resource, by stream: UInt64) -> Bool {
        guard watches[stream]?[resource] == nil else { return false }
        watches[stream, default: [:]][resource] = PresenceWatch()
        watchers[resource, default: []].insert(stream)
        return true
    }

    /// Takes a watch back; `false` when there was none.
    mutating func unwatch(_ resource: Resource, by stream: UInt64) -> Bool {
        guard watches[stream]?.removeValue(forKey: resource) != nil else { return false }
        if watches[stream]?.isEmpty == true { watches[stream] = nil }
        watchers[resource]?.remove(stream)
        if watchers[resource]?.isEmpty == true { watchers[resource] = nil }
        return true
    }

    /// Takes a new count for all that watch the resource.
    ///
    /// - Returns: whom to tell now; the others hear it from `takeDelayed`.
    mutating func hear(_ count: Int, of resource: Resource, now: Instant) -> [Notice] {
        var notices: [Notice] = []
        for stream in watchers[resource] ?? [] {
            if let notice = hear(count, of: resource, for: stream, now: now) {
                notices.append(notice)
            }
        }
        return notices
    }

    /// Takes a count for one stream; what to tell it now.
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

    /// What had to wait and has its time now; what has not waits on.
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
