internal import Reactor

/// What one stream has heard about one resource's count: at once, on change, at most once a second.
struct PresenceWatch {
    /// Milliseconds between two events about one resource on one stream.
    static let interval = 1000

    private var told: Int?
    private var toldAt: Instant?
    private(set) var waiting: Int?

    /// Takes the newest count; what to tell now, if anything.
    mutating func hear(_ count: Int, now: Instant) -> Int? {
        if count == told {
            waiting = nil
            return nil
        }
        waiting = count
        return speak(now: now)
    }

    /// What to tell now, if something waits and its time has come.
    mutating func speak(now: Instant) -> Int? {
        guard let count = waiting else { return nil }
        if let toldAt, now.since(toldAt) < Self.interval { return nil }
        told = count
        toldAt = now
        waiting = nil
        return count
    }
}
