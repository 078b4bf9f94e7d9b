import Telemetry
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `A stream with a rule` {
    /// Ends with the final event of `a:1`, and leaves out pieces at odd places.
    private final class Rule: StreamRule {
        var asked = 0

        func takes(_ frame: EventFrame) -> Bool {
            asked += 1
            guard case .piece(_, let offset) = frame.mark else { return true }
            return offset.isMultiple(of: 2)
        }

        func isLast(_ frame: EventFrame) -> Bool? {
            guard frame.resources.contains(resource("a:1")) else { return nil }
            return frame.mark == .final ? true : frame.mark == .reopened ? false : nil
        }
    }

    private let shard = Shard(count: 3)
    private let rule = Rule()

    private func open(_ phase: Subscriber.Phase = .live) -> Subscriber {
        let subscriber = Subscriber(phase: phase)
        subscriber.rule = rule
        shard.add(subscriber, to: selectors("a:1"))
        return subscriber
    }

    private func event(
        _ sequence: UInt64?, _ mark: Mark? = nil, of name: String = "a:1"
    ) -> EventFrame {
        EventFrame(
            Array("\(sequence ?? 0) ".utf8),
            content: sequence.map { .durable(sequence: $0) } ?? .transient,
            resources: [resource(name)], mark: mark)
    }

    @Test func `is over when the last event was sent whole`() {
        let subscriber = open()
        shard.distribute(event(1))
        shard.distribute(event(2, .final))
        #expect(!subscriber.isOver)
        _ = shard.send(1, to: subscriber)
        #expect(!subscriber.isOver)
        _ = shard.send(to: subscriber)
        #expect(subscriber.isOver)
    }

    @Test func `goes on at the end of something else, as any other stream does at every end`() {
        let subscriber = open()
        let other = shard.open("a:1")
        _ = shard.change(subscriber, adding: selectors("a:2"), removing: [])
        shard.distribute(event(1, .final, of: "a:2"))
        _ = shard.send(to: subscriber)
        #expect(!subscriber.isOver)
        shard.distribute(event(2, .final))
        for stream in [subscriber, other] { _ = shard.send(to: stream) }
        #expect(subscriber.isOver && !other.isOver)
    }

    @Test func `is over when it is live, not at an earlier end in the log`() {
        shard.position = 5
        let subscriber = open(.behind(cursor: 0))
        shard.queue([event(1, .final)], upTo: 1, for: subscriber)
        _ = shard.send(to: subscriber)
        #expect(subscriber.hasLastEvent && !subscriber.isOver)
        shard.queue([event(3, .reopened)], upTo: 3, for: subscriber)
        #expect(!subscriber.hasLastEvent)
        shard.queue([event(4), event(5, .final)], upTo: 5, for: subscriber)
        #expect(!subscriber.isOver)
        _ = shard.send(to: subscriber)
        #expect(subscriber.isOver)
    }

    @Test
    func `that was told before knows the end without its event, and unmarked ones change nothing`()
    {
        let subscriber = open(.opening(cursor: 0))
        subscriber.hasLastEvent = true
        shard.requestSnapshot(of: selectors("a:1"), for: subscriber)
        #expect(!subscriber.isOver)
        shard.queue([StateFrame(sequence: 1, frame: event(1))], isLast: true, for: subscriber)
        shard.finishOpening(subscriber)
        _ = shard.send(to: subscriber)
        #expect(subscriber.isOver)
        subscriber.isFetching = true
        #expect(!subscriber.isOver)
    }

    @Test func `knows the end by a state, and that it does not hold any more`() {
        for mark in [Mark.final, .reopened] {
            let subscriber = open(.opening(cursor: 0))
            subscriber.hasLastEvent = mark == .reopened
            shard.requestSnapshot(of: selectors("a:1"), for: subscriber)
            let publication = Publication("a:1", data: "1", mark: mark)
            let frame = EventEncoding(epoch: epoch).stateFrame(
                publication, sequence: 1, at: Timestamp(milliseconds: 0))
            shard.queue([StateFrame(sequence: 1, frame: frame)], isLast: true, for: subscriber)
            #expect(subscriber.hasLastEvent == (mark == .final))
        }
    }

    @Test func `is sent what its rule takes, and nothing else asks the rule`() {
        let subscriber = open()
        let other = shard.open("a:1")
        for offset in 0..<4 {
            let piece = event(nil, .piece(attempt: 1, offset: offset))
            shard.distribute(piece)
            _ = shard.send(to: other)
        }
        #expect(subscriber.outbox.count == 2)
        #expect(rule.asked == 4)
        shard.distribute(event(nil, .piece(attempt: 1, offset: 0), of: "a:2"))
        #expect(rule.asked == 4)
    }

    @Test func `is asked of a held event when that is queued`() {
        let subscriber = open()
        _ = shard.change(subscriber, adding: selectors("b:1"), removing: [])
        shard.requestSnapshot(of: selectors("b:1"), for: subscriber)
        for offset in 0..<3 { shard.distribute(event(nil, .piece(attempt: 1, offset: offset))) }
        #expect(rule.asked == 0 && subscriber.outbox.count == 0)
        shard.queue([StateFrame](), isLast: true, for: subscriber)
        #expect(rule.asked == 3 && subscriber.outbox.count == 2)
    }

    @Test func `that falls behind at its end is over when it has caught up`() {
        let subscriber = open()
        for sequence in 1...3 as ClosedRange<UInt64> { shard.distribute(event(sequence)) }
        shard.distribute(event(4, .final))
        #expect(subscriber.phase == .behind(cursor: 0) && !subscriber.isOver)
        shard.queue([event(1), event(4, .final)], upTo: 4, for: subscriber)
        _ = shard.send(to: subscriber)
        #expect(subscriber.isOver)
    }
}
