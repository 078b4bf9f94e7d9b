internal import Reactor
internal import Records
internal import Storage
internal import Telemetry

/// The writer lane: one thread on which everything that changes the store happens.
actor LogWriter: EventLoopClient {
    /// The number of events that may wait for a commit; beyond it, publishers are refused and may
    /// try again.
    private static let waitingLimit = 10_000
    /// Milliseconds between two attempts when the store has failed, or a reader was in the way.
    static let probeInterval = 1_000
    /// Milliseconds between two checks of retention when nothing is left to delete.
    private static let pruneInterval = 5_000
    private static let pruneStep = 500

    /// Something to be committed.
    enum Work: Sendable {
        case events(Submission)
        case change(any PendingChange)
        /// The end and the state of a resource are forgotten.
        indirect case forget(Resource, Reply)
    }

    private struct Waiting {
        var work: [Work] = []
        var eventCount = 0
        /// `nil` before one is attached and after the end: it holds the log, and so this writer.
        var sink: (any CommitSink)?
        /// The first sequence that is kept, once something was trimmed.
        var oldest: UInt64?
        var isClosed = false
    }

    private nonisolated let lane: EventLoop
    private nonisolated let waiting = Lock(Waiting())
    private nonisolated let commits = Lock(CommitFigures())
    private nonisolated let index: ResourceHashes
    nonisolated let endIndex: ResourceHashes
    nonisolated let health: StoreHealth
    nonisolated let logger: Log
    private let clock: LogClock
    let epoch: Epoch
    let store: EventStore
    private let retention: Retention
    private var nextPrune = Instant.now()
    private var nextProbe = Instant.now()
    let checkpointer: LogCheckpointer
    var checkpointing = Checkpointing()
    /// The work that is being committed; kept so that its memory is used again.
    private var batch: [Work] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    init(
        epoch: Epoch, store: sending EventStore, checkpointer: LogCheckpointer,
        retention: Retention, index: ResourceHashes, endIndex: ResourceHashes, clock: LogClock,
        health: StoreHealth, logger: Log
    ) throws {
        lane = try EventLoop()
        self.epoch = epoch
        self.store = store
        self.checkpointer = checkpointer
        self.retention = retention
        self.index = index
        self.endIndex = endIndex
        self.clock = clock
        self.health = health
        self.logger = logger
        try lane.start(name: "writer", client: self)
    }

    // MARK: From any thread

    nonisolated var isClosed: Bool { waiting.withLock { $0.isClosed } }

    nonisolated var commitFigures: CommitFigures { commits.withLock { $0 } }

    private nonisolated var unavailability: LogUnavailable? { health.unavailability }

    nonisolated func attach(_ sink: any CommitSink) {
        let oldest = waiting.withLock { waiting in
            waiting.sink = sink
            return waiting.oldest
        }
        if let oldest { sink.trimmed(oldest: oldest) }
    }

    nonisolated func submit(_ work: Work, to sink: any CommitSink) {
        let refusal: LogUnavailable? = waiting.withLock { waiting in
            if waiting.isClosed {
                return LogUnavailable(.refused, message: "The hub is stopping.", retryAfter: 2)
            }
            let count = waiting.eventCount + work.eventCount
            guard count <= Self.waitingLimit || work.isPaced || waiting.eventCount == 0 else {
                return LogUnavailable(
                    .refused,
                    message: "\(waiting.eventCount) events wait to be stored; the disk is too "
                        + "slow for this load. Try again in a moment.", retryAfter: 1)
            }
            waiting.work.append(work)
            if !work.isPaced { waiting.eventCount = count }
            return nil
        }
        if let refusal { return sink.refused(work.reply, refusal) }
        lane.wake()
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? {
        assumeIsolated { $0.turn() }
    }

    // MARK: On the lane

    private func turn() -> Int? {
        // The loop's last turn comes after the file was closed.
        if isClosed { return nil }
        commitWaiting()
        let now = Instant.now()
        if unavailability != nil { probe(now) }
        prune(now)
        tendWAL(now)
        return unavailability == nil && checkpointing.next == nil
            ? Self.pruneInterval : Self.probeInterval
    }

    /// Commits the work that has gathered, if any; what comes meanwhile is left to another turn.
    ///
    /// - Returns: whether there was anything to commit.
    @discardableResult
    private func commitWaiting() -> Bool {
        guard let sink = takeWaiting() else { return false }
        commit(batch, sink)
        batch.removeAll(keepingCapacity: true)
        return true
    }

    /// Exchanges the empty `batch` for the work that waits.
    ///
    /// - Returns: the sink; `nil` when nothing waits.
    private func takeWaiting() -> (any CommitSink)? {
        var taken: [Work] = []
        swap(&taken, &batch)
        let sink = waiting.withLock { waiting -> (any CommitSink)? in
            guard !waiting.work.isEmpty else { return nil }
            swap(&waiting.work, &taken)
            waiting.eventCount = 0
            return waiting.sink
        }
        batch = taken
        return sink
    }

    private func commit(_ work: [Work], _ sink: any CommitSink) {
        var batch = CommitBatch(capacity: work.count)
        let watch = Stopwatch()
        do throws(LogUnavailable) {
            try store.write(at: clock.now.milliseconds, retention: retention) {
                transaction throws(LogUnavailable) in
                batch.at = Timestamp(milliseconds: transaction.at)
                for item in work {
                    switch item {
                    case .events(let submission): try write(submission, transaction, &batch)
                    case .change(let change): try write(change, transaction, &batch)
                    case .forget(let resource, let reply):
                        try transaction.forget(resource.name)
                        batch.add([], [], reply)
                    }
                }
            }
        } catch {
            fail(error)
            if store.mayHoldRefused { overwriteRemains() }
            return deliverLive(work, sink, reason: error)
        }
        recover()
        note(batch, watch)
        sink.committed(batch.committed, at: batch.at, oldest: store.oldest)
        for (change, reason) in batch.refused {
            logger.error(
                "A change could not be stored", ["change": change.name, "reason": reason])
            sink.refused(change.reply, reason)
        }
    }

    private func note(_ batch: CommitBatch, _ watch: Stopwatch) {
        let count = batch.committed.reduce(0) { $0 + $1.publications.count }
        commits.withLock { $0.add(count, microseconds: watch.microseconds) }
    }

    private func write(
        _ submission: Submission, _ transaction: StoreTransaction, _ batch: inout CommitBatch
    ) throws(LogUnavailable) {
        indexState(submission.publications)
        var placements: [EventPlacement] = []
        placements.reserveCapacity(submission.publications.count)
        if let conflict = try conflict(in: submission, transaction) {
            let publications = submission.publications(despite: conflict)
            for publication in publications {
                placements.append(try transaction.append(NewEvent(publication)))
            }
            return batch.add(publications, placements, submission.reply, conflict)
        }
        for publication in submission.publications {
            placements.append(try transaction.append(NewEvent(publication)))
        }
        batch.add(submission.publications, placements, submission.reply)
    }

    private func write(
        _ change: any PendingChange, _ transaction: StoreTransaction, _ batch: inout CommitBatch
    ) throws(LogUnavailable) {
        var publications: [Publication] = []
        let outcome = try transaction.change { records throws(LogUnavailable) in
            publications = try change.apply(to: records)
            indexState(publications)
            return publications.map(NewEvent.init)
        }
        switch outcome {
        case .success(let placements): batch.add(publications, placements, change.reply)
        case .failure(let fault): batch.refused.append((change, fault))
        }
    }

    /// Notes which resources have state, before the commit, so that a reader never finds state that
    /// the index does not know of.
    private func indexState(_ publications: [Publication]) {
        for publication in publications where publication.isRetained {
            for resource in publication.resources { index.insert(resource.name) }
        }
    }

    /// Delivers transient events that need no store, and refuses all else.
    private func deliverLive(
        _ work: [Work], _ sink: any CommitSink, reason: LogUnavailable
    ) {
        for item in work {
            guard case .events(let submission) = item,
                submission.publications.allSatisfy(isPlain)
            else {
                sink.refused(item.reply, reason)
                continue
            }
            let committed = CommittedSubmission(
                publications: submission.publications,
                placements: submission.publications.map { _ in .transient },
                reply: submission.reply)
            sink.committed([committed], at: clock.now, oldest: store.oldest)
        }
    }

    /// Whether an event needs no store: it is transient and has no key, and nothing is to be asked
    /// for it.
    private func isPlain(_ publication: Publication) -> Bool {
        publication.isTransient && publication.key == nil && !publication.isConditional
            && !endIndex.mayHold(any: publication.resources)
    }

    private func fail(_ error: LogUnavailable) {
        health.noteFailedWrite(error)
        nextProbe = Instant.now().advanced(milliseconds: Self.probeInterval)
    }

    private func recover() {
        health.noteWrite()
    }

    /// Writes over what a failed commit may have left in the write-ahead log, before its work is
    /// refused.
    private func overwriteRemains() {
        do throws(LogUnavailable) {
            try store.overwriteRemains()
            recover()
        } catch {
            fail(error)
        }
    }

    private func probe(_ now: Instant) {
        guard now >= nextProbe else { return }
        do {
            try store.probe()
            recover()
        } catch {
            fail(error)
        }
    }

    /// Deletes what is beyond the retention, one small step in a turn, so that publishers need not
    /// wait.
    private func prune(_ now: Instant) {
        guard now >= nextPrune, unavailability == nil else { return }
        do {
            let count = try store.prune(
                retention, now: clock.now.milliseconds, limit: Self.pruneStep)
            if count > 0 {
                let oldest = store.oldest
                let sink = waiting.withLock { waiting in
                    waiting.oldest = oldest
                    return waiting.sink
                }
                sink?.trimmed(oldest: oldest)
                lane.wake()
            } else {
                nextPrune = now.advanced(milliseconds: Self.pruneInterval)
            }
        } catch {
            fail(error)
        }
    }

    /// Commits what was submitted, refuses what comes later, and closes the file.
    func close() async {
        waiting.withLock { $0.isClosed = true }
        while commitWaiting() {}
        waiting.withLock { $0.sink = nil }
        // Only the last connection brings all of the log into the file.
        await checkpointer.close()
        checkpointer.join()
        store.close()
        lane.stop()
    }

    /// Waits until the lane's thread has ended, after `close`.
    nonisolated func join() { lane.join() }
}

extension LogWriter.Work {
    /// The number of events that the work counts for while it waits.
    var eventCount: Int {
        switch self {
        case .events(let submission): submission.publications.count
        case .change, .forget: 1
        }
    }

    /// Whether its sender waits for the answer before it sends more.
    var isPaced: Bool {
        switch self {
        case .events(let submission): submission.isPaced
        case .change: true
        case .forget: false
        }
    }

    var reply: Reply {
        switch self {
        case .events(let submission): submission.reply
        case .change(let change): change.reply
        case .forget(_, let reply): reply
        }
    }
}

/// The outcome of the work of one transaction.
private struct CommitBatch {
    var committed: [CommittedSubmission] = []
    var refused: [(any PendingChange, LogUnavailable)] = []
    var at = Timestamp(milliseconds: 0)

    init(capacity: Int) {
        committed.reserveCapacity(capacity)
    }

    mutating func add(
        _ publications: [Publication], _ placements: [EventPlacement], _ reply: Reply,
        _ conflict: PublishConflict? = nil
    ) {
        committed.append(
            CommittedSubmission(
                publications: publications, placements: placements, reply: reply,
                conflict: conflict))
    }
}

extension NewEvent {
    init(_ publication: Publication) {
        let resources = publication.resources
        self.init(
            name: publication.name.description,
            resourceList: resources.count == 1
                ? resources[0].name : resources.lazy.map(\.name).joined(separator: ","),
            data: publication.data, isRetained: publication.isRetained,
            isTransient: publication.isTransient, coalesceKey: publication.coalesceKey,
            key: publication.key, mark: publication.mark?.code,
            publisher: publication.publisher, isEnd: publication.isEnd,
            lifetime: publication.lifetime)
    }
}
