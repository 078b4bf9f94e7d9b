internal import Hub

/// The polls that wait on one worker for an event or for the end of their time; not isolated.
///
/// A poll is registered before it reads, so an event that comes in between wakes it.
final class PollDesk {
    /// A poll that is under way.
    private struct Poll {
        let selectors: [Selector]
        /// Whether an event came, or the poll was ended, since the last `takeWakeup`.
        var isWoken = false
        /// Whether the poll is to end: its time is over, its connection ends, or the hub stops.
        var isOver = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    /// The polls by the tokens of their connections.
    @safe @exclusivity(unchecked) private var polls: [UInt64: Poll] = [:]
    @safe @exclusivity(unchecked) private var topics: [Selector: Set<UInt64>] = [:]

    var isEmpty: Bool { polls.isEmpty }

    func begin(_ token: UInt64, for selectors: [Selector]) {
        polls[token] = Poll(selectors: selectors)
        for selector in selectors { topics[selector, default: []].insert(token) }
    }

    func end(_ token: UInt64) {
        guard let poll = polls.removeValue(forKey: token) else { return }
        for selector in poll.selectors {
            topics[selector]?.remove(token)
            if topics[selector]?.isEmpty == true { topics[selector] = nil }
        }
    }

    /// Wakes the polls that an event may concern.
    func wake(for frame: EventFrame) {
        if topics.isEmpty || frame.sequence == nil { return }
        for resource in frame.resources {
            for selector in [Selector.resource(resource), .pattern(kind: resource.kind)] {
                for token in topics[selector] ?? [] { wake(token) }
            }
        }
    }

    /// Ends the waiting of a connection's poll, if it has one: the time is over, its connection
    /// ends, or the hub stops.
    func expire(_ token: UInt64) {
        guard polls[token] != nil else { return }
        polls[token]?.isOver = true
        wake(token)
    }

    func expireAll() {
        for token in polls.keys { expire(token) }
    }

    /// Whether a poll need not wait: an event came already, the poll is to end, or it has ended.
    func isWoken(_ token: UInt64) -> Bool { polls[token]?.isWoken ?? true }

    /// Resumes `continuation` when an event comes for the poll or the poll is to end, at once if
    /// that has happened already.
    func wait(_ token: UInt64, _ continuation: CheckedContinuation<Void, Never>) {
        if isWoken(token) { return continuation.resume() }
        polls[token]?.waiting = continuation
    }

    /// Takes note that a poll has been woken, so that its next wait begins anew.
    ///
    /// - Returns: `false` when the poll is to end.
    func takeWakeup(_ token: UInt64) -> Bool {
        polls[token]?.isWoken = false
        return polls[token]?.isOver == false
    }

    private func wake(_ token: UInt64) {
        polls[token]?.isWoken = true
        let waiting = polls[token]?.waiting
        polls[token]?.waiting = nil
        waiting?.resume()
    }
}
