internal import Reactor

/// Where the answer to a change is awaited; used once.
final class ChangePort<Value: Sendable>: BrokerPort {
    private struct State {
        var value: Value?
        var waiting: CheckedContinuation<Result<Value, LogUnavailable>, Never>?
    }

    private let state = Lock(State())

    func wait(_ continuation: CheckedContinuation<Result<Value, LogUnavailable>, Never>) {
        state.withLock { $0.waiting = continuation }
    }

    /// Takes what the change gave; it counts once the transaction is committed.
    func keep(_ value: Value) {
        state.withLock { $0.value = value }
    }

    func post(_ frames: [EventFrame]) {}

    func post(_ answer: PublishAnswer, for ticket: UInt64) {
        let (waiting, value) = state.withLock { state in
            let taken = (state.waiting, state.value)
            state = State()
            return taken
        }
        switch (answer, value) {
        case (.refused(let reason), _): waiting?.resume(returning: .failure(reason))
        case (.published, let value?): waiting?.resume(returning: .success(value))
        case (.published, nil): preconditionFailure("a change was committed that was not run")
        }
    }
}
