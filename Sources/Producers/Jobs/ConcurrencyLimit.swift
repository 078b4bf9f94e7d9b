// How many requests a provider gets at once; the others wait in the order in which they came.
//
// Problem: a provider that works at one thing at a time is no faster when asked for ten, and nine
//   would time out. How many it can do is what the operator says, or a guess; and a server that has
//   too many is silent to those who wait.
// Algorithm: a request to which nothing came in time, while others were under way, is taken to have
//   stood behind them. Then the limit falls to as many as are being answered, and the request waits
//   here, where its place is kept and no attempt is used up. With every round of requests that were
//   answered to the end, the limit rises by one again.
// Invariants: turns that are out are never more than the limit was when the last was given; no turn
//   is lost.

internal import Reactor

/// The requests that a provider gets at once.
package final class ConcurrencyLimit: Sendable {
    private struct State {
        var limit: Int
        /// Turns that are out, and those of them whose answer has begun.
        var taken = 0
        var answered = 0
        /// Requests that were answered to the end since the limit last changed.
        var done = 0
        var waiting: [(place: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextPlace: UInt64 = 0

        var hasFree: Bool { taken < limit }

        /// Takes turns for those who have waited longest; what to wake them with.
        mutating func serve() -> [CheckedContinuation<Bool, Never>] {
            let count = min(waiting.count, max(0, limit - taken))
            taken += count
            defer { waiting.removeFirst(count) }
            return waiting.prefix(count).map(\.continuation)
        }
    }

    /// How many it gets at once when it answers them all.
    let maximum: Int
    private let state: Lock<State>

    /// - Parameter count: at least 1.
    package init(_ count: Int) {
        maximum = max(1, count)
        state = Lock(State(limit: maximum))
    }

    /// How many it gets at once now.
    var limit: Int { state.withLock(\.limit) }

    // MARK: Taking

    /// A place among those who wait, behind everybody who has one.
    func newPlace() -> UInt64 {
        state.withLock { state in
            state.nextPlace += 1
            return state.nextPlace
        }
    }

    /// Takes a turn if that needs no waiting.
    func tryAcquire() -> Permit? {
        let isFree = state.withLock { state in
            guard state.hasFree, state.waiting.isEmpty else { return false }
            state.taken += 1
            return true
        }
        return isFree ? Permit(of: self) : nil
    }

    /// Waits for a turn at a place, which one task holds; `nil` when the task was cancelled before.
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

    /// Takes back the turn of a request to which nothing came; whether it may have stood behind
    /// others.
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

/// One request's turn at a provider; given back once.
final class Permit: Sendable {
    private let turns: ConcurrencyLimit
    private let isAnswered = Lock(false)

    fileprivate init(of turns: ConcurrencyLimit) {
        self.turns = turns
    }

    /// Notes that the provider answers.
    func noteAnswer() {
        let isFirst = isAnswered.withLock { isAnswered in
            defer { isAnswered = true }
            return !isAnswered
        }
        if isFirst { turns.noteAnswer() }
    }

    /// Gives the turn back to the one who has waited longest.
    ///
    /// - Parameter isDone: whether the request was answered to the end.
    func release(isDone: Bool) {
        turns.release(wasAnswered: isAnswered.withLock { $0 }, isDone: isDone)
    }

    /// Gives the turn back of a request to which nothing came in time.
    ///
    /// - Returns: whether others were under way, behind which it may have stood: then it may wait
    ///   again.
    func releaseSilent() -> Bool {
        turns.releaseSilent()
    }
}
