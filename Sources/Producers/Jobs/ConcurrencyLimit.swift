// Limits how many requests a provider gets at once. The others wait in the order of their arrival.
//
// Problem: a provider that serves one request at a time is no faster when it is sent ten, and nine
//   of them would time out. The operator states how many it can serve, or the hub guesses. A server
//   with too many requests sends nothing to those that wait.
// Algorithm: a request that got no byte in time while others were under way is taken to have stood
//   behind them. The limit then falls to the number of requests that are being answered, or to half
//   when none is, and this request waits here. It keeps its place and uses up no attempt of its
//   job. After as many complete answers as the limit allows requests, the limit rises by one, up to
//   the maximum.
// Invariants: when a permit is given, the permits in use do not exceed the limit. Each permit is
//   released once.

internal import Reactor

/// A fair semaphore for the requests to one provider, whose limit adapts to the provider.
package final class ConcurrencyLimit: Sendable {
    private struct State {
        var limit: Int
        /// Permits in use, and how many of them belong to requests whose answer has begun.
        var taken = 0
        var answered = 0
        /// Requests that were answered completely since the limit last changed.
        var done = 0
        var waiting: [(place: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextPlace: UInt64 = 0

        var hasFree: Bool { taken < limit }

        /// Takes the free permits for those who have waited longest.
        ///
        /// - Returns: their continuations, which the caller resumes outside the lock.
        mutating func serve() -> [CheckedContinuation<Bool, Never>] {
            let count = min(waiting.count, max(0, limit - taken))
            taken += count
            defer { waiting.removeFirst(count) }
            return waiting.prefix(count).map(\.continuation)
        }
    }

    /// The limit's upper bound.
    let maximum: Int
    private let state: Lock<State>

    /// - Parameter count: at least 1.
    package init(_ count: Int) {
        maximum = max(1, count)
        state = Lock(State(limit: maximum))
    }

    /// The present limit, from 1 to `maximum`.
    var limit: Int { state.withLock(\.limit) }

    // MARK: Taking

    /// Returns a new place in the queue, behind all those given before.
    func newPlace() -> UInt64 {
        state.withLock { state in
            state.nextPlace += 1
            return state.nextPlace
        }
    }

    /// Returns a permit if one is free and nobody waits.
    func tryAcquire() -> Permit? {
        let isFree = state.withLock { state in
            guard state.hasFree, state.waiting.isEmpty else { return false }
            state.taken += 1
            return true
        }
        return isFree ? Permit(of: self) : nil
    }

    /// Waits for a permit at a place in the queue, which only one task may use.
    ///
    /// - Returns: `nil` when the task was cancelled first.
    func acquire(at place: UInt64) async -> Permit? {
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    let isFirst = state.waiting.first.map { place < $0.place } ?? true
                    if state.hasFree, isFirst {
                        state.taken += 1
                        return true
                    }
                    let index = state.waiting.firstIndex { place < $0.place }
                    state.waiting.insert((place, continuation), at: index ?? state.waiting.count)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let abandoned = state.withLock { state in
                let index = state.waiting.firstIndex { $0.place == place }
                return index.map { state.waiting.remove(at: $0).continuation }
            }
            abandoned?.resume(returning: false)
        }
        return isMine ? Permit(of: self) : nil
    }

    // MARK: By a turn

    fileprivate func noteAnswer() {
        state.withLock { $0.answered += 1 }
    }

    fileprivate func release(wasAnswered: Bool, isDone: Bool) {
        let next = state.withLock { state in
            state.taken -= 1
            if wasAnswered { state.answered -= 1 }
            if isDone, state.limit < maximum {
                state.done += 1
                if state.done >= state.limit {
                    state.limit += 1
                    state.done = 0
                }
            }
            return state.serve()
        }
        for continuation in next { continuation.resume(returning: true) }
    }

    /// Releases the permit of a request that got no answer, and lowers the limit if others hold
    /// permits.
    ///
    /// - Returns: whether others hold permits, so that the request may have stood behind them.
    fileprivate func releaseSilent() -> Bool {
        let (next, hadOthers) = state.withLock { state in
            state.taken -= 1
            let hadOthers = state.taken > 0
            if hadOthers {
                let answered = state.answered > 0 ? state.answered : state.limit / 2
                state.limit = max(1, min(state.limit, answered))
                state.done = 0
            }
            return (state.serve(), hadOthers)
        }
        for continuation in next { continuation.resume(returning: true) }
        return hadOthers
    }
}

/// The permission to send one request to a provider, which is released once.
final class Permit: Sendable {
    private let turns: ConcurrencyLimit
    private let isAnswered = Lock(false)

    fileprivate init(of turns: ConcurrencyLimit) {
        self.turns = turns
    }

    /// Notes that the provider has begun to answer.
    func noteAnswer() {
        let isFirst = isAnswered.withLock { isAnswered in
            defer { isAnswered = true }
            return !isAnswered
        }
        if isFirst { turns.noteAnswer() }
    }

    /// Releases the permit, which then goes to the request that has waited longest.
    ///
    /// - Parameter isDone: whether the request was answered completely.
    func release(isDone: Bool) {
        turns.release(wasAnswered: isAnswered.withLock { $0 }, isDone: isDone)
    }

    /// Releases the permit of a request that got no answer in time.
    ///
    /// - Returns: whether other requests were under way, behind which it may have stood. If so, it
    ///   may wait again.
    func releaseSilent() -> Bool {
        turns.releaseSilent()
    }
}
