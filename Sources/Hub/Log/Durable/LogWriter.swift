internal import Reactor
internal import Storage
internal import Telemetry

/// The writer lane: one thread on which everything that changes the store happens.
actor LogWriter: EventLoopClient {
    /// Events that may wait for a commit; beyond, publishers are asked to come back.
    private static let waitingLimit = 10_000
    /// Milliseconds between two attempts to write when the store has failed.
    private static let probeInterval = 1_000
    /// Milliseconds between two looks at retention when nothing is published.
    private static let pruneInterval = 5_000
    private static let pruneStep = 500

    private struct Waiting {
        var submissions: [Submission] = []
        var eventCount = 0
        var sink: (any CommitSink)?
        var trouble: LogUnavailable?
        var isClosed = false
    }

    private nonisolated let lane: EventLoop
    private nonisolated let waiting = Lock(Waiting())
    private nonisolated let index: StateIndex
    private nonisolated let log: Log
    private let store: EventStore
    private let retention: Retention
    private var nextPrune = Instant.now()
    private var nextProbe = Instant.now()

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    init(
        store: sending EventStore, retention: Retention, index: StateIndex, log: Log
    ) throws {
        lane = try EventLoop()
        self.store = store
        self.retention = retention
        self.index = index
        self.log = log
        try lane.start(name: "writer", client: self)
    }

    // MARK: From any thread

    nonisolated var trouble: LogUnavailable? { waiting.withLock(\.trouble) }

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
        if waiting.withLock(\.isClosed) { return nil }
        while let batch = takeWaiting() { commit(batch.submissions, batch.sink) }
        let now = Instant.now()
        if trouble != nil { probe(now) }
        prune(now)
        store.checkpointIfLarge()
        return trouble == nil ? Self.pruneInterval : Self.probeInterval
    }

    private func takeWaiting() -> (submissions: [Submission], sink: any CommitSink)? {
        waiting.withLock { waiting in
            guard !waiting.submissions.isEmpty, let sink = waiting.sink else { return nil }
            let submissions = waiting.submissions
            waiting.submissions = []
            waiting.eventCount = 0
            return (submissions, sink)
        }
    }

    private func commit(_ submissions: [Submission], _ sink: any CommitSink) {
        do throws(StoreError) {
            let pending = submissions.map(PendingSubmission.init)
            let writes = pending.map { $0.write(indexState: indexState) }
            let (outcomes, at) = try store.append(
                writes, at: Timestamp.now.milliseconds, retention: retention)
            recover()
            hand(pending, outcomes, at: Timestamp(milliseconds: at), to: sink)
        } catch {
            fail(error)
            deliverLive(submissions, sink, reason: error)
        }
    }

    /// Notes which resources have state, before the commit, so that no reader finds the state and not the index.
    private func indexState(_ publications: [Publication]) {
        for publication in publications where publication.isRetained {
            for resource in publication.resources { index.insert(resource.name) }
        }
    }

    private func hand(
        _ batch: [PendingSubmission], _ outcomes: [WriteOutcome], at time: Timestamp,
        to sink: any CommitSink
    ) {
        var committed: [CommittedSubmission] = []
        committed.reserveCapacity(batch.count)
        var refused: [(Submission, LogUnavailable)] = []
        for (pending, outcome) in zip(batch, outcomes) {
            switch outcome {
            case .stored(let placements):
                committed.append(
                    CommittedSubmission(
                        submission: pending.submission, publications: pending.publications,
                        placements: placements.map(Placement.init)))
            case .failed(let error):
                log.error("A change could not be stored", ["reason": error])
                refused.append((pending.submission, LogUnavailable(error)))
            }
        }
        sink.committed(committed, at: time, oldest: store.oldest)
        for (submission, reason) in refused { sink.refused([submission], reason) }
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
            sink.committed([committed], at: .now, oldest: store.oldest)
        }
    }

    private func fail(_ error: StoreError) {
        if trouble == nil { log.error("The store takes no writes", ["reason": error]) }
        waiting.withLock { $0.trouble = LogUnavailable(error) }
        nextProbe = Instant.now().advanced(milliseconds: Self.probeInterval)
    }

    private func recover() {
        guard trouble != nil else { return }
        waiting.withLock { $0.trouble = nil }
        log.info("The store takes writes again")
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
                retention, now: Timestamp.now.milliseconds, limit: Self.pruneStep)
            if count > 0 {
                waiting.withLock(\.sink)?.trimmed(oldest: store.oldest)
                lane.wake()
            } else {
                nextPrune = now.advanced(milliseconds: Self.pruneInterval)
            }
        } catch {
            fail(error)
        }
    }

    /// Commits what was submitted, refuses what comes later, and closes the file.
    func close() {
        waiting.withLock { $0.isClosed = true }
        while let batch = takeWaiting() { commit(batch.submissions, batch.sink) }
        store.close()
        lane.stop()
    }
}

/// A submission on its way into the store; what a change publishes is known once it was done.
private final class PendingSubmission {
    let submission: Submission
    private(set) var publications: [Publication] = []

    init(_ submission: Submission) {
        self.submission = submission
        if case .publications(let publications) = submission.content {
            self.publications = publications
        }
    }

    func write(indexState: @escaping ([Publication]) -> Void) -> Write {
        switch submission.content {
        case .publications:
            indexState(publications)
            return .events(publications.map(NewEvent.init))
        case .change(let change):
            return .change { records throws(StoreError) in
                self.publications = try change(records)
                indexState(self.publications)
                return self.publications.map(NewEvent.init)
            }
        }
    }
}

extension LogUnavailable {
    init(_ error: StoreError) {
        self.init(description: error.description, retryAfter: 5)
    }
}

extension NewEvent {
    init(_ publication: Publication) {
        self.init(
            name: publication.name.description, resources: publication.resources.map(\.name),
            data: publication.data, isRetained: publication.isRetained,
            isTransient: publication.isTransient, coalesceKey: publication.coalesceKey,
            key: publication.key)
    }
}

extension Placement {
    init(_ placement: EventPlacement) {
        switch placement {
        case .stored(let sequence): self = .stored(sequence: sequence)
        case .transient: self = .transient
        case .repeated(let sequence): self = .repeated(sequence: sequence)
        }
    }
}
