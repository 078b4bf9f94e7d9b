// The broker hands events to all workers in the one order of the log.
//
// Invariant: a log commits one batch after the other, and `committed` appends it to the memory tail
//   and hands it to the workers under one lock; so every worker sees the order of the log. Nothing
//   under the lock waits: a worker's mailbox takes a batch at once. An answer is handed over after
//   the batch, so a publisher that is told "done" finds its event in every mailbox already.

internal import Reactor
package import Records
package import Telemetry

/// A worker as the broker sees it.
package protocol BrokerPort: AnyObject, Sendable {
    /// Takes a batch of events in log order; returns at once.
    func post(_ frames: [EventFrame])
    /// Takes the answer to a `publish`; returns at once.
    func post(_ answer: PublishAnswer, for ticket: UInt64)
}

/// The outcome of a publish.
package enum PublishAnswer: Sendable {
    /// All events are in the log; the ids of transient ones are `nil`.
    case published(PublishedIDs)
    /// Nothing was stored.
    case refused(LogUnavailable)
    /// An event may not be published; the first `published` are in the log, and for a publish whose
    /// events belong together, that is none.
    case conflict(PublishConflict, published: Int)
}

/// The ids of the events of one publish, in its order.
package struct PublishedIDs: RandomAccessCollection, Sendable {
    let epoch: Epoch
    let placements: [EventPlacement]

    package var startIndex: Int { 0 }
    package var endIndex: Int { placements.count }

    package subscript(index: Int) -> EventID? {
        placements[index].sequence.map { EventID(epoch: epoch, sequence: $0) }
    }
}

/// Takes publications, has them committed, and hands them to all workers.
package final class Broker: Sendable {
    struct State {
        var tail: LogTail
        /// The first sequence still kept anywhere.
        var oldest: UInt64
        var ports: [any BrokerPort] = []
        var published = 0
        /// The tasks that wait until the tail reaches a sequence.
        var waiters: [(sequence: UInt64, continuation: CheckedContinuation<Void, Never>)] = []

        /// Removes and returns those whose sequence the tail has reached.
        mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
            guard !waiters.isEmpty else { return [] }
            let head = tail.lastSequence
            let due = waiters.filter { $0.sequence <= head }.map(\.continuation)
            waiters.removeAll { $0.sequence <= head }
            return due
        }
    }

    package let epoch: Epoch
    package let control: ControlEvents
    /// Counts the forms of the frames that the tail keeps.
    package let forms = FormLedger()
    let encoding: EventEncoding
    let eventLog: any EventLog
    let stateStore: any StateStore
    private let changeStore: any ChangeStore
    /// Whether the tail gives up events that are too old.
    private let hasTailAge: Bool
    let state: Lock<State>

    /// Makes a broker whose log lives in memory.
    ///
    /// Events and state leave it after `age` milliseconds, if that is given.
    package convenience init(
        tail limits: LogTailLimits, age: Int64? = nil, logger: Log = Log()
    ) {
        let log = MemoryLog(epoch: .random(), age: age, clock: LogClock(logger: logger))
        self.init(over: log, state: log, changes: log, tail: limits)
    }

    /// Makes a broker whose log outlives the process.
    package convenience init(over log: DurableLog, tail limits: LogTailLimits) {
        self.init(over: log, state: log, changes: log, tail: limits)
    }

    /// Makes a broker over one store, in whose transactions the log, the state and the records
    /// change.
    init(
        over log: any EventLog, state: any StateStore, changes: any ChangeStore,
        tail limits: LogTailLimits
    ) {
        eventLog = log
        stateStore = state
        changeStore = changes
        epoch = log.epoch
        encoding = EventEncoding(epoch: epoch)
        control = ControlEvents(epoch: epoch)
        hasTailAge = log.tailAge != nil
        let restored = log.restored
        var tail = LogTail(
            limits: limits, forms: forms, age: log.tailAge,
            next: restored.newest.first?.sequence ?? restored.lastSequence + 1)
        let now = log.now
        for frame in restored.newest { tail.append(frame, at: now) }
        self.state = Lock(State(tail: tail, oldest: restored.oldest))
        log.attach(self)
    }

    /// Runs `body` on the state, once all that is too old by now is hidden.
    ///
    /// - Returns: what `body` returned.
    func look<Result: Sendable>(_ body: (borrowing State) -> Result) -> Result {
        let now = hasTailAge ? eventLog.now : nil
        return state.withLock { state in
            if let now {
                state.tail.forget(at: now)
                state.oldest = state.tail.first
            }
            return body(state)
        }
    }

    // MARK: Publishing

    /// Puts events into the log, all or none, and hands them to every attached worker.
    ///
    /// Of a paced publish, the events before one that may not be published are put into the log.
    /// The answer goes to `port`, with `ticket`, which means something to the port alone.
    package func publish(
        _ publications: [Publication], answer port: any BrokerPort, ticket: UInt64,
        isPaced: Bool = false
    ) {
        eventLog.submit(
            Submission(
                publications: publications, isPaced: isPaced,
                reply: Reply(port: port, ticket: ticket)),
            to: self)
    }

    /// Forgets that a resource has ended, and its state.
    ///
    /// - Throws: `LogUnavailable` when nothing of it was done.
    package func forget(_ resource: Resource) async throws(LogUnavailable) {
        let answer = await withCheckedContinuation { continuation in
            let port = AnswerPort(continuation)
            stateStore.forget(resource, Reply(port: port, ticket: 0), to: self)
        }
        if case .refused(let reason) = answer { throw reason }
    }

    // MARK: Records

    /// Changes records and publishes the events that announce the change, in one transaction.
    ///
    /// - Returns: the change's outcome, once all is in the log.
    /// - Throws: `LogUnavailable` when nothing of it was done.
    package func write<Change: StoreChange>(
        _ change: Change
    ) async throws(LogUnavailable) -> Change.Outcome {
        let answer = await withCheckedContinuation { continuation in
            changeStore.submit(ChangePort(change, continuation), to: self)
        }
        return try answer.get()
    }

    /// Reads records, as of one moment.
    package func read<Read: StoreRead>(
        _ read: Read
    ) async throws(LogUnavailable) -> Read.Value {
        try await changeStore.read(read)
    }

    /// The log's own time, by which it is decided what in it is due or too old.
    package var now: Timestamp { eventLog.now }

    /// Why nothing can be published now; `nil` when all is well.
    package var unavailability: LogUnavailable? { eventLog.unavailability }

    /// Why work should rather be sent to another hub; `nil` when all is well.
    package var healthProblem: LogUnavailable? { eventLog.healthProblem }

    /// Figures about the log on disk; `nil` without one.
    package var logFigures: LogFigures? { get async { await eventLog.figures } }

    /// Closes the log once it has committed what was published.
    package func close() async { await eventLog.close() }

    // MARK: Workers

    /// Begins to hand events to a worker.
    ///
    /// - Returns: the last sequence before the events that the worker gets.
    package func attach(_ port: any BrokerPort) -> UInt64 {
        state.withLock { state in
            state.ports.append(port)
            return state.tail.lastSequence
        }
    }

    /// Ends the handing of events to a worker, which has no streams any more.
    package func detach(_ port: any BrokerPort) {
        state.withLock { state in state.ports.removeAll { $0 === port } }
    }
}

extension Broker: CommitSink {
    func committed(
        _ batch: [CommittedSubmission], at time: Timestamp, oldest: UInt64
    ) {
        let waiters = state.withLock { state in
            var frames: [EventFrame] = []
            for committed in batch {
                for index in committed.publications.indices {
                    let sequence: UInt64?
                    switch committed.placements[index] {
                    case .stored(let stored): sequence = stored
                    case .transient: sequence = nil
                    case .repeated: continue
                    }
                    let frame = encoding.frame(
                        committed.publications[index], sequence: sequence, at: time)
                    if sequence != nil { state.tail.append(frame, at: time) }
                    frames.append(frame)
                }
            }
            state.published += frames.count
            state.tail.forget(at: time)
            state.oldest = oldest > 0 ? oldest : state.tail.first
            if !frames.isEmpty { for port in state.ports { port.post(frames) } }
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
        for committed in batch {
            let reply = committed.reply
            if let conflict = committed.conflict {
                let count = committed.placements.count
                reply.port.post(.conflict(conflict, published: count), for: reply.ticket)
                continue
            }
            let ids = PublishedIDs(epoch: epoch, placements: committed.placements)
            reply.port.post(.published(ids), for: reply.ticket)
        }
    }

    func newestSequence(of resource: Resource) -> UInt64? {
        state.withLock { $0.tail.newestSequence(of: resource) }
    }

    func refused(_ reply: Reply, _ reason: LogUnavailable) {
        reply.port.post(.refused(reason), for: reply.ticket)
    }

    func trimmed(oldest: UInt64) {
        state.withLock { $0.oldest = oldest }
    }
}
