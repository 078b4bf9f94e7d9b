// One event loop's half of the hub: its sockets, its requests, its streams.
//
// Everything that a worker owns is touched on its loop's thread alone: an actor whose executor is
// the loop. Sockets and batches of events come in through `turn`, one isolation check each; other
// workers ask by ordinary calls of the actor.
//
// A turn: the mailbox → ready sockets → timers → the mailbox again → presence → the mailbox once
// more → flush. Events reach the outboxes before anything is written, so one write carries all that
// waits for a stream.

internal import Hub
internal import Producers
internal import Reactor
internal import Telemetry

/// A core's share of the connections and of the subscription registry.
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
    /// Whose turn it is to get a connection, where all workers share a socket; else each keeps what
    /// it takes.
    let rotation: Rotation?
    let connections: Connections
    let streams: StreamDesk
    let requests: RequestDesk
    let polls: PollDesk
    let endpoints: Endpoints
    var peers: [Worker] = []

    /// Messages taken from the mailbox and not handled yet.
    @safe @exclusivity(unchecked) var mail = Queue<Message>()
    @safe @exclusivity(unchecked) var distributedSinceFlush = 0
    @safe @exclusivity(unchecked) var bytesSinceFlush = 0
    /// Memory for the list of connections that are answered, from one round to the next.
    @safe @exclusivity(unchecked) var respondingMemory: [Connection] = []
    /// Connections for whose list memory is kept.
    static let keptCapacity = 1024
    @safe @exclusivity(unchecked) var isAttached = false

    init(
        index: Int, loop: EventLoop, listener: ListeningSocket, rotation: Rotation?,
        reserve: DescriptorReserve, broker: Broker, presence: PresenceBoard, cutOffs: CutOffNotice,
        api: JobAPI?, settings: Settings, logger: Log
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
                broker: broker, api: api, settings: settings, logger: logger, started: clock.now))
        let acceptor = Acceptor(
            listener: listener, reserve: reserve, loop: loop, clock: clock, logger: logger)
        let connections = Connections(
            loop: loop, clock: clock, acceptor: acceptor, timeLimits: settings.timeLimits,
            logger: logger)
        streams = StreamDesk(
            index: index, broker: broker, presence: presence, cutOffs: cutOffs,
            connections: connections, clock: clock, jobs: api?.board, settings: settings,
            logger: logger)
        let polls = PollDesk()
        requests = RequestDesk(
            connections: connections, clock: clock, polls: polls, control: broker.control,
            settings: settings)
        self.polls = polls
        self.clock = clock
        self.acceptor = acceptor
        self.connections = connections
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? {
        // What `assumeIsolated` does, without its two allocations in each round: the loop is this
        // actor's executor, and a function's isolation is not part of how it is called.
        precondition(loop === self.loop && loop.isCurrent, "a turn belongs to the worker's loop")
        let turn: (isolated Worker, Int) -> Int? = { worker, readyCount in
            worker.turn(readyCount: readyCount)
        }
        return unsafe unsafeBitCast(turn, to: ((Worker, Int) -> Int?).self)(self, readyCount)
    }

    // MARK: The broker

    /// Makes sure that events come in, from before anything is read.
    func attachToBroker() {
        takeMail()
        if isAttached { return }
        isAttached = true
        streams.shard.position = broker.attach(mailbox)
    }

    /// Stops events from coming in when nobody here waits for any.
    func detachFromBrokerIfUnused() {
        guard isAttached, streams.shard.counters.streams == 0, polls.isEmpty else { return }
        isAttached = false
        broker.detach(mailbox)
    }

    /// Ends a connection at once and forgets all about it.
    func close(_ connection: Connection) {
        switch connection.life {
        case .stream: streams.close(connection)
        case .requests, .lingering, .closed: requests.close(connection)
        }
    }
}
