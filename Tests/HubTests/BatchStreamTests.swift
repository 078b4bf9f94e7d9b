import Reactor
import Telemetry
import TestSupport
import Testing

@testable import Hub

/// A shard with one stream that gathers its events, and whole events for it.
private final class Gathering {
    let shard: Shard
    let subscriber: Subscriber
    private let encoding = EventEncoding(epoch: epoch)

    init(_ shard: Shard = Shard(), framing: StreamFraming = .bare) {
        self.shard = shard
        subscriber = shard.open("a:*", framing: framing, window: 100)
    }

    func event(
        _ sequence: UInt64?, to resources: String..., name: String = "note", data: String? = nil,
        key: String? = nil, mark: Mark? = nil
    ) -> EventFrame {
        encoding.frame(
            Publication(
                resources: resources.map(resource), name: EventName(known: name),
                data: Array((data ?? "\(sequence ?? 0)").utf8), isRetained: false,
                isTransient: sequence == nil, coalesceKey: key, key: nil, mark: mark),
            sequence: sequence, at: Timestamp(milliseconds: 0))
    }

    func give(_ sequences: UInt64?...) {
        for sequence in sequences { shard.distribute(event(sequence, to: "a:1")) }
    }

    /// Ends the window; the text that is sent then.
    func end() -> String {
        shard.endWindow(of: subscriber)
        return sent()
    }

    func sent() -> String {
        _ = shard.dirtyStreams()
        return shard.sendText(to: subscriber)
    }

    /// An event as it stands in a batch.
    static func element(
        _ id: String, _ data: String, name: String = "note", to resources: String = #""a:1""#
    ) -> String {
        #"{"id":\#(id),"event":"\#(name)","resources":[\#(resources)],"at":"1970-01-01T00:00:00.000Z","data":\#(data)}"#
    }

    static func batch(_ elements: [String], id: UInt64?) -> String {
        let line = id.map { "id: \(epoch)-\($0)\n" } ?? ""
        return "event: batch\ndata: {\"events\":[\(elements.joined(separator: ","))]}\n\(line)\n"
    }

    static func id(_ sequence: UInt64) -> String { "\"\(epoch)-\(sequence)\"" }
}

@Suite(.timeLimit(.minutes(5)))
struct `A stream with batches` {
    @Test func `is sent one event for all of a window, with the last id`() {
        let one = Gathering()
        one.give(1, 2)
        one.shard.distribute(
            one.event(3, to: "a:1", #"a:"2"#, name: "x.y", data: #"{"k":"\u2028","k":1e9}"#))
        #expect(!one.subscriber.hasQueued)
        #expect(one.shard.dirtyStreams().isEmpty)
        let last = Gathering.element(
            Gathering.id(3), #"{"k":"\u2028","k":1e9}"#, name: "x.y", to: #""a:1","a:\"2""#)
        let elements =
            [1, 2].map { Gathering.element(Gathering.id($0), "\($0)") } + [last]
        #expect(one.end() == Gathering.batch(elements, id: 3))
        #expect(one.shard.counters.delivered == 3)
        #expect(one.shard.pool.count == 0)
    }

    @Test func `is sent one alone as itself`() {
        let one = Gathering(framing: .chunked)
        let event = one.event(4, to: "a:1")
        one.shard.distribute(event)
        #expect(one.end() == event.chunkText)
        #expect(one.end() == "")
        #expect(one.shard.counters.delivered == 1)
    }

    @Test(
        arguments: [
            ([nil, nil], nil), ([nil, 2, nil], 2), ([1, nil, 3], 3), ([1, nil, nil], 1),
        ] as [([UInt64?], UInt64?)])
    func `has null for the id of a transient event, and the last of the others as its own`(
        sequences: [UInt64?], id: UInt64?
    ) {
        let one = Gathering()
        for sequence in sequences { one.give(sequence) }
        let elements = sequences.map { sequence in
            Gathering.element(sequence.map(Gathering.id) ?? "null", "\(sequence ?? 0)")
        }
        #expect(one.end() == Gathering.batch(elements, id: id))
    }

    @Test func `is sent a batch at the hundredth event, without an end of the window`() {
        let one = Gathering()
        for sequence in 1...99 as ClosedRange<UInt64> { one.give(sequence) }
        #expect(!one.subscriber.hasQueued)
        one.give(100)
        #expect(one.sent().hasSuffix("id: \(epoch)-100\n\n"))
        #expect(one.shard.counters.delivered == 100)
        one.give(101)
        #expect(!one.subscriber.hasQueued)
    }

    @Test func `is sent what a mebibyte holds before what does not fit`() {
        let one = Gathering()
        let large = "\"" + String(repeating: "x", count: 400_000) + "\""
        for sequence in 1...3 as ClosedRange<UInt64> {
            one.shard.distribute(one.event(sequence, to: "a:1", data: large))
        }
        #expect(one.sent().hasSuffix("id: \(epoch)-2\n\n"))
        #expect(one.end().hasPrefix("event: note\n"))
    }

    @Test func `gets events of the hub at once, and its cursor stays before what is gathered`() {
        let one = Gathering()
        one.shard.position = 6
        #expect(one.shard.cursor(of: one.subscriber) == 6)
        one.give(nil)
        #expect(one.shard.cursor(of: one.subscriber) == 6)
        one.give(7, 8)
        #expect(one.shard.cursor(of: one.subscriber) == 6)
        one.shard.queue(EventFrame(control: "keepalive"), for: one.subscriber)
        #expect(one.sent() == "keepalive\n\n")
        _ = one.end()
        #expect(one.shard.cursor(of: one.subscriber) == 8)
    }

    @Test func `is named once for each window that begins`() {
        let one = Gathering()
        one.give(1, 2)
        #expect(one.shard.takeGathering().map(ObjectIdentifier.init) == [.init(one.subscriber)])
        one.give(3)
        #expect(one.shard.takeGathering().isEmpty)
        _ = one.end()
        one.give(4)
        #expect(one.shard.takeGathering().count == 1)
    }

    @Test func `shares the batch with the streams that have gathered the same`() throws {
        let shard = Shard()
        let streams = (0..<3).map { _ in Gathering(shard) }
        let other = Gathering(shard)
        other.subscriber.view = EventView(naming: { $0.name != "a:2" })
        for sequence in 1...2 as ClosedRange<UInt64> {
            shard.distribute(other.event(sequence, to: "a:1", "a:2"))
        }
        for one in streams + [other] { shard.endWindow(of: one.subscriber) }
        let batches = streams.map { shard.pool.frame($0.subscriber.outbox[0]) }
        #expect(batches.allSatisfy { $0 === batches[0] })
        let texts = (streams + [other]).map { $0.sent() }
        #expect(texts[0] == texts[2])
        let resources = texts.map { $0.components(of: #""resources":["a:1","a:2"]"#) }
        #expect(resources == [2, 2, 2, 0])
        #expect(shard.counters.delivered == 8)
        #expect(shard.pool.count == 0)
    }

    @Test func `gathers the newest event of a key, in the place of those before it`() {
        let one = Gathering()
        one.shard.distribute(one.event(1, to: "a:1", key: "k"))
        one.shard.distribute(one.event(2, to: "a:1"))
        one.shard.distribute(one.event(3, to: "a:2", key: "k"))
        one.shard.distribute(one.event(4, to: "a:1", key: "k"))
        one.shard.distribute(one.event(nil, to: "a:1", key: "k"))
        let elements = [
            Gathering.element(Gathering.id(2), "2"),
            Gathering.element(Gathering.id(3), "3", to: #""a:2""#),
            Gathering.element(Gathering.id(4), "4"), Gathering.element("null", "0"),
        ]
        #expect(one.end() == Gathering.batch(elements, id: 4))
        #expect(one.shard.pool.count == 0)
    }

    @Test func `leaves nothing behind when it ends within a window`() {
        let one = Gathering()
        one.give(1, 2)
        one.shard.remove(one.subscriber)
        #expect(one.shard.pool.count == 0)
        one.shard.endWindow(of: one.subscriber)
        #expect(!one.subscriber.hasQueued)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A stream with batches whose queue is full` {
    /// A stream whose socket takes nothing of the first of its batches, of two events each.
    private func stalled(limit: Int = 2) -> Gathering {
        let one = Gathering(Shard(count: limit))
        for sequence in stride(from: 11, to: 11 + 2 * UInt64(limit), by: 2) {
            one.give(sequence, sequence + 1)
            one.shard.endWindow(of: one.subscriber)
        }
        #expect(one.subscriber.phase == .live)
        return one
    }

    @Test func `reads on from before the first event of the first batch that is given up`() {
        let one = stalled()
        one.give(15, nil)
        one.shard.endWindow(of: one.subscriber)
        #expect(one.subscriber.phase == .behind(cursor: 10))
        #expect(one.shard.counters.fellBehind == 1)
        #expect(one.shard.counters.dropped == 1)
        _ = one.shard.dirtyStreams()
        #expect(one.shard.pool.count == 0)
        #expect(one.subscriber.isStalled)
    }

    @Test func `keeps the batch that it has begun to send`() {
        let one = stalled()
        let begun = one.shard.sendText(4, to: one.subscriber)
        one.give(15, 16)
        one.shard.endWindow(of: one.subscriber)
        #expect(one.subscriber.phase == .behind(cursor: 12))
        #expect((begun + one.sent()).hasSuffix("id: \(epoch)-12\n\n"))
        #expect(one.shard.counters.delivered == 2)
    }

    @Test func `loses a batch of transient events alone, and counts each`() {
        let one = stalled()
        one.give(nil, nil, nil)
        one.shard.endWindow(of: one.subscriber)
        #expect(one.subscriber.phase == .live)
        #expect(one.shard.counters.dropped == 3)
        #expect(one.sent().components(of: "event: batch\n") == 2)
    }

    @Test func `does not gather what comes with the end of the window that made it fall behind`() {
        let one = stalled()
        let large = "\"" + String(repeating: "x", count: 600_000) + "\""
        one.shard.distribute(one.event(15, to: "a:1", data: large))
        one.shard.distribute(one.event(16, to: "a:1", data: large))
        #expect(one.subscriber.phase == .behind(cursor: 10))
        #expect(one.subscriber.batch?.isEmpty == true)
        _ = one.shard.dirtyStreams()
        #expect(one.shard.pool.count == 0)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A stream with batches and a rule` {
    /// Ends its stream with the event that has the mark `final`.
    private final class Rule: StreamRule {
        private(set) var asked = 0

        func takes(_ frame: EventFrame) -> Bool { frame.name != "left.out" }

        func isLast(_ frame: EventFrame) -> Bool? {
            asked += 1
            return frame.mark == .final ? true : nil
        }
    }

    @Test func `waits for nothing behind its last event`() {
        let one = Gathering()
        let rule = Rule()
        one.subscriber.rule = rule
        one.give(1)
        one.shard.distribute(one.event(2, to: "a:1", name: "left.out"))
        #expect(!one.subscriber.isOver)
        one.shard.distribute(one.event(3, to: "a:1", mark: .final))
        #expect(!one.subscriber.isOver, "it is not sent yet")
        #expect(one.sent().hasSuffix("id: \(epoch)-3\n\n"))
        #expect(one.subscriber.isOver)
        #expect(rule.asked == 2, "an event is judged once")
    }

    @Test func `is over only when what came behind its last event was sent, too`() {
        let one = Gathering()
        one.subscriber.rule = Rule()
        one.shard.distribute(one.event(3, to: "a:1", mark: .final))
        one.give(4)
        _ = one.sent()
        #expect(!one.subscriber.isOver)
        _ = one.end()
        #expect(one.subscriber.isOver)
    }

    @Test func `may get events late while no other stream of its worker wants them at once`() {
        let one = Gathering()
        let shard = one.shard
        #expect(shard.isPatient)
        let prompt = shard.open("a:1")
        #expect(!shard.isPatient)
        shard.remove(prompt)
        #expect(shard.isPatient)
        let short = shard.open("a:1", window: 49)
        #expect(!shard.isPatient, "10 ms more are much for it")
        shard.remove(short)
        shard.remove(one.subscriber)
        let long = shard.open("a:1", window: 50)
        #expect(shard.isPatient)
        shard.remove(long)
    }

    @Test func `gathers what came while state was sent, behind it`() {
        let one = Gathering()
        one.shard.position = 5
        one.shard.requestSnapshot(of: selectors("a:9"), for: one.subscriber)
        one.give(6, 7)
        #expect(one.subscriber.batch?.isEmpty == true)
        one.shard.queue([], isLast: true, for: one.subscriber)
        #expect(!one.subscriber.hasQueued)
        let elements = [6, 7].map { Gathering.element(Gathering.id($0), "\($0)") }
        #expect(one.end() == Gathering.batch(elements, id: 7))
    }
}

extension String {
    /// How often `part` is in it.
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
