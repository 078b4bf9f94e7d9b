internal import Reactor

/// What one stream was told of one resource's count, and what it is to be told next.
///
/// The first count is sent at once, the next ones when they differ, at most once a second.
struct PresenceWatch {
    /// Milliseconds between two events about one resource on one stream.
    static let interval = 1000

    private var told: Int?
    private var toldAt: Instant?
    private(set) var waiting: Int?

    /// Takes the newest count.
    ///
    /// - Returns: the count to send now; `nil` when it is the one sent last or has to wait.
    mutating func hear(_ count: Int, now: Instant) -> Int? {
        if count == told {
            waiting = nil
            return nil
        }
        waiting = count
        return speak(now: now)
    }

    /// Takes the count that waits, if a second has passed since the last one was sent.
    ///
    /// - Returns: the count to send now; `nil` when there is none.
    mutating func speak(now: Instant) -> Int? {
        guard let count = waiting else { return nil }
        if let toldAt, now.since(toldAt) < Self.interval { return nil }
        told = count
        toldAt = now
        waiting = nil
        return count
    }
}
