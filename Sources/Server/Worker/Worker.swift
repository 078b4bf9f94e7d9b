// One event loop's half of the hub: its sockets, its requests, its streams.
//
// Everything that a worker owns is touched on its loop's thread alone: an actor whose executor is the loop.
// Sockets and batches of events come in through `turn`, one isolation check each; other workers ask by
// ordinary calls of the actor.
//
// A turn: the mailbox → ready sockets → timers → the mailbox again → flush. Events reach the outboxes before
// anything is written, so one write carries all that waits for a stream.

internal import HTTP
internal import Hub
internal import Producers
internal import Reactor
internal import Telemetry

/// A core's share of the connections and of the subscription registry.
actor Worker: EventLoopClient {
    static let readSize = 64 << 10

    nonisolated let loop: EventLoop
    nonisolated let mailbox: Mailbox
    nonisolated let index: Int
    nonisolated let settings: Settings
    nonisolated let broker: Broker
    nonisolated let log: Log
    nonisolated let presence: PresenceBoard
    /// `nil` in a hub that runs no jobs.
    nonisolated let api: JobAPI?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    let listener: ListeningSocket
    /// Whose turn it is to get a connection, where all workers share a socket; else each keeps what it takes.
    let rotation: Rotation?
    let shard: Shard
    let started: Instant
    var peers: [Worker] = []

    /// By descriptor.
    @safe @exclusivity(unchecked) var connections: [Connection?] = []
    var connectionCount = 0
    /// Of these, the connections that came after the stop had begun.
    var lateConnectionCount = 0
    var generation: UInt64 = 0
    var wheel: TimerWheel
    @safe @exclusivity(unchecked) var now: Instant
    @safe @exclusivity(unchecked) var dateField = DateField()
    nonisolated let fieldLines: FieldLines
    @safe @exclusivity(unchecked) var acknowledgementHead = AcknowledgementHead()
    /// The content of the present acknowledgement; kept so that its memory is used again.
    @safe @exclusivity(unchecked) var acknowledgement: [UInt8] = []

    /// Connections whose responses are to be written at the end of the turn.
    @safe @exclusivity(unchecked) var responding: [Connection] = []
    /// Streams that wait for their next page of the log.
    @safe @exclusivity(unchecked) var behind = Backlog()
    /// Messages taken from the mailbox and not handled yet.
    @safe @exclusivity(unchecked) var mail = Queue<Message>()
    /// Streams that hear the counts of a resource, by their connections.
    var watchers: [Resource: Set<UInt64>] = [:]
    var polls: [UInt64: Poll] = [:]
    var pollTopics: [Selector: Set<UInt64>] = [:]
    /// Counts that wait until a second has passed since the last was told.
    var delayedPresence: [(UInt64, Resource)] = []
    var distributedSinceFlush = 0
    var bytesSinceFlush = 0
    var isStopping = false
    /// Whether connections are taken.
    var isListening = true
    /// Whether taking them waits until descriptors are free.
    var isAcceptingPaused = false
    var isAttached = false
    var isOutOfDescriptorsSince: Instant?

    nonisolated let reserve: DescriptorReserve
    let cutOffs: CutOffNotice
    let vectors = IOVectors()
    let readBuffer = ReadBuffer(byteCount: Worker.readSize)

    init(
        index: Int, loop: EventLoop, listener: ListeningSocket, rotation: Rotation?,
        reserve: DescriptorReserve, broker: Broker, presence: PresenceBoard, cutOffs: CutOffNotice, api: JobAPI?,
        settings: Settings, log: Log
    ) {
        self.index = index
        self.loop = loop
        self.listener = listener
        self.rotation = rotation
        self.reserve = reserve
        self.cutOffs = cutOffs
        fieldLines = FieldLines(idleTimeout: settings.idleTimeout)
        self.broker = broker
        self.presence = presence
        self.api = api
        self.settings = settings
        self.log = log
        mailbox = Mailbox(loop: loop)
        shard = Shard(limits: settings.outbox)
        started = .now()
        now = started
        wheel = TimerWheel(now: now)
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? {
        assumeIsolated { $0.turn(readyCount: readyCount) }
    }

    // MARK: Connections

    func connection(_ token: UInt64) -> Connection? {
        let descriptor = Int(token & 0xFFFF_FFFF)
        guard descriptor < connections.count, let connection = connections[descriptor],
            connection.token == token
        else { return nil }
        return connection
    }

    /// Asks to be told when `deadline` has passed; a later deadline costs nothing.
    func setDeadline(_ connection: Connection, in milliseconds: Int) {
        connection.deadline = now.advanced(milliseconds: milliseconds)
        if connection.deadline < connection.scheduled { schedule(connection) }
    }

    func schedule(_ connection: Connection) {
        connection.scheduled = wheel.schedule(connection.token, at: connection.deadline)
    }

    // MARK: The broker

    /// Makes sure that events come in, from before anything is read.
    func attachToBroker() {
        takeMail()
        if isAttached { return }
        isAttached = true
        shard.position = broker.attach(mailbox)
    }

    func detachFromBrokerIfUnused() {
        guard isAttached, shard.counters.streams == 0, polls.isEmpty else { return }
        isAttached = false
        broker.detach(mailbox)
    }

    /// Ends a connection at once and forgets all about it.
    func close(_ connection: Connection, byReset: Bool = false) {
        let descriptor = Int(connection.socket.descriptor)
        guard connections[descriptor] === connection else { return }
        if let subscriber = connection.subscriber { end(subscriber, of: connection) }
        expirePoll(connection.token)
        connections[descriptor] = nil
        connectionCount -= 1
        if connection.admission == .late { lateConnectionCount -= 1 }
        connection.exchange?.answering?.cancel()
        connection.exchange = nil
        connection.socket.close(byReset: byReset)
        if isAcceptingPaused || !reserve.isFull { refillReserve() }
    }
}
