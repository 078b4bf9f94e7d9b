internal import Reactor
internal import Records

/// A continuation that waits for the answer to one submission; used once.
final class AnswerPort: BrokerPort {
    private let waiting: CheckedContinuation<PublishAnswer, Never>

    init(_ waiting: CheckedContinuation<PublishAnswer, Never>) {
        self.waiting = waiting
    }

    func post(_ frames: [EventFrame]) {}

    func post(_ answer: PublishAnswer, for ticket: UInt64) { waiting.resume(returning: answer) }
}

/// A change with the continuation that waits for its outcome; used once.
final class ChangePort<Change: StoreChange>: PendingChange {
    typealias Answer = Result<Change.Outcome, LogUnavailable>

    private struct State {
        var outcome: Change.Outcome?
        var waiting: CheckedContinuation<Answer, Never>?
    }

    private let change: Change
    private let state = Lock(State())

    init(_ change: Change, _ waiting: CheckedContinuation<Answer, Never>) {
        self.change = change
        state.withLock { $0.waiting = waiting }
    }

    var name: String { Change.name }

    /// Applies the change and keeps its outcome, which counts once the transaction is committed.
    func apply(to records: any RecordStore) throws(LogUnavailable) -> [Publication] {
        var events: [Publication] = []
        let outcome = try change.apply(to: records, announcing: &events)
        state.withLock { $0.outcome = outcome }
        return events
    }

    func post(_ frames: [EventFrame]) {}

    func post(_ answer: PublishAnswer, for ticket: UInt64) {
        let (waiting, outcome) = state.withLock { state in
            let taken = (state.waiting, state.outcome)
            state = State()
            return taken
        }
        switch (answer, outcome) {
        case (.refused(let reason), _): waiting?.resume(returning: .failure(reason))
        case (.published, let outcome?): waiting?.resume(returning: .success(outcome))
        case (.conflict, _): preconditionFailure("a change's events are published in any case")
        case (.published, nil): preconditionFailure("a change was committed that was not run")
        }
    }
}
