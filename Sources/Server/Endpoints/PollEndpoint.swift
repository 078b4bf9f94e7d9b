// `GET /poll` is a loop: read what is there; if that is nothing, wait until the worker has distributed an event
// that may match, and read again. The poll is registered before it reads, so an event that comes in
// between wakes it.

internal import HTTP
internal import Hub
internal import Reactor

/// A poll that is under way, by its connection.
struct Poll {
    let selectors: [Selector]
    /// Something came, or the time is over, since it was last looked at.
    var isWoken = false
    /// No further waiting: the time is over, or nobody waits any more.
    var isOver = false
    var waiting: CheckedContinuation<Void, Never>?
}

extension Worker {
    /// How long a poll still waits whose client has ended its side, in milliseconds.
    private static let pollAfterEnd = 1_000

    func poll(_ request: Request, on connection: Connection) throws(Problem) {
        let poll = try PollRequest(request.head)
        let token = connection.token
        beginPoll(Poll(selectors: poll.selectors), token: token)
        setDeadline(connection, in: poll.timeout)
        if connection.peerHasEnded { shortenPoll(of: connection) }
        respond(on: connection) { worker in
            defer { worker.endPoll(token) }
            return try await worker.answer(poll, token: token).response
        }
    }

    private func answer(_ request: PollRequest, token: UInt64) async throws(Problem) -> PollAnswer {
        guard let text = request.cursor else { return try await snapshot(request, reset: nil) }
        var cursor: UInt64
        switch broker.resumption(from: text) {
        case .failure(let refusal): return try await snapshot(request, reset: refusal)
        case .success(let sequence): cursor = sequence
        }
        while true {
            let (start, head) = (cursor, broker.head.sequence)
            let page = try await read { [broker] () async throws(LogUnavailable) in
                try await broker.page(
                    after: start, upTo: head, matching: request.selectors, limit: request.limit)
            }
            guard let page else {
                let refusal = Broker.Refusal(reason: .expired, oldest: broker.oldest)
                return try await snapshot(request, reset: refusal)
            }
            cursor = page.end
            let frames = page.frames.filter { request.filter?.contains($0.name) ?? true }
            if !frames.isEmpty { return PollAnswer(epoch: broker.epoch, upTo: cursor, frames) }
            if cursor < head { continue }
            guard await isWoken(token) else {
                return PollAnswer(epoch: broker.epoch, upTo: cursor, [])
            }
        }
    }

    private func snapshot(
        _ request: PollRequest, reset: Broker.Refusal?
    ) async throws(Problem) -> PollAnswer {
        let head = broker.head.sequence
        var frames: [StateFrame] = []
        var cursor: UInt64 = 0
        while broker.mayHoldState(of: request.selectors) {
            let start = cursor
            let page = try await read { [broker] () async throws(LogUnavailable) in
                try await broker.state(
                    of: request.selectors, after: start, upTo: head, limit: 1000)
            }
            frames += page.filter { request.filter?.contains($0.frame.name) ?? true }
            guard page.count == 1000, let last = page.last else { break }
            cursor = last.sequence
        }
        return PollAnswer(epoch: broker.epoch, upTo: head, state: frames, reset: reset)
    }

    // MARK: Waiting

    private func beginPoll(_ poll: Poll, token: UInt64) {
        attachToBroker()
        polls[token] = poll
        for selector in poll.selectors { pollTopics[selector, default: []].insert(token) }
    }

    private func endPoll(_ token: UInt64) {
        guard let poll = polls.removeValue(forKey: token) else { return }
        for selector in poll.selectors {
            pollTopics[selector]?.remove(token)
            if pollTopics[selector]?.isEmpty == true { pollTopics[selector] = nil }
        }
        detachFromBrokerIfUnused()
    }

    /// Waits until something may have come; `false` when the time is over.
    private func isWoken(_ token: UInt64) async -> Bool {
        guard let poll = polls[token], !poll.isOver else { return false }
        if !poll.isWoken {
            await withCheckedContinuation { polls[token]?.waiting = $0 }
        }
        polls[token]?.isWoken = false
        return polls[token]?.isOver == false
    }

    /// Wakes the polls that an event may concern.
    func wakePolls(for frame: EventFrame) {
        if pollTopics.isEmpty || frame.sequence == nil { return }
        for resource in frame.resources {
            for selector in [Selector.resource(resource), .pattern(kind: resource.kind)] {
                for token in pollTopics[selector] ?? [] { wakePoll(token) }
            }
        }
    }

    /// Answers a connection's poll soon, if it has one: a client that sends nothing more may still read, or have gone.
    func shortenPoll(of connection: Connection) {
        guard polls[connection.token] != nil else { return }
        let soon = now.advanced(milliseconds: Self.pollAfterEnd)
        if soon < connection.deadline { setDeadline(connection, in: Self.pollAfterEnd) }
    }

    /// Ends the waiting of a connection's poll, if it has one: the time is over, or the client sends nothing more.
    func expirePoll(_ token: UInt64) {
        guard polls[token] != nil else { return }
        polls[token]?.isOver = true
        wakePoll(token)
    }

    private func wakePoll(_ token: UInt64) {
        polls[token]?.isWoken = true
        let waiting = polls[token]?.waiting
        polls[token]?.waiting = nil
        waiting?.resume()
    }
}
