// The log in SQLite.
//
// Problem: a commit waits for the disk, and the disk takes as long for one event as for a thousand.
// So submissions gather while a commit is under way, and the writer lane, one thread, commits all
//   that has gathered in one transaction. Readers have their own connections and threads; WAL keeps
//   them and the writer out of each other's way.
// Invariants: a submission is handed to the sink once, committed or refused, in the order of
//   commits. Nothing is handed on before its transaction is durable.
// Cost: one fsync per batch; a resume reads by index what it returns.

internal import Reactor
internal import Records
package import Storage
package import Telemetry

/// A log that outlives the process, and loss of power as far as its durability says.
package final class DurableLog: EventLog, StateStore, ChangeStore {
    let epoch: Epoch
    let restored: RestoredLog

    private let writer: LogWriter
    private let health: StoreHealth
    private let progress: WALProgress
    private let readers: [LogReader]
    private let nextReader = Lock(0)
    private let index: ResourceHashes
    private let endIndex: ResourceHashes
    private let clock: LogClock

    /// Opens the store in `directory`, or makes it there.
    ///
    /// The newest events are read into memory at once, as many as `tail` allows.
    /// - Throws: `LogUnavailable` that says what is wrong with the file, `Errno` when the system
    ///   has no more threads or descriptors.
    package init(
        directory: String, durability: Synchronous, retention: LogRetention,
        tail: LogTailLimits, logger: Log
    ) throws {
        let store = try EventStore.open(
            directory: directory, synchronous: durability,
            preparesWAL: durability == .full)
        Self.report(store.loss, logger)
        if let version = EventStore.faultyEngineVersion {
            logger.info(
                "This SQLite's WAL-reset fault is harmless while no other program writes to the store or does checkpoints",
                ["version": version])
        }
        if let reason = store.preparationError {
            logger.info(
                "The first commits take longer: the write-ahead log is not prepared",
                ["reason": reason])
        }
        let health = StoreHealth(logger: logger)
        self.health = health
        progress = store.progress
        let clock = LogClock(since: Timestamp(milliseconds: store.lastTime), logger: logger)
        self.clock = clock
        let checkpointer: LogCheckpointer
        do {
            let contents = try Contents(of: store, tail, logger)
            epoch = contents.epoch
            restored = contents.restored
            index = contents.index
            endIndex = contents.endIndex
            let decoding = RecordDecoding(epoch: epoch)
            readers = try (0..<2).map { number in
                try LogReader(
                    number: number, reader: try EventReader.open(directory: directory),
                    decoding: decoding, clock: clock, health: health)
            }
            checkpointer = try LogCheckpointer(
                Checkpointer.open(
                    directory: directory, synchronous: durability, progress: progress))
        } catch {
            // Whoever tries again is to find the store free.
            store.close()
            throw error
        }
        writer = try LogWriter(
            epoch: epoch, store: store, checkpointer: checkpointer, retention: Retention(retention),
            index: index, endIndex: endIndex, clock: clock, health: health, logger: logger)
    }

    var unavailability: LogUnavailable? { health.unavailability }
    var healthProblem: LogUnavailable? { health.problem }
    var now: Timestamp { clock.now }

    var figures: LogFigures? {
        get async {
            let extent = try? await reader.extent()
            let age = extent?.oldestTime.map { max(0, now.milliseconds - $0) / 1000 }
            return LogFigures(
                walBytes: progress.bytes, checkpointAge: health.checkpointAge() / 1000,
                bytes: extent?.bytes, oldestAge: age.map { Int($0) },
                commits: writer.commitFigures)
        }
    }

    /// Logs what the last run had acknowledged and this start has not found.
    private static func report(_ loss: StoreLoss?, _ logger: Log) {
        guard let loss else { return }
        if loss.isCertain {
            logger.error(
                "The store has lost what was acknowledged; its log has a new epoch, and clients are told so",
                ["reason": loss.description])
        } else {
            logger.warning(
                "The store may have lost what was acknowledged; its log has a new epoch, and clients are told so",
                ["reason": loss.description])
        }
    }

    func attach(_ sink: any CommitSink) { writer.attach(sink) }

    func submit(_ submission: Submission, to sink: any CommitSink) {
        writer.submit(.events(submission), to: sink)
    }

    func submit(_ change: any PendingChange, to sink: any CommitSink) {
        writer.submit(.change(change), to: sink)
    }

    // MARK: Reading
    //
    // Each error is caught and thrown again. Otherwise the caller would stay on the reader's
    // thread: in Swift 6.3 a function that runs where its caller does, and passes on a typed error
    // of an actor, does not return to its caller's thread
    // (findings/swift-typed-error-stays-on-the-actor.sh).

    func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> EventPage? {
        do throws(LogUnavailable) {
            return try await reader.page(
                after: cursor, upTo: last, matching: selectors, limit: limit)
        } catch { throw error }
    }

    func newest(
        before end: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> [EventPlace] {
        do throws(LogUnavailable) {
            return try await reader.newest(before: end, matching: selectors, limit: limit)
        } catch { throw error }
    }

    func mayHoldState(of selectors: [Selector]) -> Bool { index.mayHold(selectors) }

    func state(
        of selectors: [Selector], after cursor: UInt64, upTo last: UInt64, limit: Int
    ) async throws(LogUnavailable) -> [StateFrame] {
        do throws(LogUnavailable) {
            return try await reader.state(of: selectors, after: cursor, upTo: last, limit: limit)
        } catch { throw error }
    }

    func states(of selectors: [Selector]) async throws(LogUnavailable) -> StateListing {
        do throws(LogUnavailable) {
            return try await reader.states(of: selectors)
        } catch { throw error }
    }

    func mayHaveEnded(_ selectors: [Selector]) -> Bool { endIndex.mayHold(selectors) }

    func ends(of selectors: [Selector]) async throws(LogUnavailable) -> EndListing {
        do throws(LogUnavailable) {
            return try await reader.ends(of: selectors)
        } catch { throw error }
    }

    func forget(_ resource: Resource, _ reply: Reply, to sink: any CommitSink) {
        writer.submit(.forget(resource, reply), to: sink)
    }

    func read<Read: StoreRead>(_ read: Read) async throws(LogUnavailable) -> Read.Value {
        do throws(LogUnavailable) {
            return try await reader.records(read)
        } catch { throw error }
    }

    func close() async {
        // The writer last: only the last connection brings the write-ahead log into the file.
        for reader in readers { await reader.close() }
        for reader in readers { reader.join() }
        await writer.close()
        writer.join()
    }

    /// The reader whose turn it is.
    private var reader: LogReader {
        nextReader.withLock { next in
            next = (next + 1) % readers.count
            return readers[next]
        }
    }
}

/// How much of the log is kept.
package struct LogRetention: Sendable {
    /// Milliseconds; of retained events too.
    package let age: Int64
    package let count: Int
    package let bytes: Int

    package init(age: Int64, count: Int, bytes: Int) {
        self.age = age
        self.count = count
        self.bytes = bytes
    }
}

extension Retention {
    fileprivate init(_ retention: LogRetention) {
        self.init(age: retention.age, count: retention.count, bytes: retention.bytes)
    }
}

/// What is read of a store at its opening.
private struct Contents {
    let epoch: Epoch
    let restored: RestoredLog
    let index = ResourceHashes()
    let endIndex = ResourceHashes()

    init(of store: EventStore, _ tail: LogTailLimits, _ logger: Log) throws(LogUnavailable) {
        if store.isIndexBehind {
            logger.info("Building the index of the log", ["events": store.unindexedCount])
            try store.indexRest()
        }
        epoch = Epoch(store.epoch) ?? .random()
        let decoding = RecordDecoding(epoch: epoch)
        let newest = try store.newest(count: tail.count, bytes: tail.bytes)
        restored = RestoredLog(
            lastSequence: store.head, oldest: store.oldest, newest: newest.map(decoding.frame))
        let index = index
        let endIndex = endIndex
        try store.stateResources { index.insert($0) }
        try store.endedResources { endIndex.insert($0) }
    }
}
