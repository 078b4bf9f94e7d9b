// One worker's connections that are not encrypted yet.
//
// A handshake takes a quarter of a millisecond of computing, and what makes the hub compute costs a
// peer nothing. So a turn does a bounded number of steps, and the loop goes on with its streams in
// between. While more steps wait than one turn does, no connections are accepted: they wait in the
// listening socket, where they cost nothing.
//
// A peer that connects and says nothing holds a place until the time limit. Were newcomers refused
// while all places are taken, 256 such peers would keep everybody out for 10 s. So the connection
// that has waited longest gives up its place: whoever wants to keep others out has to connect 256
// times within the time that an honest handshake takes.

internal import Reactor
internal import TLS
internal import Telemetry

/// The handshakes of one worker that are not finished; not isolated.
final class HandshakeDesk {
    /// The most connections whose handshakes are not finished.
    static let maximumUnfinished = 256
    /// The most steps in one turn; each may take a quarter of a millisecond.
    static let stepsPerTurn = 16
    /// The time limit, in milliseconds, where a place is wanted soon: the hub stops, or has no
    /// descriptors left.
    static let shortLimit = 1_000

    private let connections: Connections
    private let clock: WorkerClock
    private let timeLimit: Int
    private let logger: Log

    /// The tokens of unfinished connections in the order of their acceptance; among them stand
    /// tokens of others that have finished since.
    @safe @exclusivity(unchecked) private var accepted = Queue<UInt64>()
    @safe @exclusivity(unchecked) private var unfinished = 0
    /// Connections whose next step can be done, each once.
    @safe @exclusivity(unchecked) private var ready = Queue<Connection>()

    init(connections: Connections, clock: WorkerClock, timeLimit: Int, logger: Log) {
        self.connections = connections
        self.clock = clock
        self.timeLimit = timeLimit
        self.logger = logger
    }

    /// Whether steps wait to be done.
    var hasMoreToDo: Bool { !ready.isEmpty }

    /// Whether there is time for the handshakes of more connections.
    var takesMore: Bool { ready.count < Self.stepsPerTurn }

    /// Takes an accepted connection, for which another one may have to go.
    func begin(_ connection: Connection) {
        if unfinished >= Self.maximumUnfinished { dropOldest() }
        unfinished += 1
        accepted.append(connection.token)
        if accepted.count > 4 * Self.maximumUnfinished { forgetFinished() }
        let isShort = connection.admission != .regular || connections.isStopping
        clock.setDeadline(connection, in: isShort ? min(Self.shortLimit, timeLimit) : timeLimit)
    }

    /// Shortens the time limit of a connection's handshake, because the hub stops.
    func hurry(_ connection: Connection) {
        let end = clock.now.advanced(milliseconds: Self.shortLimit)
        if end < connection.deadline { clock.setDeadline(connection, at: end) }
    }

    /// Takes note that a connection may be ready for its next step.
    func note(_ event: Readiness, on connection: Connection, isReady: Bool) {
        guard !isReady, event.canRead || event.hasEnded || connection.transport.waitsToWrite
        else { return }
        connection.life = .handshaking(isReady: true)
        ready.append(connection)
    }

    /// Returns how many steps are to be done in this turn.
    var stepCount: Int { min(ready.count, Self.stepsPerTurn) }

    /// Does the next step that waits.
    ///
    /// - Returns: the connection, if that step was its last, and how it ended.
    func step() -> (Connection, Ending)? {
        guard let connection = ready.popFirst(), case .handshaking = connection.life
        else { return nil }
        connection.life = .handshaking(isReady: false)
        switch connection.transport.shakeHands() {
        case .waits: return nil
        case .finished:
            unfinished -= 1
            return (connection, .encrypted)
        case .isPlain:
            unfinished -= 1
            return (connection, .unencrypted)
        case .failed(let reason):
            unfinished -= 1
            logger.debug("A TLS handshake failed", ["reason": reason])
            return (connection, .failed)
        }
    }

    /// How a handshake ends.
    enum Ending {
        case encrypted
        /// The peer speaks HTTP without TLS.
        case unencrypted
        case failed
    }

    /// Closes a connection whose handshake is not finished.
    func close(_ connection: Connection) {
        unfinished -= 1
        connections.close(connection)
    }

    private func dropOldest() {
        while let token = accepted.popFirst() {
            guard let oldest = unfinishedConnection(token) else { continue }
            logger.debug("A TLS handshake was given up for a newer one")
            return close(oldest)
        }
    }

    private func forgetFinished() {
        var kept = Queue<UInt64>()
        while let token = accepted.popFirst() {
            if unfinishedConnection(token) != nil { kept.append(token) }
        }
        accepted = kept
    }

    private func unfinishedConnection(_ token: UInt64) -> Connection? {
        guard let connection = connections[token], case .handshaking = connection.life
        else { return nil }
        return connection
    }
}
