internal import Reactor

/// A worker's time: the instant of its round, what is due later, and the date; not isolated.
final class WorkerClock {
    @safe @exclusivity(unchecked) private(set) var now: Instant
    /// The number of the round; several may begin within a millisecond.
    @safe @exclusivity(unchecked) private(set) var round: UInt64 = 0
    @safe @exclusivity(unchecked) private var wheel: TimerWheel
    @safe @exclusivity(unchecked) private var dateField = DateField()
    /// When streams with batches are to be looked at.
    @safe @exclusivity(unchecked) var windows = WindowAgenda()

    init(now: Instant = .now()) {
        self.now = now
        wheel = TimerWheel(now: now)
    }

    /// Reads the time for a round; all that happens in the round happens at this instant.
    func beginRound() {
        now = .now()
        round &+= 1
    }

    /// The value of `Date` for an answer that is made now.
    func date() -> String { dateField.value() }

    /// Sets the deadline of `connection`, which the timer wheel reports when it has passed.
    ///
    /// Moving a deadline to a later instant does not touch the wheel.
    func setDeadline(_ connection: Connection, in milliseconds: Int) {
        setDeadline(connection, at: now.advanced(milliseconds: milliseconds))
    }

    /// Sets the deadline of `connection` to an instant; the greatest one means never.
    func setDeadline(_ connection: Connection, at deadline: Instant) {
        connection.deadline = deadline
        if deadline < connection.scheduled { schedule(connection) }
    }

    /// Enters a connection's deadline into the timer wheel, if it has one.
    func schedule(_ connection: Connection) {
        if connection.deadline.milliseconds == .max { return }
        connection.scheduled = wheel.schedule(connection.token, at: connection.deadline)
    }

    func schedule(_ token: UInt64, at instant: Instant) {
        _ = wheel.schedule(token, at: instant)
    }

    /// Takes the tokens that are due, in the order of their times.
    func takeDue() -> [UInt64] {
        var due: [UInt64] = []
        wheel.advance(to: now) { due.append($0) }
        return due
    }

    /// Milliseconds until the next token is due or the next window ends; `nil` when nothing is
    /// scheduled.
    var millisecondsToNext: Int? {
        let token = wheel.millisecondsToNext(from: now)
        guard let end = windows.next else { return token }
        return min(end.since(now), token ?? .max)
    }

    /// The tokens of timers and sockets that are not connections.
    enum Token {
        static let listener = UInt64(1) << 62
        static let presence = UInt64(1) << 61
        static let cutOffs = UInt64(1) << 60
        static let credentials = UInt64(1) << 59
    }
}
