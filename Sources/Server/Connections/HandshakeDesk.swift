// One worker's connections that are not encrypted yet.
//
// A handshake takes a quarter of a millisecond of computing, and what makes the hub compute costs a
// peer nothing. So a turn does steps for a bounded time, and the loop goes on with its streams in
// between. While many steps wait, no connections are accepted: they wait in the
// listening socket, where they cost nothing.
//
// A peer that connects and says nothing holds a place until the time limit. Were newcomers refused
// while all places are taken, 256 such peers would keep everybody out for 10 s. So the connection
// that has waited longest gives up its place: whoever wants to keep others out has to connect 256
// times within the time that an honest handshake takes.
//
// A trusted proxy that passes TLS on may send a header of the PROXY protocol first. It is taken
// before the handshake begins, within the same time limit.

internal import Reactor
internal import TLS
internal import Telemetry

/// The handshakes of one worker that are not finished; not isolated.
final class HandshakeDesk {
    /// The most connections whose handshakes are not finished.
    static let maximumUnfinished = 256
    /// How many unfinished handshakes are so many that few are begun in a turn.
    static let many = 16
    /// How long a turn does steps, in microseconds; each may take a quarter of a millisecond.
    static let turnTime = 500
    /// The time limit, in milliseconds, where a place is wanted soon: the hub stops, or has no
    /// descriptors left.
    static let shortLimit = 1_000

    private let connections: Connections
    private let clock: WorkerClock
    private let origins: OriginGate
    private let timeLimit: Int
    private let logger: Log

    /// The tokens of unfinished connections in the order of their acceptance; among them stand
    /// tokens of others that have finished since.
    @safe @exclusivity(unchecked) private var accepted = Queue<UInt64>()
    @safe @exclusivity(unchecked) private var unfinished = 0
    /// The connections of trusted proxies, by their tokens.
    @safe @exclusivity(unchecked) private var proxied: [UInt64: Beginning] = [:]
    /// Connections whose next step can be done, each once.
    @safe @exclusivity(unchecked) private var ready = Queue<Connection>()

    /// What is known of a connection that may begin with a header of the PROXY protocol.
    private enum Beginning {
        case awaited(peerHasEnded: Bool)
        case read(announced: IPAddress?)
    }

    init(
        connections: Connections, clock: WorkerClock, origins: OriginGate, timeLimit: Int,
        logger: Log
    ) {
        self.connections = connections
        self.clock = clock
        self.origins = origins
        self.timeLimit = timeLimit
        self.logger = logger
    }

    /// Whether steps wait to be done.
    var hasMoreToDo: Bool { !ready.isEmpty }

    /// Whether so many are unfinished that only a few more are to be begun in a turn.
    var isBehind: Bool { unfinished > Self.many }

    /// Whether there is time for the handshakes of more connections.
    var takesMore: Bool { ready.count < Self.many }

    /// Takes an accepted connection, for which another one may have to go.
    func begin(_ connection: Connection) {
        if unfinished >= Self.maximumUnfinished { dropOldest() }
        unfinished += 1
        accepted.append(connection.token)
        if origins.trusts(IPAddress(ofPeer: connection.transport.descriptor)) {
            proxied[connection.token] = .awaited(peerHasEnded: false)
        }
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
        if event.hasEnded, case .awaited = proxied[connection.token] {
            proxied[connection.token] = .awaited(peerHasEnded: true)
        }
        connection.life = .handshaking(isReady: true)
        ready.append(connection)
    }

    /// Does the steps that wait, as many as one turn has time for.
    ///
    /// `didEnd` is told of each connection whose last step that was, and how it ended.
    func goOn(_ didEnd: (Connection, Ending) -> Void) {
        let watch = Stopwatch()
        for _ in 0..<ready.count {
            if let (connection, ending) = step() { didEnd(connection, ending) }
            if watch.microseconds >= Self.turnTime { return }
        }
    }

    /// Does the next step that waits.
    private func step() -> (Connection, Ending)? {
        guard let connection = ready.popFirst(), case .handshaking = connection.life
        else { return nil }
        connection.life = .handshaking(isReady: false)
        let ending: Ending?
        switch beginning(of: connection) {
        case .incomplete: return nil
        case .read(let announced): ending = shakeHands(connection, announced)
        case .malformed:
            logger.warning("A header of the PROXY protocol is malformed")
            fallthrough
        case .ended:
            connection.transport.giveUpHandshake()
            ending = .failed
        }
        guard let ending else { return nil }
        unfinished -= 1
        proxied[connection.token] = nil
        return (connection, ending)
    }

    /// Takes the header of the PROXY protocol, if it has come, from a trusted proxy's connection.
    private func beginning(of connection: Connection) -> Transport.Beginning {
        switch proxied[connection.token] {
        case nil: return .read(announced: nil)
        case .read(let announced): return .read(announced: announced)
        case .awaited(let peerHasEnded):
            let beginning = unsafe connection.transport.takeProxyHeader(
                by: connections.readBuffer.bytes, peerHasEnded: peerHasEnded)
            if case .read(let announced) = beginning {
                proxied[connection.token] = .read(announced: announced)
            }
            return beginning
        }
    }

    private func shakeHands(_ connection: Connection, _ announced: IPAddress?) -> Ending? {
        switch connection.transport.shakeHands() {
        case .waits: return nil
        case .finished: return .encrypted(announced: announced)
        case .isPlain: return .unencrypted
        case .failed(let reason):
            logger.debug("A TLS handshake failed", ["reason": reason])
            return .failed
        }
    }

    /// How a handshake ends.
    enum Ending {
        /// A trusted proxy may have announced the client's address before.
        case encrypted(announced: IPAddress?)
        /// The peer speaks HTTP without TLS.
        case unencrypted
        case failed
    }

    /// Closes a connection whose handshake is not finished.
    func close(_ connection: Connection) {
        unfinished -= 1
        proxied[connection.token] = nil
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
