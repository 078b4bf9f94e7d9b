internal import Reactor
internal import Records
internal import Storage
internal import Telemetry

/// What is wrong with the store, as any of its threads has noticed; safe from any thread.
final class StoreHealth: Sendable {
    /// Milliseconds for which a checkpoint of another program counts as a problem.
    private static let strangerTime = 60_000

    private struct State {
        var writes: LogUnavailable?
        var file: LogUnavailable?
        var damage: LogUnavailable?
        var strangerSeen: Instant?
        var lastCheckpoint = Instant.now()
    }

    private let state = Lock(State())
    private let logger: Log

    init(logger: Log) {
        self.logger = logger
    }

    /// Why nothing can be stored now.
    var unavailability: LogUnavailable? { state.withLock { $0.writes } }

    /// Why this hub should be given no work: nothing can be stored, or what is stored may not last.
    var problem: LogUnavailable? {
        let now = Instant.now()
        return state.withLock { state in
            if let known = state.writes ?? state.damage ?? state.file { return known }
            guard let seen = state.strangerSeen, now.since(seen) < Self.strangerTime else {
                return nil
            }
            return LogUnavailable(
                .refused,
                message: "Another program does checkpoints of the store, which can lose "
                    + "acknowledged events; end it, and run 'martlet log verify'.", retryAfter: 60)
        }
    }

    /// Milliseconds since all of the write-ahead log was in the database.
    func checkpointAge(_ now: Instant = .now()) -> Int {
        now.since(state.withLock { $0.lastCheckpoint })
    }

    /// Notes an error that any thread met, if it tells of damage.
    ///
    /// Damage stays noted until the hub is started anew, for it does not heal.
    func note(_ error: LogUnavailable) {
        guard error.isDamage else { return }
        let isNew = state.withLock { state in
            defer { state.damage = state.damage ?? error }
            return state.damage == nil
        }
        if isNew { logger.error("The store is damaged", ["reason": error]) }
    }

    /// Notes that a commit has failed.
    func noteFailedWrite(_ error: LogUnavailable) {
        note(error)
        let isNew = state.withLock { state in
            defer { state.writes = error }
            return state.writes == nil
        }
        if isNew { logger.error("The store takes no writes", ["reason": error]) }
    }

    /// Notes that a commit has succeeded.
    func noteWrite() {
        let isNews = state.withLock { state in
            defer { state.writes = nil }
            return state.writes != nil
        }
        if isNews { logger.info("The store takes writes again") }
    }

    /// Notes the outcome of a checkpoint.
    func noteCheckpoint(_ outcome: Checkpoint, at now: Instant) {
        switch outcome {
        case .complete:
            state.withLock { state in
                state.file = nil
                state.lastCheckpoint = now
            }
        case .incomplete: state.withLock { $0.file = nil }
        case .failed(let error):
            note(error)
            state.withLock { $0.file = error }
        }
    }

    /// Notes that another program has brought the write-ahead log into the file.
    func noteStranger(at now: Instant) {
        let isNew = state.withLock { state in
            defer { state.strangerSeen = now }
            return state.strangerSeen.map { now.since($0) >= Self.strangerTime } ?? true
        }
        guard isNew else { return }
        logger.error(
            "Another program does checkpoints of the store, which can lose acknowledged events; only the hub may"
        )
    }
}
