// The subscriptions within this process: a shard, and the tasks that wait for its events.
//
// A worker's streams have sockets; here a task takes the events out of the queue itself, one by
// one, so the queue is all that is in memory, and a slow task falls behind as a slow socket does.
//
// Invariants:
//   - The shard is touched under the lock alone. Under it nothing is asked of the broker or the
//     log, whose locks are held when they hand events over here: the order of the locks is log,
//     broker, desk.
//   - A task waits only for a subscription that is live and has an empty queue, or for which
//     another task is reading; so every change that ends such a state wakes those who wait.
// Cost: a commit pays for the queues of the subscriptions that match, on the committing thread.

internal import Reactor

/// Hands the broker's events to subscriptions; safe from any thread.
final class SubscriptionDesk: BrokerPort {
    /// The next thing that a subscription has to do.
    enum Step: Sendable {
        case frame(EventFrame)
        /// Something that is not in the queue has to be read first and handed to `take`.
        case read(Reading)
        case nothing
        case ended
    }

    /// A part of the log or the state that a subscription needs.
    enum Reading: Sendable {
        case state(Subscriber.Snapshot, limit: Int)
        case page(after: UInt64, upTo: UInt64, selectors: [Selector], limit: Int)
    }

    final class Stream {
        let subscriber: Subscriber
        /// The last sequence up to which all events were given out; `nil` before the state was.
        var cursor: UInt64?
        var waiting: [CheckedContinuation<Void, Never>] = []

        init(_ subscriber: Subscriber, cursor: UInt64?) {
            self.subscriber = subscriber
            self.cursor = cursor
        }
    }

    struct State {
        let shard: Shard
        var streams: [UInt64: Stream] = [:]
        var answers: [UInt64: CheckedContinuation<PublishAnswer, Never>] = [:]
        var nextToken: UInt64 = 1
        var isClosed = false

        /// The streams that got something; empty between calls, kept so that its memory is used
        /// again.
        private var touched: [Subscriber] = []

        init(shard: Shard) {
            self.shard = shard
        }

        mutating func makeToken() -> UInt64 {
            defer { nextToken += 1 }
            return nextToken
        }

        /// Removes and returns the tasks that wait for a stream.
        mutating func takeWaiting(for token: UInt64) -> [CheckedContinuation<Void, Never>] {
            guard let stream = streams[token] else { return [] }
            defer { stream.waiting = [] }
            return stream.waiting
        }

        /// Removes and returns the tasks that wait for a stream that got something.
        mutating func takeAwaited() -> [CheckedContinuation<Void, Never>] {
            // A slow task is not timed: it holds up nobody, and its queue has a limit.
            _ = shard.takeStalled()
            shard.takeDirty(into: &touched)
            var awaited: [CheckedContinuation<Void, Never>] = []
            for subscriber in touched { awaited += takeWaiting(for: subscriber.token) }
            touched.removeAll(keepingCapacity: touched.count <= 1024)
            return awaited
        }
    }

    let state: Lock<State>

    init(limits: OutboxLimits) {
        state = Lock(State(shard: Shard(limits: limits)))
    }

    // MARK: The broker's side

    /// Notes the position after which the broker hands events over; some may have come already.
    func reach(_ position: UInt64) {
        state.withLock { $0.shard.position = max($0.shard.position, position) }
    }

    func post(_ frames: [EventFrame]) {
        let awaited = state.withLock { state in
            for frame in frames { state.shard.distribute(frame) }
            return state.takeAwaited()
        }
        for continuation in awaited { continuation.resume() }
    }

    func publish(_ publications: [Publication], by broker: Broker) async -> PublishAnswer {
        await withCheckedContinuation { continuation in
            let ticket = state.withLock { state in
                let ticket = state.makeToken()
                state.answers[ticket] = continuation
                return ticket
            }
            broker.publish(publications, answer: self, ticket: ticket)
        }
    }

    func post(_ answer: PublishAnswer, for ticket: UInt64) {
        let continuation = state.withLock { $0.answers.removeValue(forKey: ticket) }
        continuation?.resume(returning: answer)
    }

    // MARK: The subscriptions' side

    /// Registers a subscription.
    ///
    /// - Returns: the token by which it is known here.
    func open(
        _ selectors: [Selector], filter: Set<String>?, from start: EventHub.Start
    ) -> UInt64 {
        state.withLock { state in
            let token = state.makeToken()
            let position = state.shard.position
            let phase: Subscriber.Phase
            let cursor: UInt64?
            switch start {
            case .now: (phase, cursor) = (.live, position)
            case .after(let id):
                phase = id.sequence >= position ? .live : .behind(cursor: id.sequence)
                cursor = id.sequence
            case .state: (phase, cursor) = (.opening(cursor: position), nil)
            }
            let subscriber = Subscriber(
                token: token, id: ConnectionID(worker: 0, token: token), framing: .bare,
                filter: filter, phase: phase)
            state.shard.add(subscriber, to: selectors)
            if start == .state { state.shard.requestSnapshot(of: selectors, for: subscriber) }
            state.streams[token] = Stream(subscriber, cursor: cursor)
            return token
        }
    }

    /// Takes the next event of a subscription, or says what has to be done for it.
    func next(of token: UInt64) -> Step {
        state.withLock { state in
            guard let stream = state.streams[token], stream.subscriber.phase != .closed else {
                return .ended
            }
            let subscriber = stream.subscriber
            if subscriber.hasQueued {
                let frame = state.shard.takeFirst(of: subscriber)
                if let sequence = frame.sequence { stream.cursor = sequence }
                return .frame(frame)
            }
            if state.isClosed { return .ended }
            guard let reading = Self.reading(for: subscriber, state) else { return .nothing }
            subscriber.isFetching = true
            return .read(reading)
        }
    }

    /// Waits until there may be something to do for a subscription.
    func wait(for token: UInt64) async {
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                guard let stream = state.streams[token], !state.isClosed,
                    stream.subscriber.phase != .closed, !stream.subscriber.hasQueued,
                    !state.shard.wantsPage(stream.subscriber)
                else { return false }
                stream.waiting.append(continuation)
                return true
            }
            if !mustWait { continuation.resume() }
        }
    }

    /// Puts a page of the state into a subscription's queue.
    func take(_ page: [StateFrame], isLast: Bool, for token: UInt64) {
        take(for: token) { shard, subscriber in
            shard.queue(page, isLast: isLast, for: subscriber)
            if subscriber.snapshots.isEmpty { shard.finishOpening(subscriber) }
        }
    }

    /// Puts a page of the log into a subscription's queue.
    func take(_ page: EventPage, for token: UInt64) {
        take(for: token) { shard, subscriber in
            shard.queue(page.frames, upTo: page.end, for: subscriber)
        }
    }

    private func take(for token: UInt64, _ queue: (Shard, Subscriber) -> Void) {
        let awaited = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard let stream = state.streams[token], stream.subscriber.phase != .closed else {
                return []
            }
            stream.subscriber.isFetching = false
            queue(state.shard, stream.subscriber)
            // The queue may have got nothing, and then whoever waits must read on.
            return state.takeAwaited() + state.takeWaiting(for: token)
        }
        for continuation in awaited { continuation.resume() }
    }

    /// Returns the sequence after which a subscription could be resumed; `nil` before its state was
    /// given out.
    func cursor(of token: UInt64) -> UInt64? {
        state.withLock { state in
            state.streams[token].flatMap { Self.cursor(of: $0, in: state.shard) }
        }
    }

    /// Ends a subscription, which keeps its cursor.
    func end(_ token: UInt64) {
        let awaited = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard let stream = state.streams[token] else { return [] }
            stream.cursor = Self.cursor(of: stream, in: state.shard)
            state.shard.remove(stream.subscriber)
            return state.takeWaiting(for: token)
        }
        for continuation in awaited { continuation.resume() }
    }

    /// Forgets a subscription that nobody holds any more.
    func forget(_ token: UInt64) {
        end(token)
        state.withLock { $0.streams[token] = nil }
    }

    /// Ends all subscriptions once their queues are empty.
    func close() {
        let awaited = state.withLock { state in
            state.isClosed = true
            var awaited: [CheckedContinuation<Void, Never>] = []
            for token in state.streams.keys { awaited += state.takeWaiting(for: token) }
            return awaited
        }
        for continuation in awaited { continuation.resume() }
    }

    private static func reading(for subscriber: Subscriber, _ state: borrowing State) -> Reading? {
        guard state.shard.wantsPage(subscriber) else { return nil }
        let limit = state.shard.limits.count
        if let snapshot = subscriber.snapshots.first {
            return .state(snapshot, limit: limit)
        }
        return .page(
            after: state.shard.cursorOrPosition(of: subscriber), upTo: state.shard.position,
            selectors: subscriber.selectors, limit: limit)
    }

    private static func cursor(of stream: Stream, in shard: Shard) -> UInt64? {
        let subscriber = stream.subscriber
        guard subscriber.phase != .closed, subscriber.snapshots.isEmpty,
            let taken = shard.takenSequence(of: subscriber)
        else { return stream.cursor }
        return max(taken, stream.cursor ?? 0)
    }
}
