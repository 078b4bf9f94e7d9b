internal import Reactor

/// Counts what a single client can cause thousands of times, so that it is logged at most once in
/// 10 s.
struct RareLine {
    /// Milliseconds between two lines.
    static let interval = 10_000

    private var unlogged = 0
    private var lastLine: Instant?

    /// Whether the last line was long enough ago for another one.
    func isDue(at now: Instant) -> Bool {
        lastLine.map { now.since($0) >= Self.interval } ?? true
    }

    /// Counts one occurrence.
    ///
    /// - Returns: how many to log now; or, for the first one that has to wait, when to ask again.
    mutating func note(at now: Instant) -> (toLog: Int?, askAgain: Instant?) {
        unlogged += 1
        guard let lastLine, !isDue(at: now) else { return (take(at: now), nil) }
        return (nil, unlogged == 1 ? lastLine.advanced(milliseconds: Self.interval) : nil)
    }

    /// Takes the number of occurrences that were not logged yet.
    ///
    /// - Returns: 0 when all were logged.
    mutating func take(at now: Instant) -> Int {
        guard unlogged > 0 else { return 0 }
        defer { unlogged = 0 }
        lastLine = now
        return unlogged
    }
}
