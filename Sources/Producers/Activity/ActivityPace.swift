// When the next list of those at work is announced: at once, and then at most once a second.
//
// Invariant: what is noted is announced, at the latest a second later, by the one task that sees to
//   it. When nothing was noted since its last announcement, the task ends, so an idle hub has no
//   timer.

internal import Reactor

/// Decides when announcements are made; a value that is told instants.
struct ActivityPace {
    /// Milliseconds from one announcement to the next.
    ///
    /// It is one more than a second, as instants are cut to whole milliseconds.
    static let interval = 1001

    private var isNoted = false
    private var isSeenTo = false
    private var nextAt: Instant?

    /// Notes that something is to be announced.
    ///
    /// - Returns: whether the caller must see to it; `false` when another one does already.
    mutating func note() -> Bool {
        isNoted = true
        defer { isSeenTo = true }
        return !isSeenTo
    }

    /// Returns how many milliseconds the one who sees to announcements has to wait for the next.
    ///
    /// - Returns: `nil` when nothing is to be announced, so that nobody needs to see to it.
    mutating func wait(at now: Instant) -> Int? {
        guard isNoted else {
            isSeenTo = false
            return nil
        }
        return max(0, nextAt?.since(now) ?? 0)
    }

    /// Notes that an announcement is being made, of all that was noted until now.
    mutating func begin() { isNoted = false }

    /// Notes that an announcement was made or, if it was not stored, is to be made again.
    mutating func end(at now: Instant, isStored: Bool) {
        nextAt = now.advanced(milliseconds: Self.interval)
        if !isStored { isNoted = true }
    }
}
