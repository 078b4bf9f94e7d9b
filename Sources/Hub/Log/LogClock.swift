// The time that the log gives to what happens in it.
//
// Problem: a machine's wall clock is put right now and then, by a second or by years, forward and
//   back, and sometimes only for a moment. Retention, what is due, and when a key is forgotten all
//   go by the log's time: one that follows a wrong clock deletes the whole log, one that waits for
//   it lets nothing ever be due.
// Invariants: the log's time never falls, and never stands still for long.
//   - A step forward of at most an hour is followed at once. A larger one is followed when the wall
//     clock has gone on from there for an hour; until then the log's time goes on by itself.
//   - When the wall clock is behind, the log's time goes at half its speed until they meet.

internal import Glibc
internal import Reactor
internal import Telemetry

/// The log's time for any thread.
final class LogClock: Sendable {
    /// Milliseconds of civil time, and of the time elapsed since some moment.
    typealias Reading = (wall: Int64, elapsed: Int64)

    private let course: Lock<LogTime>
    private let read: @Sendable () -> Reading
    private let logger: Log

    /// Makes a clock that begins at the time of the log's last event, or later, and goes by `read`.
    init(
        since last: Timestamp = Timestamp(milliseconds: .min),
        reading read: @escaping @Sendable () -> Reading = LogClock.readMachine, logger: Log
    ) {
        let (wall, elapsed) = read()
        course = Lock(LogTime(wall: wall, elapsed: elapsed, since: last.milliseconds))
        self.read = read
        self.logger = logger
    }

    var now: Timestamp {
        let (time, change) = course.withLock { course in
            let (wall, elapsed) = read()
            return course.read(wall: wall, elapsed: elapsed)
        }
        if let change { report(change) }
        return Timestamp(milliseconds: time)
    }

    private func report(_ change: LogTime.Change) {
        switch change {
        case .doubts(let milliseconds):
            logger.warning(
                "The clock has jumped forward; the log goes on by its own time until the clock has stood for an hour",
                ["seconds": milliseconds / 1000])
        case .slows(let milliseconds):
            logger.warning(
                "The clock is behind the log's last event; the log's time goes at half its speed until they meet",
                ["seconds": milliseconds / 1000])
        case .follows: logger.info("The log goes by the clock again")
        }
    }

    /// Reads the machine's clocks.
    ///
    /// The time elapsed counts from the machine's start, including the time for which it was
    /// suspended (clock_gettime(2)).
    @Sendable static func readMachine() -> Reading {
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return (
            Timestamp.now.milliseconds,
            Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        )
    }
}

/// Moves the log's time from one reading of the clocks to the next; all in milliseconds.
struct LogTime {
    /// A change that the operator should hear of.
    enum Change: Equatable {
        /// The wall clock is ahead by so many milliseconds, and not followed yet.
        case doubts(Int64)
        /// The wall clock is behind by so many milliseconds.
        case slows(Int64)
        case follows
    }

    private enum Course: Equatable {
        case following
        /// The wall clock has jumped to where it is now, as seen by its distance from the time
        /// elapsed.
        case doubting(distance: Int64, since: Int64)
        case slowed
    }

    /// The largest step forward of the wall clock that is followed at once.
    static let tolerance: Int64 = 3_600_000
    /// How long the wall clock must have gone on after a larger step until it is followed.
    static let patience: Int64 = 3_600_000
    /// A wall clock that is behind by less than this is not reported.
    private static let unspoken: Int64 = 60_000

    private var course = Course.following
    private var time: Int64
    private var elapsed: Int64
    private var isReported = false

    init(wall: Int64, elapsed: Int64, since last: Int64) {
        time = max(wall, last)
        self.elapsed = elapsed
    }

    /// Returns the log's time now, and what has changed if the operator should know.
    mutating func read(wall: Int64, elapsed now: Int64) -> (time: Int64, change: Change?) {
        let own = time + (now - elapsed) / (course == .slowed ? 2 : 1)
        if wall - own > Self.tolerance, !hasStood(wall: wall, elapsed: now) {
            return doubt(own, wall: wall, elapsed: now)
        }
        if case .doubting = course { anchor(own, elapsed: now) }
        let slowest = time + (now - elapsed) / 2
        return wall < slowest ? slow(slowest, wall: wall) : follow(wall, elapsed: now)
    }

    /// Whether the wall clock has jumped long enough ago to be believed.
    private func hasStood(wall: Int64, elapsed now: Int64) -> Bool {
        guard case .doubting(let distance, let since) = course else { return false }
        return isNear(wall - now, distance) && now - since >= Self.patience
    }

    private func isNear(_ one: Int64, _ other: Int64) -> Bool {
        abs(one - other) <= Self.tolerance
    }

    private mutating func doubt(
        _ own: Int64, wall: Int64, elapsed now: Int64
    ) -> (Int64, Change?) {
        if case .doubting(let distance, _) = course, isNear(wall - now, distance) {
            return (own, nil)
        }
        anchor(own, elapsed: now)
        course = .doubting(distance: wall - now, since: now)
        isReported = true
        return (own, .doubts(wall - own))
    }

    private mutating func slow(_ slowest: Int64, wall: Int64) -> (Int64, Change?) {
        course = .slowed
        guard !isReported, slowest - wall >= Self.unspoken else { return (slowest, nil) }
        isReported = true
        return (slowest, .slows(slowest - wall))
    }

    private mutating func follow(_ wall: Int64, elapsed now: Int64) -> (Int64, Change?) {
        anchor(wall, elapsed: now)
        course = .following
        defer { isReported = false }
        return (wall, isReported ? .follows : nil)
    }

    private mutating func anchor(_ time: Int64, elapsed: Int64) {
        self.time = time
        self.elapsed = elapsed
    }
}
