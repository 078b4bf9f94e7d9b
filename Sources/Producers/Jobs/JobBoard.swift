internal import Reactor

/// The running jobs and the callers that wait for work, shared by the runner and the API.
package final class JobBoard: Sendable {
    private struct State {
        var running: [String: (progress: JobProgress, attempt: Int)] = [:]
        /// Grows with each signal, so that a caller that read it before a signal does not wait for
        /// the next.
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

    /// Removes a run, unless another run of the job has replaced it.
    func remove(_ progress: JobProgress, of job: String) {
        state.withLock { state in
            if state.running[job]?.progress === progress { state.running[job] = nil }
        }
    }

    /// The text of a running job that the ticker has published so far, and the position after it.
    ///
    /// - Returns: `nil` when the job does not run here.
    package func content(of job: String) -> (text: String, next: TextPosition)? {
        guard let found = state.withLock({ $0.running[job] }) else { return nil }
        let text = found.progress.content
        return (text, TextPosition(attempt: found.attempt, offset: text.utf8.count))
    }

    // MARK: Waiting for work

    /// Wakes all waiting callers, because some job has become ready.
    package func signal() {
        let woken = state.withLock { state in
            state.signals += 1
            let woken = Array(state.waiting.values)
            state.waiting = [:]
            return woken
        }
        for continuation in woken { continuation.resume() }
    }

    /// Wakes all waiting callers and lets nobody wait from now on, because the hub stops.
    package func close() {
        state.withLock { $0.isClosed = true }
        signal()
    }

    package var isClosed: Bool { state.withLock(\.isClosed) }

    /// The number of signals so far.
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

    /// Waits for a signal after the one numbered `last`, but at most until `deadline`.
    func wait(after last: UInt64, until deadline: ContinuousClock.Instant) async {
        await withTaskGroup { group in
            group.addTask { await self.wait(after: last) }
            group.addTask { try? await Task.sleep(until: deadline) }
            await group.next()
            group.cancelAll()
        }
    }
}
