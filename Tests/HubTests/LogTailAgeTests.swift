import Telemetry
import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `The log's tail with an age` {
    /// A tail with an event every ten milliseconds, the first at 10; each may be 100 ms old.
    private func filled(_ count: UInt64) -> LogTail {
        var tail = LogTail(limits: .init(count: 10_000, bytes: 1 << 24), age: 100)
        for sequence in 1...count {
            tail.append(EventFrame(sequence, to: "a:1"), at: Timestamp(Int64(sequence) * 10))
        }
        return tail
    }

    @Test func `gives up what is older, and nothing that is just as old`() {
        var tail = filled(20)
        tail.forget(at: Timestamp(200))
        #expect(tail.first == 10)
        #expect(tail.count == 11)
        tail.forget(at: Timestamp(201))
        #expect(tail.first == 11)
        #expect(tail.page(after: 9, upTo: 20, matching: selectors("a:1"), limit: 99) == nil)
        let page = tail.page(after: 10, upTo: 20, matching: selectors("a:1", "a:*"), limit: 99)
        #expect(page?.frames.compactMap(\.sequence) == Array(11...20))
    }

    @Test func `forgets nothing again when it is asked with an earlier time`() {
        var tail = filled(20)
        tail.forget(at: Timestamp(250))
        #expect(tail.first == 15)
        tail.forget(at: Timestamp(200))
        #expect(tail.first == 15)
    }

    @Test func `goes on with the next sequence when all have gone`() {
        var tail = filled(20)
        tail.forget(at: Timestamp(10_000))
        #expect((tail.first, tail.lastSequence, tail.count) == (21, 20, 0))
        let none = tail.page(after: 20, upTo: 20, matching: selectors("a:1"), limit: 9)
        #expect(none?.frames.isEmpty == true)
        tail.append(EventFrame(21, to: "a:1"), at: Timestamp(10_000))
        tail.forget(at: Timestamp(10_100))
        let page = tail.page(after: 20, upTo: 21, matching: selectors("a:1"), limit: 9)
        #expect(page?.frames.compactMap(\.sequence) == [21])
    }

    @Test func `hides thousands at once, and frees them in steps`() {
        let made = Tracker()
        var tail = LogTail(limits: .init(count: 10_000, bytes: 1 << 24), age: 100)
        for sequence in 1...5_000 as ClosedRange<UInt64> {
            let frame = EventFrame(sequence, to: "a:\(sequence % 7)")
            made.add(frame)
            tail.append(frame, at: Timestamp(sequence <= 4_990 ? 0 : 1_000))
        }
        tail.forget(at: Timestamp(1_000))
        #expect(tail.first == 4_991)
        #expect(tail.page(after: 4_000, upTo: 5_000, matching: selectors("a:1"), limit: 9) == nil)
        let page = tail.page(after: 4_990, upTo: 5_000, matching: selectors("a:*"), limit: 99)
        #expect(page?.frames.compactMap(\.sequence) == Array(4_991...5_000))
        #expect(made.living > 4_500, "nobody waits for all of them")
        for _ in 0..<100 { tail.forget(at: Timestamp(1_000)) }
        #expect(made.living <= 50)
        #expect(tail.count == 10)
    }

    @Test func `does without times when there is no age`() {
        var tail = LogTail(limits: .init(count: 100, bytes: 1 << 20))
        tail.append(EventFrame(1, to: "a:1"), at: Timestamp(0))
        tail.forget(at: Timestamp(.max))
        #expect(tail.count == 1)
    }

    @Test(arguments: 1...8)
    func `keeps what a list would from which all that is too old or too much is deleted`(
        seed: UInt64
    ) throws {
        var numbers = SeededNumbers(seed: seed)
        var tail = LogTail(limits: .init(count: 200, bytes: 1 << 20), age: 500)
        var model: [(sequence: UInt64, name: String, at: Int64)] = []
        var (head, now): (UInt64, Int64) = (0, 0)
        for _ in 0..<3_000 {
            switch Int.random(in: 0..<40, using: &numbers) {
            case 0: now += Int64.random(in: 0...1_000, using: &numbers)
            case 1..<10: now += Int64.random(in: 0...20, using: &numbers)
            default:
                head += 1
                let name = "a:\(Int.random(in: 0..<3, using: &numbers))"
                tail.append(EventFrame(head, to: name), at: Timestamp(now))
                model.append((head, name, now))
            }
            tail.forget(at: Timestamp(now))
            model.removeAll { $0.at < now - 500 || $0.sequence + 200 <= head }
            let first = model.first?.sequence ?? head + 1
            try #require(tail.first == first)
            try #require(tail.lastSequence == head)
            let cursor = UInt64.random(in: (first < 5 ? 0 : first - 5)...head, using: &numbers)
            let page = tail.page(
                after: cursor, upTo: head, matching: selectors("a:1"), limit: 1_000)
            let wanted = model.filter { $0.sequence > cursor && $0.name == "a:1" }
            try #require(
                page?.frames.compactMap(\.sequence)
                    == (cursor + 1 < first ? nil : wanted.map(\.sequence)))
        }
        #expect(head > 1_000)
    }
}
