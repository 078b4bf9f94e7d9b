import Reactor
import Records

@testable import Hub

/// The records of a log in memory; refuses changes, or keeps them back, as long as the test wants.
final class SwitchStore: ChangeStore {
    enum Mode: Sendable {
        case open, refusing, holding
        /// Keeps the next change back and lets on what comes after it.
        case holdingOne
    }

    private struct State {
        var mode = Mode.open
        var held: [(any PendingChange, any CommitSink)] = []
    }

    let log = MemoryLog(epoch: .random())
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
        for (change, sink) in held {
            if mode == .refusing { refuse(change, sink) } else { log.submit(change, to: sink) }
        }
    }

    func submit(_ change: any PendingChange, to sink: any CommitSink) {
        let mode = state.withLock { state in
            let mode = state.mode
            if mode == .holding || mode == .holdingOne { state.held.append((change, sink)) }
            if mode == .holdingOne { state.mode = .open }
            return mode
        }
        switch mode {
        case .open: log.submit(change, to: sink)
        case .holding, .holdingOne: holds.add()
        case .refusing: refuse(change, sink)
        }
    }

    private func refuse(_ change: any PendingChange, _ sink: any CommitSink) {
        sink.refused(change.reply, LogUnavailable(.refused, message: "The store is away."))
        refusals.add()
    }

    func read<Read: StoreRead>(_ read: Read) async throws(LogUnavailable) -> Read.Value {
        try await log.read(read)
    }
}
