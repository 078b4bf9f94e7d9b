internal import Records

/// The events of some resources, in the order of the log, for one task to iterate over.
///
/// Give it to `for try await`. Nothing is lost on the way: a subscription whose task is slower than
/// the publishers reads on from the log, and where events are gone for good, the sequence says so
/// with an error instead of leaving them out. Two things are lost on purpose: transient events that
/// come while its queue is full or while it reads the log, and what a newer event of the same
/// coalesce key has replaced in the queue.
///
/// It ends when the hub is closed, by `cancel`, and when the task that waits for its next event is
/// cancelled. It counts as a subscription until then, or until nobody holds it any more.
public final class Subscription: AsyncSequence, Sendable {
    /// The elements of the sequence.
    public typealias Element = Event
    /// The error with which the sequence may end early.
    public typealias Failure = EventHubError

    private let token: UInt64
    private let hub: EventHub

    init(token: UInt64, hub: EventHub) {
        self.token = token
        self.hub = hub
    }

    deinit {
        hub.desk.forget(token)
    }

    /// The event after which another subscription can resume: all matching events up to it were
    /// given out.
    ///
    /// It is `nil` while the state with which the subscription begins has not been given out whole:
    /// a subscription that stops there has to begin anew. It moves on by itself while events are
    /// published to other resources, and stays as it is once the subscription has ended.
    public var cursor: EventID? {
        hub.desk.cursor(of: token).map { EventID(epoch: hub.broker.epoch, sequence: $0) }
    }

    /// Ends the subscription and drops the events that wait in its queue.
    public func cancel() { hub.desk.end(token) }

    /// Returns an iterator over the one queue of the subscription, which all of its iterators
    /// share.
    public func makeAsyncIterator() -> Iterator { Iterator(subscription: self) }

    /// An iterator that takes one event after the other out of a subscription.
    public struct Iterator: AsyncIteratorProtocol {
        let subscription: Subscription

        /// Waits for the next event; `for try await` calls it.
        ///
        /// - Returns: `nil` when the subscription has ended.
        /// - Throws: `EventHubError.expired` when events that were still to be given are no longer
        ///   kept, `EventHubError.unavailable` when the store cannot be read. Both end the
        ///   subscription; its `cursor` says from where another one may go on.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(EventHubError) -> Event? {
            try await subscription.next()
        }
    }

    func next() async throws(EventHubError) -> Event? {
        while true {
            if Task.isCancelled { hub.desk.end(token) }
            switch hub.desk.next(of: token) {
            case .frame(let frame): return Event(frame, epoch: hub.broker.epoch)
            case .ended: return nil
            case .nothing:
                await withTaskCancellationHandler {
                    await hub.desk.wait(for: token)
                } onCancel: {
                    hub.desk.end(token)
                }
            case .read(let reading): try await read(reading)
            }
        }
    }

    /// Reads what comes next from the log, on the task that asks for it.
    private func read(_ reading: SubscriptionDesk.Reading) async throws(EventHubError) {
        do throws(EventHubError) { try hub.operations.enter() } catch {
            // The hub is being closed, and the subscription reads no more from its log.
            return hub.desk.end(token)
        }
        defer { hub.operations.leave() }
        let isKept: Bool
        do throws(LogUnavailable) { isKept = try await take(reading) } catch {
            hub.desk.end(token)
            throw EventHubError(error)
        }
        guard isKept else {
            hub.desk.end(token)
            throw .expired(
                oldest: EventID(epoch: hub.broker.epoch, sequence: hub.broker.oldest))
        }
    }

    /// Reads what comes next from the log and puts it into the queue.
    ///
    /// - Returns: `false` when what comes next is no longer kept.
    private func take(_ reading: SubscriptionDesk.Reading) async throws(LogUnavailable) -> Bool {
        switch reading {
        case .state(let snapshot, let limit):
            let page = try await hub.broker.state(
                of: snapshot.selectors, after: snapshot.cursor, upTo: snapshot.last, limit: limit)
            hub.desk.take(page, isLast: page.count < limit, for: token)
        case .page(let cursor, let last, let selectors, let limit):
            let page = try await hub.broker.page(
                after: cursor, upTo: last, matching: selectors, limit: limit)
            guard let page else { return false }
            hub.desk.take(page, for: token)
        }
        return true
    }
}
