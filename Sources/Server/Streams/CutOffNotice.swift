internal import Reactor

/// Counts the streams that were cut off as too slow, so that they are logged at most once in 10 s.
///
/// A single client can open thousands of them.
struct CutOffs {
    /// Milliseconds between two lines.
    static let interval = 10_000

    private var unlogged = 0
    private var lastLine: Instant?

    /// Counts one stream.
    ///
    /// - Returns: how many streams to log now; or, for the first one that has to wait, when to ask
    ///   again.
    mutating func note(at now: Instant) -> (toLog: Int?, askAgain: Instant?) {
        unlogged += 1
        guard let lastLine, now.since(lastLine) < Self.interval else { return (take(at: now), nil) }
        return (nil, unlogged == 1 ? lastLine.advanced(milliseconds: Self.interval) : nil)
    }

    /// Takes the number of streams that were not logged yet.
    ///
    /// - Returns: 0 when all were logged.
    mutating func take(at now: Instant) -> Int {
        guard unlogged > 0 else { return 0 }
        defer { unlogged = 0 }
        lastLine = now
        return unlogged
    }
}

/// The count of cut-off streams that all workers share.
final class CutOffNotice: Sendable {
    let state = Lock(CutOffs())
}
