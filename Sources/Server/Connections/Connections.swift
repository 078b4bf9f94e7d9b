internal import HTTP
internal import Hub
internal import Reactor
internal import TLS
internal import Telemetry

/// One worker's connections, from when they are accepted until they are closed; not isolated.
final class Connections {
    static let readSize = 64 << 10

    /// How long a lingering connection waits for its peer to read the last answer, in milliseconds.
    static let lingerTimeout = 2_000

    /// The connections by descriptor.
    @safe @exclusivity(unchecked) private var slots: [Connection?] = []
    private(set) var count = 0
    /// The number of connections that came after the stop had begun; `count` includes them.
    private var lateCount = 0
    private var generation: UInt64 = 0
    /// Whether the hub stops; new connections are then `late`, and their requests are told so.
    var isStopping = false

    let readBuffer = ReadBuffer(byteCount: Connections.readSize)
    private let loop: EventLoop
    private let clock: WorkerClock
    private let acceptor: Acceptor
    private let timeLimits: HTTP1.TimeLimits
    /// Present where connections are encrypted.
    private let certificates: TLSCertificates?
    private let workspace = TLSWorkspace()
    private let logger: Log

    init(
        loop: EventLoop, clock: WorkerClock, acceptor: Acceptor, timeLimits: HTTP1.TimeLimits,
        certificates: TLSCertificates?, logger: Log
    ) {
        self.loop = loop
        self.clock = clock
        self.acceptor = acceptor
        self.timeLimits = timeLimits
        self.certificates = certificates
        self.logger = logger
    }

    /// The open connection with this token.
    ///
    /// A token also holds a generation, so an old token does not find a new connection that uses
    /// the same descriptor.
    subscript(token: UInt64) -> Connection? {
        let descriptor = Int(token & 0xFFFF_FFFF)
        guard descriptor < slots.count, let connection = slots[descriptor],
            connection.token == token
        else { return nil }
        return connection
    }

    var all: [Connection] { slots.compactMap(\.self) }

    /// The number of connections that were open when the stop began and still are.
    var earlierCount: Int { count - lateCount }

    /// Registers an accepted connection, which this worker owns from now on.
    ///
    /// - Returns: the connection; `nil` when it cannot be watched, and is closed.
    func admit(_ socket: Socket, onReserve: Bool = false) -> Connection? {
        let transport =
            certificates.map { certificates in
                Transport.tls(
                    TLSSession(socket, context: certificates.context, workspace: workspace))
            } ?? .plain(socket)
        let descriptor = Int(transport.descriptor)
        generation = (generation + 1) & 0x7FFF
        let token = generation << 32 | UInt64(descriptor)
        let admission: Connection.Admission =
            onReserve ? .onReserve : isStopping ? .late : .regular
        do {
            try loop.watch(connection: transport.descriptor, token: token)
        } catch {
            logger.error("Cannot watch a connection", ["error": error])
            transport.close()
            return nil
        }
        let connection = Connection(transport, token: token, admission: admission)
        while slots.count <= descriptor { slots.append(nil) }
        slots[descriptor] = connection
        count += 1
        if connection.admission == .late { lateCount += 1 }
        return connection
    }

    /// Lets a connection carry requests from now on.
    func beginRequests(on connection: Connection) {
        let http = HTTP1(
            timeLimits: timeLimits, isServedOnce: connection.admission != .regular,
            at: clock.now.milliseconds)
        let deadline = Instant(milliseconds: http.deadline)
        connection.life = .requests(RequestState(http))
        clock.setDeadline(connection, at: deadline)
    }

    /// Returns why a request that begins now on this connection is not served; `nil` when it is.
    func unavailability(of connection: Connection) -> ClosingReason? {
        if isStopping { return .shutdown }
        return connection.admission == .onReserve ? .overloaded : nil
    }

    // MARK: Ends

    /// Closes a connection's socket and removes the connection.
    ///
    /// Callers that have it in tables of their own have removed it there before.
    func close(_ connection: Connection, byReset: Bool = false) {
        if case .closed = connection.life { return }
        connection.requests?.answering?.cancel()
        connection.life = .closed
        slots[Int(connection.transport.descriptor)] = nil
        count -= 1
        if connection.admission == .late { lateCount -= 1 }
        connection.transport.close(byReset: byReset)
        acceptor.didFreeDescriptor()
    }

    /// Ends the sending side, and closes the connection when the peer has the answer.
    ///
    /// Closing a socket that holds unread bytes would reset the connection and destroy the answer
    /// on its way (RFC 9112, 9.6).
    func linger(_ connection: Connection, hasReadAll: Bool, for milliseconds: Int = lingerTimeout) {
        connection.life = .lingering(hasReadAll: hasReadAll)
        connection.transport.endSending()
        clock.setDeadline(connection, in: milliseconds)
        drain(connection, hasReadAll: hasReadAll)
    }

    /// Throws away what a peer still sends on a lingering connection, and closes it when the peer
    /// has the last answer.
    ///
    /// With `hasReadAll` that is when the peer's system has acknowledged everything. The peer
    /// itself is not waited for, because some proxies keep a connection for seconds after its
    /// response is complete. The acknowledgement of the end is reported as readiness. Without
    /// `hasReadAll` the peer is still sending a request, and is given time to notice the answer.
    func drain(_ connection: Connection, hasReadAll: Bool) {
        for _ in 0..<16 {
            switch unsafe connection.transport.receive(into: readBuffer.bytes) {
            case .wouldBlock:
                guard hasReadAll else { return }
                // The next connection needs this descriptor of the reserve; the system goes on
                // sending after it is closed.
                if connection.admission == .onReserve || connection.transport.isAcknowledged {
                    close(connection)
                }
                return
            case .ended: return close(connection)
            case .bytes: continue
            }
        }
        close(connection)
    }
}
