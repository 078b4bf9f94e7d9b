internal import HTTP
internal import Hub
internal import Reactor
internal import Telemetry

/// One worker's connections, from when they are taken to when they are closed; not isolated.
final class Connections {
    static let readSize = 64 << 10

    /// How long a closed connection waits for its peer to read the last answer, in milliseconds.
    static let lingerTimeout = 2_000

    /// By descriptor.
    @safe @exclusivity(unchecked) private var slots: [Connection?] = []
    private(set) var count = 0
    /// Of these, the connections that came after the stop had begun.
    private var lateCount = 0
    private var generation: UInt64 = 0
    /// Whether the hub stops: then what comes is late, and is told so.
    var isStopping = false

    let readBuffer = ReadBuffer(byteCount: Connections.readSize)
    private let loop: EventLoop
    private let clock: WorkerClock
    private let acceptor: Acceptor
    private let timeLimits: HTTP1.TimeLimits
    private let logger: Log

    init(
        loop: EventLoop, clock: WorkerClock, acceptor: Acceptor, timeLimits: HTTP1.TimeLimits,
        logger: Log
    ) {
        self.loop = loop
        self.clock = clock
        self.acceptor = acceptor
        self.timeLimits = timeLimits
        self.logger = logger
    }

    /// The open connection with this token; a descriptor that is used again has another one.
    subscript(token: UInt64) -> Connection? {
        let descriptor = Int(token & 0xFFFF_FFFF)
        guard descriptor < slots.count, let connection = slots[descriptor],
            connection.token == token
        else { return nil }
        return connection
    }

    var all: [Connection] { slots.compactMap(\.self) }

    /// Connections that were open when the stop began, and are still.
    var earlierCount: Int { count - lateCount }

    /// Registers a connection, which this worker has from now on.
    func admit(_ socket: Socket, onReserve: Bool = false) {
        let transport = Transport.plain(socket)
        let descriptor = Int(transport.descriptor)
        generation = (generation + 1) & 0x7FFF
        let token = generation << 32 | UInt64(descriptor)
        let admission: Connection.Admission =
            onReserve ? .onReserve : isStopping ? .late : .regular
        do {
            try loop.watch(connection: transport.descriptor, token: token)
        } catch {
            logger.error("Cannot watch a connection", ["error": error])
            return transport.close()
        }
        let http = HTTP1(
            timeLimits: timeLimits, isServedOnce: admission != .regular,
            at: clock.now.milliseconds)
        let deadline = Instant(milliseconds: http.deadline)
        let connection = Connection(transport, token: token, admission: admission, http: http)
        while slots.count <= descriptor { slots.append(nil) }
        slots[descriptor] = connection
        count += 1
        if connection.admission == .late { lateCount += 1 }
        clock.setDeadline(connection, at: deadline)
    }

    /// Why a request that begins now on this connection is not served; `nil` when it is.
    func unavailability(of connection: Connection) -> ClosingReason? {
        if isStopping { return .shutdown }
        return connection.admission == .onReserve ? .overloaded : nil
    }

    // MARK: Ends

    /// Closes a socket and forgets the connection; whoever has it in a table of its own has taken
    /// it out.
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

    /// Ends the sending side and waits until the peer has the answer: closing a socket that holds
    /// unread bytes would reset the connection and destroy the answer on its way (RFC 9112, 9.6).
    func linger(_ connection: Connection, hasReadAll: Bool, for milliseconds: Int = lingerTimeout) {
        connection.life = .lingering(hasReadAll: hasReadAll)
        connection.transport.endSending()
        clock.setDeadline(connection, in: milliseconds)
        drain(connection, hasReadAll: hasReadAll)
    }

    /// Throws away what a peer still sends on a connection that has been answered for the last
    /// time.
    ///
    /// It is over once the peer's system has acknowledged everything, whatever the peer does: some
    /// proxies keep a connection whose response is complete for seconds. The acknowledgement of the
    /// end comes as readiness of its own. Only where a request is still being sent is the peer
    /// given time to find out.
    func drain(_ connection: Connection, hasReadAll: Bool) {
        for _ in 0..<16 {
            switch unsafe connection.transport.receive(into: readBuffer.bytes) {
            case .wouldBlock:
                guard hasReadAll else { return }
                // A descriptor of the reserve is wanted by the next; the system goes on sending
                // without it.
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
