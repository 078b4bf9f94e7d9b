internal import Hub
internal import Reactor
internal import Telemetry

/// One worker's connections, from when they are taken to when they are closed; not isolated.
final class Connections {
    static let readSize = 64 << 10

    /// For a whole request that will be answered with a temporary trouble, in milliseconds.
    private static let lastRequestTimeout = 1_000
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
    private let headTimeout: Int
    private let log: Log

    init(loop: EventLoop, clock: WorkerClock, acceptor: Acceptor, headTimeout: Int, log: Log) {
        self.loop = loop
        self.clock = clock
        self.acceptor = acceptor
        self.headTimeout = headTimeout
        self.log = log
    }

    /// The open connection with this token; a descriptor that is used again has another one.
    subscript(token: UInt64) -> Connection? {
        let descriptor = Int(token & 0xFFFF_FFFF)
        guard descriptor < slots.count, let connection = slots[descriptor],
            connection.token == token
        else { return nil }
        return connection
    }

    func contains(_ connection: Connection) -> Bool {
        slots[Int(connection.socket.descriptor)] === connection
    }

    var all: [Connection] { slots.compactMap(\.self) }

    /// Connections that were open when the stop began, and are still.
    var earlierCount: Int { count - lateCount }

    /// Registers a connection, which this worker has from now on.
    func admit(_ socket: Socket, onReserve: Bool = false) {
        let descriptor = Int(socket.descriptor)
        generation = (generation + 1) & 0x7FFF
        let token = generation << 32 | UInt64(descriptor)
        let connection = Connection(
            socket: socket, token: token,
            admission: onReserve ? .onReserve : isStopping ? .late : .regular)
        do {
            try loop.watch(connection: socket.descriptor, token: token)
        } catch {
            log.error("Cannot watch a connection", ["error": error])
            return socket.close()
        }
        while slots.count <= descriptor { slots.append(nil) }
        slots[descriptor] = connection
        count += 1
        if connection.admission == .late { lateCount += 1 }
        let isLast = connection.admission != .regular
        clock.setDeadline(
            connection, in: isLast ? min(Self.lastRequestTimeout, headTimeout) : headTimeout)
    }

    /// Gives a connection that was made just now and has said nothing the time that late ones have
    /// for their first request, which may be on its way.
    ///
    /// - Returns: `false` for one that has had that time.
    func shortenFirstRequest(of connection: Connection) -> Bool {
        let age = headTimeout - connection.deadline.since(clock.now)
        guard age < Self.lastRequestTimeout else { return false }
        clock.setDeadline(
            connection, in: min(connection.deadline.since(clock.now), Self.lastRequestTimeout))
        return true
    }

    /// Why a request that begins now on this connection is not served; `nil` when it is.
    func temporaryTrouble(of connection: Connection) -> ClosingReason? {
        if isStopping { return .shutdown }
        return connection.admission == .onReserve ? .overloaded : nil
    }

    // MARK: Ends

    /// Closes a socket and forgets the connection; whoever has it in a table of its own has taken
    /// it out.
    func close(_ connection: Connection, byReset: Bool = false) {
        guard contains(connection) else { return }
        slots[Int(connection.socket.descriptor)] = nil
        count -= 1
        if connection.admission == .late { lateCount -= 1 }
        connection.exchange?.answering?.cancel()
        connection.exchange = nil
        connection.socket.close(byReset: byReset)
        acceptor.didFreeDescriptor()
    }

    /// Ends the sending side and waits until the peer has the answer: closing a socket that holds
    /// unread bytes would reset the connection and destroy the answer on its way (RFC 9112, 9.6).
    func linger(_ connection: Connection, for milliseconds: Int = lingerTimeout) {
        connection.isLingering = true
        connection.socket.endSending()
        clock.setDeadline(connection, in: milliseconds)
        drain(connection)
    }

    /// Throws away what a peer still sends on a connection that has been answered for the last
    /// time.
    ///
    /// It is over once the peer's system has acknowledged everything, whatever the peer does: some
    /// proxies keep a connection whose response is complete for seconds. The acknowledgement of the
    /// end comes as readiness of its own. Only where a request is still being sent is the peer
    /// given time to find out.
    func drain(_ connection: Connection) {
        for _ in 0..<16 {
            switch unsafe connection.socket.receive(into: readBuffer.bytes) {
            case .wouldBlock:
                guard let exchange = connection.exchange, exchange.hasReadAll else { return }
                // A descriptor of the reserve is wanted by the next; the system goes on sending
                // without it.
                if connection.admission == .onReserve || connection.socket.isAcknowledged {
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
