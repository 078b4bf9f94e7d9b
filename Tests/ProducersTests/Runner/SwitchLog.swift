import Reactor
import Storage
import Telemetry

@testable import Hub

/// A log in memory that refuses what is submitted, or keeps it back, as long as the test wants.
final class SwitchLog: EventLog {
    enum Mode: Sendable {
        case open, refusing, holding
        /// Keeps the next change back and lets on what comes after it.
        case holdingOne
    }

    private struct State {
        var mode = Mode.open
        var held: [(Submission, any CommitSink)] = []
    }

    private let inner = MemoryLog(epoch: .random())
    private let state = Lock(State())
    /// How many changes were refused.
    let refusals = Count()
    /// How many changes were kept back.
    let holds = Count()

    /// Sets what happens from now on; what was held is refused or let on first.
    func set(_ mode: Mode) {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.mode = mode
            return state.held
        }
        for (submission, sink) in held {
            if mode == .refusing {
                refuse(submission, sink)
            } else {
                inner.submit(submission, to: sink)
            }
        }
    }

    func submit(_ submission: Submission, to sink: any CommitSink) {
        guard case .change = submission.content else {
            return inner.submit(submission, to: sink)
        }
        let mode = state.withLock { state in
            let mode = state.mode
            if mode == .holding || mode == .holdingOne { state.held.append((submission, sink)) }
            if mode == .holdingOne { state.mode = .open }
            return mode
        }
        switch mode {
        case .open: inner.submit(submission, to: sink)
        case .holding, .holdingOne: holds.add()
        case .refusing: refuse(submission, sink)
        }
    }

    private func refuse(_ submission: Submission, _ sink: any CommitSink) {
        sink.refused(
            [submission], LogUnavailable(description: "The store is away.", retryAfter: 5))
        refusals.add()
    }

    var epoch: Epoch { inner.epoch }
    var restored: RestoredLog { inner.restored }
    var trouble: LogUnavailable? { nil }
    var now: Timestamp { inner.now }

    func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) async throws(LogUnavailable) -> LogPage? {
        try await inner.page(after: cursor, upTo: last, matching: selectors, limit: limit)
    }

    func mayHoldState(of selectors: [Selector]) -> Bool { inner.mayHoldState(of: selectors) }

    func state(
        of selectors: [Selector], after cursor: UInt64, upTo last: UInt64, limit: Int
    ) async throws(LogUnavailable) -> [StateFrame] {
        try await inner.state(of: selectors, after: cursor, upTo: last, limit: limit)
    }

    func states(
        of selectors: [Selector]
    ) async throws(LogUnavailable) -> (head: UInt64, states: [ResourceState]) {
        try await inner.states(of: selectors)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (RecordStore) throws(StoreError) -> Value
    ) async throws(LogUnavailable) -> Value {
        try await inner.read(body)
    }

    func close() async { await inner.close() }
}
