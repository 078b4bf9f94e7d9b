// The log of a hub that keeps nothing on disk: the memory tail is all there is of it. State and
// idempotency keys live beside it, in dictionaries. No thread prunes them: what is too old is
// hidden at once, and its memory is given back when something is published or read.

internal import Reactor
internal import Records
internal import Storage
internal import Telemetry

/// A log that ends with the process.
final class MemoryLog: EventLog, StateStore, ChangeStore {
    /// How long an idempotency key is remembered, in milliseconds.
    static let keyLifetime: Int64 = 24 * 60 * 60 * 1000

    private struct State {
        var lastSequence: UInt64 = 0
        var retained: MemoryState
        var keys: [[UInt8]: UInt64?] = [:]
        var keysByAge = Queue<(key: [UInt8], at: Int64)>()
        /// The sequences of the last events of the resources that have ended.
        var ended: [Resource: UInt64] = [:]
        /// The records, made on first use.
        private var records: MemoryRecords?

        init(age: Int64?) {
            retained = MemoryState(age: age)
        }

        mutating func openRecords() throws(LogUnavailable) -> MemoryRecords {
            if let records { return records }
            let made = try MemoryRecords()
            records = made
            return made
        }
    }

    let epoch: Epoch
    let tailAge: Int64?
    private let encoding: EventEncoding
    private let clock: LogClock
    private let state: Lock<State>

    /// Makes a log whose events and state are dropped after `age` milliseconds of `clock`.
    init(epoch: Epoch, age: Int64? = nil, clock: LogClock = LogClock(logger: Log())) {
        self.epoch = epoch
        tailAge = age
        self.clock = clock
        encoding = EventEncoding(epoch: epoch)
        state = Lock(State(age: age))
    }

    var restored: RestoredLog { RestoredLog(lastSequence: 0, oldest: 1, newest: []) }
    var unavailability: LogUnavailable? { nil }
    var now: Timestamp { clock.now }

    /// Commits on the calling thread, and calls the sink under the lock, which gives the order.
    func submit(_ submission: Submission, to sink: any CommitSink) {
        state.withLock { state in
            let now = clock.now
            guard let conflict = conflict(in: submission.publications, &state, sink, at: now) else {
                return commit(submission.publications, submission.reply, sink, in: &state, at: now)
            }
            commit(
                submission.publications(despite: conflict), submission.reply, sink, in: &state,
                at: now, conflict)
        }
    }

    /// Finds the first event of a publish that may not be published.
    private func conflict(
        in publications: [Publication], _ state: inout State, _ sink: any CommitSink,
        at now: Timestamp
    ) -> PublishConflict? {
        let isInQuestion = publications.contains { publication in
            publication.isConditional
                || !state.ended.isEmpty
                    && publication.resources.contains { state.ended[$0] != nil }
        }
        guard isInQuestion else { return nil }
        Self.forgetOldKeys(&state, now: now)
        let facts = MemoryFacts(
            epoch: epoch, lastSequence: state.lastSequence, keys: state.keys, ended: state.ended,
            retained: state.retained, sink: sink, now: now)
        return facts.firstConflict(in: publications)
    }

    func forget(_ resource: Resource, _ reply: Reply, to sink: any CommitSink) {
        state.withLock { state in
            state.ended[resource] = nil
            state.retained.forget(resource)
            commit([], reply, sink, in: &state, at: clock.now)
        }
    }

    func submit(_ change: any PendingChange, to sink: any CommitSink) {
        state.withLock { state in
            let now = clock.now
            do throws(LogUnavailable) {
                let events = try state.openRecords().change(at: now.milliseconds, change.apply)
                commit(events, change.reply, sink, in: &state, at: now)
            } catch {
                sink.refused(change.reply, error)
            }
        }
    }

    private func commit(
        _ publications: [Publication], _ reply: Reply, _ sink: any CommitSink,
        in state: inout State, at now: Timestamp, _ conflict: PublishConflict? = nil
    ) {
        Self.forgetOldKeys(&state, now: now)
        let placements = Self.place(publications, in: &state, at: now)
        let committed = CommittedSubmission(
            publications: publications, placements: placements, reply: reply, conflict: conflict)
        sink.committed([committed], at: now, oldest: 0)
    }

    func read<Read: StoreRead>(_ read: Read) async throws(LogUnavailable) -> Read.Value {
        try state.withLock { state throws(LogUnavailable) in
            try state.openRecords().read(at: now.milliseconds, read.read)
        }
    }

    func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> EventPage? {
        // An event that is not in the memory tail is kept nowhere.
        nil
    }

    func newest(
        before end: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> [EventPlace] {
        []
    }

    func mayHoldState(of selectors: [Selector]) -> Bool {
        state.withLock { $0.retained.mayHold(selectors) }
    }

    func state(
        of selectors: [Selector], after cursor: UInt64, upTo last: UInt64, limit: Int
    ) async throws(LogUnavailable) -> [StateFrame] {
        let found = state.withLock { $0.retained.events(of: selectors, at: clock.now) }
        var seen: Set<UInt64> = []
        let wanted = found.map(\.event).filter { event in
            event.sequence > cursor && event.sequence <= last
                && seen.insert(event.sequence).inserted
        }
        return wanted.sorted { $0.sequence < $1.sequence }.prefix(limit).map { event in
            StateFrame(
                sequence: event.sequence,
                frame: encoding.stateFrame(
                    event.publication, sequence: event.sequence, at: event.at))
        }
    }

    func states(of selectors: [Selector]) async throws(LogUnavailable) -> StateListing {
        state.withLock { state in
            let found = state.retained.events(of: selectors, at: clock.now)
            let states = found.map { resource, event in
                ResourceState(
                    resource: resource.name, name: event.publication.name.description,
                    id: EventID(epoch: epoch, sequence: event.sequence), at: event.at,
                    data: event.publication.data)
            }
            return StateListing(
                lastSequence: state.lastSequence, states: states,
                ends: Self.ends(of: selectors, state))
        }
    }

    func mayHaveEnded(_ selectors: [Selector]) -> Bool { state.withLock { !$0.ended.isEmpty } }

    func ends(of selectors: [Selector]) async throws(LogUnavailable) -> EndListing {
        state.withLock { state in
            EndListing(
                lastSequence: state.lastSequence, ends: Self.ends(of: selectors, state))
        }
    }

    private static func ends(
        of selectors: [Selector], _ state: borrowing State
    ) -> [EndedResource] {
        if state.ended.isEmpty { return [] }
        var found: [Resource: UInt64] = [:]
        for selector in selectors {
            switch selector {
            case .resource(let resource): found[resource] = state.ended[resource]
            case .pattern(let kind):
                for (resource, sequence) in state.ended where resource.kind == kind {
                    found[resource] = sequence
                }
            }
        }
        return found.map { EndedResource(resource: $0.key.name, sequence: $0.value) }
    }

    func close() async {}

    private static func place(
        _ publications: [Publication], in state: inout State, at now: Timestamp
    ) -> [EventPlacement] {
        var placements: [EventPlacement] = []
        placements.reserveCapacity(publications.count)
        for index in publications.indices {
            placements.append(place(publications, index, in: &state, at: now))
        }
        return placements
    }

    /// Places one event, which is read within its array because taking it out would copy it.
    private static func place(
        _ publications: [Publication], _ index: Int, in state: inout State, at now: Timestamp
    ) -> EventPlacement {
        let key = publications[index].key.map { Array($0.utf8) }
        if let key, let first = state.keys[key] { return .repeated(sequence: first) }
        var placement = EventPlacement.transient
        if !publications[index].isTransient {
            state.lastSequence += 1
            placement = .stored(sequence: state.lastSequence)
        }
        if let key {
            state.keys[key] = .some(publications[index].isTransient ? nil : state.lastSequence)
            state.keysByAge.append((key, now.milliseconds))
        }
        if publications[index].isRetained {
            state.retained.keep(publications[index], sequence: state.lastSequence, at: now)
        }
        if publications[index].isEnd {
            for resource in publications[index].resources {
                state.ended[resource] = state.lastSequence
            }
        }
        state.retained.forget(at: now)
        return placement
    }

    private static func forgetOldKeys(_ state: inout State, now: Timestamp) {
        while let oldest = state.keysByAge.first, now.milliseconds - oldest.at > keyLifetime {
            state.keysByAge.popFirst()
            state.keys[oldest.key] = nil
        }
    }
}

/// What the log knows before it takes a publish.
private struct MemoryFacts: PublishingFacts {
    typealias Failure = Never

    let epoch: Epoch
    let lastSequence: UInt64
    let keys: [[UInt8]: UInt64?]
    let ended: [Resource: UInt64]
    let retained: MemoryState
    let sink: any CommitSink
    let now: Timestamp

    func hasKey(_ key: String) -> Bool { keys[Array(key.utf8)] != nil }

    func isEnded(_ resource: Resource) -> Bool { ended[resource] != nil }

    func newestSequence(of resource: Resource) -> UInt64 {
        max(sink.newestSequence(of: resource) ?? 0, retained.newestSequence(of: resource, at: now))
    }
}
