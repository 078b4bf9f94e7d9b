// Where events get their place in the one order.
//
// Invariant: sequences are given, frames appended to the tail and batches handed to the workers under one
//   lock, so that every worker sees the same order as the log. Nothing under the lock waits: a worker's
//   inbox takes a batch at once. An answer is handed over after the batch, so a publisher that is told
//   "done" finds its event in every inbox already.

internal import Reactor
internal import Telemetry

/// A worker as the broker sees it.
package protocol BrokerPort: AnyObject, Sendable {
    /// Takes a batch of events in log order; returns at once.
    func post(_ frames: [EventFrame])
    /// Takes the answer to a `publish`; returns at once.
    func post(_ answer: PublishAnswer, for ticket: UInt64)
}

/// What became of a publish.
package enum PublishAnswer: Sendable {
    /// All events are in the log; the ids of transient ones are `nil`.
    case published([EventID?])
}

/// Takes publications, orders them and hands them to all workers.
package final class Broker: Sendable {
    private struct State {
        var tail: LogTail
        var ports: [any BrokerPort] = []
        var published = 0
        var clock = CachedTimestamp()
    }

    package let epoch: Epoch
    package let control: ControlEvents
    private let encoding: EventEncoding
    private let state: Lock<State>

    package init(epoch: Epoch = .random(), tail limits: LogTailLimits) {
        self.epoch = epoch
        encoding = EventEncoding(epoch: epoch)
        control = ControlEvents(epoch: epoch)
        state = Lock(State(tail: LogTail(limits: limits)))
    }

    // MARK: Publishing

    /// Puts events into the log, all or none, and hands them to every attached worker.
    ///
    /// - Parameters:
    ///   - port: who gets the answer.
    ///   - ticket: what the answer is for; the port's own affair.
    package func publish(
        _ publications: [Publication], answer port: any BrokerPort, ticket: UInt64
    ) {
        state.withLock { state in
            let timestamp = state.clock.text()
            var frames: [EventFrame] = []
            frames.reserveCapacity(publications.count)
            var ids: [EventID?] = []
            ids.reserveCapacity(publications.count)
            for publication in publications {
                let sequence = publication.isTransient ? nil : state.tail.head + 1
                let frame = encoding.frame(publication, sequence: sequence, at: timestamp)
                if sequence != nil { state.tail.append(frame) }
                frames.append(frame)
                ids.append(sequence.map { EventID(epoch: epoch, sequence: $0) })
            }
            state.published += publications.count
            for port in state.ports { port.post(frames) }
            port.post(.published(ids), for: ticket)
        }
    }

    // MARK: Workers

    /// Begins to hand events to a worker; the head of the log from which on it gets them.
    package func attach(_ port: any BrokerPort) -> UInt64 {
        state.withLock { state in
            state.ports.append(port)
            return state.tail.head
        }
    }

    /// Hands no more events to a worker, which has no streams now.
    package func detach(_ port: any BrokerPort) {
        state.withLock { state in state.ports.removeAll { $0 === port } }
    }

    // MARK: Reading

    /// The last sequence in the log.
    package var head: EventID {
        EventID(epoch: epoch, sequence: state.withLock(\.tail.head))
    }

    /// Events published since the start.
    package var publishedCount: Int { state.withLock(\.published) }

    /// The next matching events for a stream; `nil` when some after `cursor` are no longer kept.
    package func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) -> LogPage? {
        state.withLock {
            $0.tail.page(after: cursor, upTo: last, matching: selectors, limit: limit)
        }
    }

    /// Where a stream with `cursor` may resume, or why it may not.
    package func resumption(from cursor: String) -> Result<UInt64, Refusal> {
        let (first, head) = state.withLock { ($0.tail.first, $0.tail.head) }
        func refuse(_ reason: ResetReason) -> Result<UInt64, Refusal> {
            .failure(Refusal(reason: reason, oldest: first))
        }
        guard let id = EventID(cursor) else { return refuse(.malformed) }
        guard id.epoch == epoch else { return refuse(.epoch) }
        if id.sequence > head { return refuse(.future) }
        return id.sequence + 1 < first ? refuse(.expired) : .success(id.sequence)
    }

    /// Why a cursor cannot be resumed, and the first sequence still kept.
    package struct Refusal: Error {
        package let reason: ResetReason
        package let oldest: UInt64
    }
}

/// The wall clock's text, made again only when the millisecond changes.
private struct CachedTimestamp {
    private var milliseconds = Int64.min
    private var cached = ""

    mutating func text() -> String {
        let now = Timestamp.now
        if now.milliseconds != milliseconds {
            milliseconds = now.milliseconds
            cached = now.description
        }
        return cached
    }
}
