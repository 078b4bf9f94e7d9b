import Reactor

/// Where work waits until the test lets it on.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Lock(State())

    /// Lets all on, now and later.
    func open() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.isOpen = true
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until the gate is open, or the task is cancelled.
    func pass() async {
        let id = newID()
        await withTaskCancellationHandler {
            await wait(as: id, heedsCancellation: true)
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }

    /// The same, deaf to cancellation.
    func passAnyway() async {
        await wait(as: newID(), heedsCancellation: false)
    }

    private func newID() -> Int {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    private func wait(as id: Int, heedsCancellation: Bool) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isOpen || (heedsCancellation && Task.isCancelled) { return true }
                state.waiting[id] = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}

/// A number that grows, and can be waited for.
final class Count: Sendable {
    private struct State {
        var value = 0
        var waiting: [(least: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Lock(State())

    var value: Int { state.withLock(\.value) }

    @discardableResult
    func add() -> Int {
        let (value, ready) = state.withLock { state in
            state.value += 1
            let value = state.value
            let ready = state.waiting.filter { $0.least <= value }
            state.waiting.removeAll { $0.least <= value }
            return (value, ready)
        }
        for waiting in ready { waiting.continuation.resume() }
        return value
    }

    /// Waits until there are so many.
    func reach(_ least: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.value >= least { return true }
                state.waiting.append((least, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}
