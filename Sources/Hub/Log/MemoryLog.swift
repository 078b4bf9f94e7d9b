// The log of a hub that keeps nothing: the memory tail is all there is of it. State and idempotency keys
// live beside it, in dictionaries.

internal import Reactor
internal import Storage
internal import Telemetry

/// A log that ends with the process.
final class MemoryLog: EventLog {
    /// How long an idempotency key is remembered, in milliseconds.
    static let keyLifetime: Int64 = 24 * 60 * 60 * 1000

    private struct Retained {
        let publication: Publication
        let sequence: UInt64
        let at: Timestamp
    }

    private struct State {
        var head: UInt64 = 0
        var retained: [Resource: [String: Retained]] = [:]
        var keys: [[UInt8]: UInt64?] = [:]
        var keysByAge = Queue<(key: [UInt8], at: Int64)>()
        /// What is kept besides the log, made on first use.
        private var database: Database?

        mutating func records() throws(StoreError) -> Database {
            if let database { return database }
            let made = try Database.inMemory()
            database = made
            return made
        }
    }

    let epoch: Epoch
    private let encoding: EventEncoding
    private let clock: LogClock
    private let state = Lock(State())

    init(epoch: Epoch, log: Log = Log()) {
        self.epoch = epoch
        clock = LogClock(log: log)
        encoding = EventEncoding(epoch: epoch)
    }

    var restored: RestoredLog { RestoredLog(head: 0, oldest: 1, newest: []) }
    var trouble: LogUnavailable? { nil }
    var now: Timestamp { clock.now }

    /// Commits on the calling thread; the lock gives the order, so the sink is called within it.
    func submit(_ submission: Submission, to sink: any CommitSink) {
        state.withLock { state in
            let now = clock.now
            Self.forgetOldKeys(&state, now: now)
            let publications: [Publication]
            switch submission.content {
            case .publications(let given): publications = given
            case .change(let change):
                do throws(StoreError) {
                    let records = try state.records()
                    publications = try records.transaction { () throws(StoreError) in
                        try change(RecordStore(records, at: now.milliseconds))
                    }
                } catch {
                    return sink.refused([submission], LogUnavailable(error))
                }
            }
            let placements = publications.map { Self.place($0, in: &state, at: now) }
            sink.committed(
                [
                    CommittedSubmission(
                        submission: submission, publications: publications, placements: placements)
                ], at: now, oldest: 0)
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (RecordStore) throws(StoreError) -> Value
    ) async throws(LogUnavailable) -> Value {
        do {
            return try state.withLock { state throws(StoreError) in
                try body(RecordStore(try state.records(), at: now.milliseconds))
            }
        } catch {
            throw LogUnavailable(error)
        }
    }

    func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> LogPage? {
        // What is not in the memory tail is nowhere.
        nil
    }

    func mayHoldState(of selectors: [Selector]) -> Bool {
        state.withLock { state in
            !state.retained.isEmpty
                && selectors.contains { selector in
                    switch selector {
                    case .resource(let resource): state.retained[resource] != nil
                    case .pattern: true
                    }
                }
        }
    }

    func state(
        of selectors: [Selector], after cursor: UInt64, upTo last: UInt64, limit: Int
    ) async throws(LogUnavailable) -> [StateFrame] {
        let found = state.withLock { state in
            Self.matches(selectors, in: state).map(\.retained)
        }
        var seen: Set<UInt64> = []
        let wanted = found.filter { retained in
            retained.sequence > cursor && retained.sequence <= last
                && seen.insert(retained.sequence).inserted
        }
        return wanted.sorted { $0.sequence < $1.sequence }.prefix(limit).map { retained in
            StateFrame(
                sequence: retained.sequence,
                frame: encoding.stateFrame(
                    retained.publication, sequence: retained.sequence,
                    at: retained.at.description))
        }
    }

    func states(
        of selectors: [Selector]
    ) async throws(LogUnavailable) -> (head: UInt64, states: [ResourceState]) {
        state.withLock { state in
            let states = Self.matches(selectors, in: state).map { resource, retained in
                ResourceState(
                    resource: resource.name, name: retained.publication.name.description,
                    id: EventID(epoch: epoch, sequence: retained.sequence), at: retained.at,
                    data: retained.publication.data)
            }
            return (state.head, states)
        }
    }

    func close() async {}

    private static func place(
        _ publication: Publication, in state: inout State, at now: Timestamp
    ) -> EventPlacement {
        if let key = publication.key, let first = state.keys[Array(key.utf8)] {
            return .repeated(sequence: first)
        }
        var placement = EventPlacement.transient
        if !publication.isTransient {
            state.head += 1
            placement = .stored(sequence: state.head)
        }
        if let key = publication.key {
            let bytes = Array(key.utf8)
            state.keys[bytes] = .some(publication.isTransient ? nil : state.head)
            state.keysByAge.append((bytes, now.milliseconds))
        }
        if publication.isRetained {
            let retained = Retained(publication: publication, sequence: state.head, at: now)
            for resource in publication.resources {
                state.retained[resource, default: [:]][publication.name.description] = retained
            }
        }
        return placement
    }

    private static func forgetOldKeys(_ state: inout State, now: Timestamp) {
        while let oldest = state.keysByAge.first, now.milliseconds - oldest.at > keyLifetime {
            state.keysByAge.popFirst()
            state.keys[oldest.key] = nil
        }
    }

    private static func matches(
        _ selectors: [Selector], in state: State
    ) -> [(resource: Resource, retained: Retained)] {
        var resources: Set<Resource> = []
        for selector in selectors {
            switch selector {
            case .resource(let resource): resources.insert(resource)
            case .pattern(let kind):
                resources.formUnion(state.retained.keys.filter { $0.kind == kind })
            }
        }
        return resources.flatMap { resource in
            (state.retained[resource] ?? [:]).values.map { (resource, $0) }
        }
    }
}
