internal import Reactor

/// Gathers the streams that were cut off as too slow, for one line of the log in 10 s: a single
/// client can open thousands of them.
struct CutOffs {
    /// Milliseconds between two lines.
    static let interval = 10_000

    private var unlogged = 0
    private var lastLine: Instant?

    /// Counts one stream.
    ///
    /// - Returns: how many to log now; or, for the first that has to wait, when to ask again.
    mutating func note(at now: Instant) -> (toLog: Int?, askAgain: Instant?) {
        unlogged += 1
        guard let lastLine, now.since(lastLine) < Self.interval else { return (take(at: now), nil) }
        return (nil, unlogged == 1 ? lastLine.advanced(milliseconds: Self.interval) : nil)
    }

    /// Takes the streams that were not logged yet; 0 when there are none.
    mutating func take(at now: Instant) -> Int {
        guard unlogged > 0 else { return 0 }
        defer { unlogged = 0 }
        lastLine = now
        return unlogged
    }
}

/// The one count of all workers.
final class CutOffNotice: Sendable {
    let state = Lock(CutOffs())
}
