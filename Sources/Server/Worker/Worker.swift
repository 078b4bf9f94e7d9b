// The part of the hub that runs on one event loop: its sockets, its requests, its streams.
//
// A worker is an actor whose executor is the loop, so everything that it owns is touched on the
// loop's thread alone. Ready sockets and posted messages are handled in `turn`, with one isolation
// check for each round. Other workers ask by ordinary calls of the actor.
//
// A turn: the mailbox → ready sockets → timers → the mailbox again → presence → the mailbox once
// more → flush. Events reach the outboxes before anything is written, so one write carries all that
// waits for a stream.

internal import Hub
internal import Producers
internal import Reactor
internal import Telemetry

/// One core's share of the connections and of the subscription registry.
actor Worker: EventLoopClient {
    nonisolated let loop: EventLoop
    nonisolated let mailbox: Mailbox
    nonisolated let index: Int
    nonisolated let settings: Settings
    nonisolated let broker: Broker

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    let clock: WorkerClock
    let acceptor: Acceptor
    /// Chooses the worker for each new connection where all workers share a listening socket.
    ///
    /// It is `nil` where each worker has a socket of its own, and keeps the connections that it
    /// accepts.
    let rotation: Rotation?
    let connections: Connections
    let limits: LimitDesk
    let handshakes: HandshakeDesk
    let streams: StreamDesk
    let requests: RequestDesk
    let polls: PollDesk
    let publishing: PublishDesk
    let endpoints: Endpoints
    var peers: [Worker] = []

    /// Messages taken from the mailbox and not handled yet.
    @safe @exclusivity(unchecked) var mail = Queue<Message>()
    @safe @exclusivity(unchecked) var distributedSinceFlush = 0
    @safe @exclusivity(unchecked) var bytesSinceFlush = 0
    /// An empty list that lends its memory to each round's list of answered connections.
    @safe @exclusivity(unchecked) var respondingMemory: [Connection] = []
    /// The longest list of connections whose memory is kept for the next round.
    static let keptCapacity = 1024
    @safe @exclusivity(unchecked) var isAttached = false

    init(
        index: Int, loop: EventLoop, listener: ListeningSocket, rotation: Rotation?,
        reserve: DescriptorReserve, broker: Broker, presence: PresenceBoard, members: MemberBoard,
        cutOffs: CutOffNotice, api: JobAPI?, gate: Gate, limiter: Limiter, origins: OriginPolicy,
        settings: Settings,
        logger: Log
    ) {
        self.index = index
        self.loop = loop
        self.rotation = rotation
        self.broker = broker
        self.settings = settings
        mailbox = Mailbox(loop: loop)
        let clock = WorkerClock()
        endpoints = Endpoints(
            hub: HubAccess(
                broker: broker, api: api, gate: gate, settings: settings, logger: logger,
                started: clock.now))
        let acceptor = Acceptor(
            listener: listener, reserve: reserve, loop: loop, clock: clock, logger: logger)
        let connections = Connections(
            loop: loop, clock: clock, acceptor: acceptor, timeLimits: settings.timeLimits,
            certificates: settings.certificates, logger: logger)
        limits = LimitDesk(limiter, refusals: gate.refusals, clock: clock)
        streams = StreamDesk(
            index: index, broker: broker, presence: presence, members: members, cutOffs: cutOffs,
            connections: connections, clock: clock, jobs: api?.board, access: gate.access,
            limits: limits, settings: settings, logger: logger)
        let origins = OriginGate(origins, logger: logger)
        handshakes = HandshakeDesk(
            connections: connections, clock: clock, origins: origins,
            timeLimit: settings.headTimeout, logger: logger)
        let polls = PollDesk()
        requests = RequestDesk(
            connections: connections, clock: clock, polls: polls, control: broker.control,
            origins: origins, gate: gate, limits: limits, settings: settings, logger: logger)
        self.polls = polls
        publishing = PublishDesk(broker: broker, mailbox: mailbox, clock: clock)
        self.clock = clock
        self.acceptor = acceptor
        self.connections = connections
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? {
        // Does what `assumeIsolated` does, without its two allocations in each round. The cast is
        // sound because the loop is this actor's executor, and a function's isolation does not
        // change how it is called.
        precondition(loop === self.loop && loop.isCurrent, "a turn belongs to the worker's loop")
        let turn: (isolated Worker, Int) -> Int? = { worker, readyCount in
            worker.turn(readyCount: readyCount)
        }
        return unsafe unsafeBitCast(turn, to: ((Worker, Int) -> Int?).self)(self, readyCount)
    }

    // MARK: The broker

    /// Handles the mail, and begins to get events from the broker if that has not begun yet.
    ///
    /// It is called before anything is read for a stream or a poll, so that no event is missed.
    func attachToBroker() {
        takeMail()
        if isAttached { return }
        isAttached = true
        streams.shard.position = broker.attach(mailbox)
    }

    /// Stops getting events from the broker when this worker has no streams and no polls.
    func detachFromBrokerIfUnused() {
        guard isAttached, streams.shard.counters.streams == 0, polls.isEmpty else { return }
        isAttached = false
        broker.detach(mailbox)
    }

    func take(_ origins: OriginPolicy) { requests.origins.take(origins) }

    /// Closes a connection at once and removes it from all tables.
    func close(_ connection: Connection) {
        switch connection.life {
        case .handshaking: handshakes.close(connection)
        case .stream: streams.close(connection)
        case .requests, .lingering, .closed: requests.close(connection)
        }
    }
}
