package import Telemetry

/// Figures about a log on disk, for collectors of metrics.
package struct LogFigures: Sendable {
    /// The number of bytes of the write-ahead log in use; the file may be longer.
    package var walBytes = 0
    /// Seconds since all of the write-ahead log was in the database; since the start if it never
    /// was.
    package var checkpointAge = 0
    /// Bytes of the file that are in use; `nil` when it cannot be read.
    package var bytes: Int?
    /// Seconds since the oldest event was stored; `nil` when there is none, or it cannot be read.
    package var oldestAge: Int?
    package var commits = CommitFigures()
}

/// How long commits take, and how much each of them holds.
package struct CommitFigures: Sendable {
    package private(set) var times = Histogram(.latency)
    package private(set) var events = Histogram(.pieces)

    /// Adds a commit of `count` events, which took so many microseconds.
    mutating func add(_ count: Int, microseconds: Int) {
        times.add(microseconds)
        events.add(count)
    }
}
