internal import Reactor
internal import Storage
internal import Telemetry

/// The writer lane: one thread on which everything that changes the store happens.
actor LogWriter: EventLoopClient {
    /// Events that may wait for a commit; beyond, publishers are asked to come back.
    private static let waitingLimit = 10_000
    /// Milliseconds between two attempts when the store has failed, or a reader was in the way.
    static let probeInterval = 1_000
    /// Milliseconds between two looks at retention when nothing is published.
    private static let pruneInterval = 5_000
    private static let pruneStep = 500

    private struct Waiting {
        var submissions: [Submission] = []
        var eventCount = 0
        var sink: (any CommitSink)?
        var isClosed = false
    }

    private nonisolated let lane: EventLoop
    private nonisolated let waiting = Lock(Waiting())
    private nonisolated let index: StateIndex
    nonisolated let health: StoreHealth
    nonisolated let log: Log
    private let clock: LogClock
    let store: EventStore
    private let retention: Retention
    private var nextPrune = Instant.now()
    private var nextProbe = Instant.now()
    let checkpointer: LogCheckpointer
    var checkpointing = Checkpointing()
    /// The submissions that are being committed; kept so that their memory is used again.
    private var batch: [Submission] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    init(
        store: sending EventStore, checkpointer: LogCheckpointer, retention: Retention,
        index: StateIndex, clock: LogClock, health: StoreHealth, log: Log
    ) throws {
        lane = try EventLoop()
        self.store = store
        self.checkpointer = checkpointer
        self.retention = retention
        self.index = index
        self.clock = clock
        self.health = health
        self.log = log
        try lane.start(name: "writer", client: self)
    }

    // MARK: From any thread

    nonisolated var isClosed: Bool { waiting.withLock { $0.isClosed } }

    private nonisolated var trouble: LogUnavailable? { health.trouble }

    nonisolated func submit(_ submission: Submission, to sink: any CommitSink) {
        let refusal: LogUnavailable? = waiting.withLock { waiting in
            waiting.sink = sink
            if waiting.isClosed {
                return LogUnavailable(description: "The hub is stopping.", retryAfter: 2)
            }
            let count = waiting.eventCount + submission.eventCount
            guard count <= Self.waitingLimit || submission.isPaced || waiting.eventCount == 0
            else {
                return LogUnavailable(
                    description: "\(waiting.eventCount) events wait to be stored; the disk is too "
                        + "slow for this load. Try again in a moment.", retryAfter: 1)
            }
            waiting.submissions.append(submission)
            if !submission.isPaced { waiting.eventCount = count }
            return nil
        }
        if let refusal { return sink.refused([submission], refusal) }
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
        if trouble != nil { probe(now) }
        prune(now)
        tendWriteAheadLog(now)
        return trouble == nil && checkpointing.next == nil ? Self.pruneInterval : Self.probeInterval
    }

    /// Commits what has gathered, if anything has; what comes meanwhile calls for another turn.
    @discardableResult
    private func commitWaiting() -> Bool {
        guard let sink = takeWaiting() else { return false }
        commit(batch, sink)
        batch.removeAll(keepingCapacity: true)
        return true
    }

    /// Exchanges the empty `batch` for what waits; `nil` when nothing does.
    private func takeWaiting() -> (any CommitSink)? {
        var taken: [Submission] = []
        swap(&taken, &batch)
        let sink = waiting.withLock { waiting -> (any CommitSink)? in
            guard !waiting.submissions.isEmpty else { return nil }
            swap(&waiting.submissions, &taken)
            waiting.eventCount = 0
            return waiting.sink
        }
        batch = taken
        return sink
    }

    private func commit(_ submissions: [Submission], _ sink: any CommitSink) {
        var batch = CommitBatch(capacity: submissions.count)
        do throws(StoreError) {
            try store.write(at: clock.now.milliseconds, retention: retention) {
                transaction throws(StoreError) in
                batch.at = Timestamp(milliseconds: transaction.at)
                for submission in submissions { try write(submission, transaction, &batch) }
            }
        } catch {
            fail(error)
            if store.mayHoldRefused { overwriteRemains() }
            return deliverLive(submissions, sink, reason: error)
        }
        recover()
        sink.committed(batch.committed, at: batch.at, oldest: store.oldest)
        for (submission, reason) in batch.refused {
            log.error("A change could not be stored", ["reason": reason])
            sink.refused([submission], LogUnavailable(reason))
        }
    }

    private func write(
        _ submission: Submission, _ transaction: StoreTransaction, _ batch: inout CommitBatch
    ) throws(StoreError) {
        switch submission.content {
        case .publications(let publications):
            indexState(publications)
            var placements: [EventPlacement] = []
            placements.reserveCapacity(publications.count)
            for publication in publications {
                placements.append(try transaction.append(NewEvent(publication)))
            }
            batch.add(submission, publications, placements)
        case .change(let change):
            var publications: [Publication] = []
            let outcome = try transaction.change { records throws(StoreError) in
                publications = try change(records)
                indexState(publications)
                return publications.map(NewEvent.init)
            }
            switch outcome {
            case .success(let placements): batch.add(submission, publications, placements)
            case .failure(let fault): batch.refused.append((submission, fault))
            }
        }
    }

    /// Notes which resources have state, before the commit, so that no reader finds the state and
    /// not the index.
    private func indexState(_ publications: [Publication]) {
        for publication in publications where publication.isRetained {
            for resource in publication.resources { index.insert(resource.name) }
        }
    }

    /// What needs no store goes on while the store does not; the rest is refused.
    private func deliverLive(
        _ submissions: [Submission], _ sink: any CommitSink, reason: StoreError
    ) {
        for submission in submissions {
            guard case .publications(let publications) = submission.content,
                publications.allSatisfy({ $0.isTransient && $0.key == nil })
            else {
                sink.refused([submission], LogUnavailable(reason))
                continue
            }
            let committed = CommittedSubmission(
                submission: submission, publications: publications,
                placements: publications.map { _ in .transient })
            sink.committed([committed], at: clock.now, oldest: store.oldest)
        }
    }

    private func fail(_ error: StoreError) {
        health.noteFailedWrite(error)
        nextProbe = Instant.now().advanced(milliseconds: Self.probeInterval)
    }

    private func recover() {
        health.noteWrite()
    }

    /// Writes over what a refused commit may have left in the log, before it is refused.
    private func overwriteRemains() {
        do throws(StoreError) {
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

    /// One small step at a time, so that publishers need not wait.
    private func prune(_ now: Instant) {
        guard now >= nextPrune, trouble == nil else { return }
        do {
            let count = try store.prune(
                retention, now: clock.now.milliseconds, limit: Self.pruneStep)
            if count > 0 {
                waiting.withLock { $0.sink }?.trimmed(oldest: store.oldest)
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
        // Only the last connection brings all of the log into the file.
        await checkpointer.close()
        checkpointer.join()
        store.close()
        lane.stop()
    }

    /// Waits until the lane's thread has ended, after `close`.
    nonisolated func join() { lane.join() }
}

/// What became of the submissions of one transaction.
private struct CommitBatch {
    var committed: [CommittedSubmission] = []
    var refused: [(Submission, StoreError)] = []
    var at = Timestamp(milliseconds: 0)

    init(capacity: Int) {
        committed.reserveCapacity(capacity)
    }

    mutating func add(
        _ submission: Submission, _ publications: [Publication], _ placements: [EventPlacement]
    ) {
        committed.append(
            CommittedSubmission(
                submission: submission, publications: publications, placements: placements))
    }
}

extension LogUnavailable {
    init(_ error: StoreError) {
        self.init(
            description: error.description, outline: error.outline + "; the hub's log says more.",
            retryAfter: 5)
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
            key: publication.key, mark: publication.mark?.code)
    }
}
