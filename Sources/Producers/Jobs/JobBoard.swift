internal import Reactor

/// What runs now and who waits for work; shared by the runner and the API.
package final class JobBoard: Sendable {
    private struct State {
        var running: [String: (progress: JobProgress, attempt: Int)] = [:]
        /// Grows with each signal, so that one who looked before it does not wait for the next.
        var signals: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextID: UInt64 = 0
        var isClosed = false
    }

    private let state = Lock(State())

    package init() {}

    func add(_ progress: JobProgress, of job: String, attempt: Int) {
        state.withLock { $0.running[job] = (progress, attempt) }
    }

    /// Takes a run off, unless another run of the job has taken its place.
    func remove(_ progress: JobProgress, of job: String) {
        state.withLock { state in
            if state.running[job]?.progress === progress { state.running[job] = nil }
        }
    }

    /// The text that a running job has generated and told so far.
    package func content(of job: String) -> (text: String, next: TextPosition)? {
        guard let found = state.withLock({ $0.running[job] }) else { return nil }
        let text = found.progress.content
        return (text, TextPosition(attempt: found.attempt, offset: text.utf8.count))
    }

    // MARK: Waiting for work

    /// Wakes all who wait: some job has become ready.
    package func signal() {
        let woken = state.withLock { state in
            state.signals += 1
            let woken = Array(state.waiting.values)
            state.waiting = [:]
            return woken
        }
        for continuation in woken { continuation.resume() }
    }

    /// Sends all home who wait, now and from now on: the hub stops.
    package func close() {
        state.withLock { $0.isClosed = true }
        signal()
    }

    package var isClosed: Bool { state.withLock(\.isClosed) }

    /// How often there was a signal so far.
    package var signals: UInt64 { state.withLock(\.signals) }

    /// Waits until there was a signal after the one numbered `last`, or the task is cancelled.
    package func wait(after last: UInt64) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.signals > last || Task.isCancelled { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }

    /// The same, until a deadline at the latest.
    func wait(after last: UInt64, until deadline: ContinuousClock.Instant) async {
        await withTaskGroup { group in
            group.addTask { await self.wait(after: last) }
            group.addTask { try? await Task.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }
}
