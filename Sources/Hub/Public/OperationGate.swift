internal import Reactor

/// Lets operations through until it is closed, and closes once the last of them has ended.
final class OperationGate: Sendable {
    private struct State {
        var running = 0
        var isClosed = false
        /// Who closes waits for the operations.
        var closing: CheckedContinuation<Void, Never>?
        /// Whether what follows the closing is done too.
        var isOver = false
        /// Others that close meanwhile wait for that.
        var others: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Lock(State())

    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Begins an operation, to be ended by `leave`.
    ///
    /// - Throws: `EventHubError.closed` once the gate is closed.
    func enter() throws(EventHubError) {
        let isOpen = state.withLock { state in
            if !state.isClosed { state.running += 1 }
            return !state.isClosed
        }
        guard isOpen else { throw .closed }
    }

    /// Ends an operation.
    func leave() {
        let closing = state.withLock { state in
            state.running -= 1
            return state.running == 0 ? state.closing.take() : nil
        }
        closing?.resume()
    }

    /// Lets no operation begin from now on, waits until all that have begun have ended, and runs
    /// `end`.
    ///
    /// Whoever closes again waits for the first to be done.
    func close(_ end: () async -> Void) async {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return await waitForEnd() }
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                if state.running > 0 { state.closing = continuation }
                return state.running == 0
            }
            if isQuiet { continuation.resume() }
        }
        await end()
        let others = state.withLock { state in
            state.isOver = true
            defer { state.others = [] }
            return state.others
        }
        for other in others { other.resume() }
    }

    private func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.others.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }
}
