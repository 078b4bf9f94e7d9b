import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `A stream that ends with its job` {
    private let shard = Shard(count: 3)

    /// A stream of `job:1` at a place of the log.
    private func open(_ phase: Subscriber.Phase = .live) -> Subscriber {
        let subscriber = Subscriber(phase: phase)
        subscriber.job = resource("job:1")
        shard.add(subscriber, to: selectors("job:1"))
        return subscriber
    }

    private func update(
        _ sequence: UInt64, _ state: String, of job: String = "job:1", name: String = "job_update"
    ) -> EventFrame {
        let publication = Publication(job, name: name, data: #"{"state":"\#(state)"}"#)
        return EventEncoding(epoch: epoch).frame(publication, sequence: sequence, at: "")
    }

    @Test(arguments: ["succeeded", "failed", "cancelled"])
    func `is over when the last event was sent whole`(state: String) {
        let subscriber = open()
        shard.distribute(update(1, "running"))
        shard.distribute(update(2, state))
        #expect(!subscriber.isOver)
        _ = shard.send(3, to: subscriber)
        #expect(!subscriber.isOver)
        _ = shard.send(to: subscriber)
        #expect(subscriber.isOver)
    }

    @Test func `goes on where another stream ends`() {
        let subscriber = open()
        let other = shard.open("job:1")
        _ = shard.change(subscriber, adding: selectors("job:2"), removing: [])
        shard.distribute(update(1, "succeeded", of: "job:2"))
        shard.distribute(update(2, "succeeded", name: "post_update"))
        shard.distribute(update(3, "soon"))
        _ = shard.send(to: subscriber)
        _ = shard.send(to: other)
        #expect(!subscriber.isOver && !other.isOver)
    }

    @Test func `is over when it is live, not at an earlier end in the log`() {
        shard.position = 5
        let subscriber = open(.behind(cursor: 0))
        shard.queue([update(1, "failed")], upTo: 1, for: subscriber)
        _ = shard.send(to: subscriber)
        #expect(subscriber.hasLastEvent && !subscriber.isOver)
        shard.queue([update(3, "queued")], upTo: 3, for: subscriber)
        #expect(!subscriber.hasLastEvent)
        shard.queue([update(4, "running"), update(5, "failed")], upTo: 5, for: subscriber)
        #expect(!subscriber.isOver)
        _ = shard.send(to: subscriber)
        #expect(subscriber.isOver)
    }

    @Test func `that was told before knows the end without its event`() {
        let subscriber = open(.opening(cursor: 0))
        subscriber.hasLastEvent = true
        shard.requestSnapshot(of: selectors("job:1"), for: subscriber)
        #expect(!subscriber.isOver)
        shard.queue([StateFrame](), isLast: true, for: subscriber)
        shard.finishOpening(subscriber)
        #expect(subscriber.isOver)
        subscriber.isFetching = true
        #expect(!subscriber.isOver)
    }

    @Test func `that waits for its text takes a piece only as the first`() {
        let subscriber = open()
        subscriber.awaitsText = true
        let pieces = [7, 0, 4].map { offset in
            EventFrame(
                nil, to: "job:1", name: "content_delta",
                key: TextPosition(attempt: 1, offset: offset).key, block: "\(offset) ")
        }
        for piece in pieces { shard.distribute(piece) }
        #expect(!subscriber.awaitsText)
        #expect(shard.sendText(to: subscriber) == "0 4 ")
    }

    @Test func `that falls behind at its end is over when it has caught up`() {
        let subscriber = open()
        for sequence in 1...3 as ClosedRange<UInt64> {
            shard.distribute(update(sequence, "running"))
        }
        shard.distribute(update(4, "succeeded"))
        #expect(subscriber.phase == .behind(cursor: 0) && !subscriber.isOver)
        shard.queue([update(1, "running"), update(4, "succeeded")], upTo: 4, for: subscriber)
        _ = shard.send(to: subscriber)
        #expect(subscriber.isOver)
    }
}
