import Telemetry
import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `The log's tail` {
    @Test func `is empty at first, with the last sequence before the first sequence`() throws {
        let tail = LogTail(limits: .init(count: 10, bytes: 1 << 20))
        #expect(tail.lastSequence == 0)
        #expect(tail.first == 1)
        #expect(tail.count == 0)
        let page = try #require(tail.page(after: 0, upTo: 0, matching: selectors("a:1"), limit: 9))
        #expect(page.frames.isEmpty)
        #expect(page.end == 0)
    }

    @Test func `goes on where an older log ended`() {
        var tail = LogTail(limits: .init(count: 10, bytes: 1 << 20), next: 42)
        #expect(tail.lastSequence == 41)
        tail.append(EventFrame(42, to: "a:1"))
        #expect(tail.lastSequence == 42)
        #expect(tail.first == 42)
        #expect(tail.sequences("a:1", after: 41) == [42])
        #expect(tail.sequences("a:1", after: 40) == nil)
    }

    @Test func `gives up the oldest beyond its count`() {
        var tail = LogTail(limits: .init(count: 3, bytes: 1 << 20))
        for sequence in 1...5 as ClosedRange<UInt64> {
            tail.append(EventFrame(sequence, to: "a:\(sequence % 2)"))
        }
        #expect(tail.count == 3)
        #expect(tail.first == 3)
        #expect(tail.lastSequence == 5)
        #expect(tail.sequences("a:0", "a:1", after: 2) == [3, 4, 5])
        #expect(tail.sequences("a:0", "a:1", after: 1) == nil)
        #expect(tail.sequences("b:1", after: 1) == nil, "nobody knows whether one is missing")
    }

    @Test func `gives up the oldest beyond its bytes, but never the newest`() {
        let size = unsafe EventFrame(1, to: "a:1").chunk.count
        var tail = LogTail(limits: .init(count: 100, bytes: 3 * size))
        for sequence in 1...4 as ClosedRange<UInt64> {
            tail.append(EventFrame(sequence, to: "a:1"))
        }
        #expect(tail.count == 3)
        tail.append(EventFrame(5, to: "a:1", block: String(repeating: "x", count: 10 * size)))
        #expect(tail.count == 1)
        #expect(tail.sequences("a:1", after: 4) == [5])
        tail.append(EventFrame(6, to: "a:1"))
        #expect(tail.count == 1)
        #expect(tail.first == 6)
    }

    @Test func `gives pages that go on where the last one ended`() throws {
        var tail = LogTail(limits: .init(count: 100, bytes: 1 << 20))
        for sequence in 1...20 as ClosedRange<UInt64> {
            tail.append(EventFrame(sequence, to: "a:\(sequence % 3)"))
        }
        var cursor: UInt64 = 0
        var pages: [[UInt64]] = []
        while cursor < 18 {
            let page = try #require(
                tail.page(after: cursor, upTo: 18, matching: selectors("a:0", "a:1"), limit: 5))
            pages.append(page.frames.compactMap(\.sequence))
            #expect(page.end > cursor)
            cursor = page.end
        }
        #expect(pages == [[1, 3, 4, 6, 7], [9, 10, 12, 13, 15], [16, 18]])
        #expect(cursor == 18)
    }

    @Test func `ends a page at the last sequence when exactly the limit is left`() throws {
        var tail = LogTail(limits: .init(count: 100, bytes: 1 << 20))
        for sequence in 1...5 as ClosedRange<UInt64> {
            tail.append(EventFrame(sequence, to: "a:1"))
        }
        tail.append(EventFrame(6, to: "b:1"))
        let page = try #require(tail.page(after: 0, upTo: 6, matching: selectors("a:1"), limit: 5))
        #expect(page.frames.count == 5)
        #expect(page.end == 6)
    }

    @Test func `gives an event once when several selectors match it`() {
        var tail = LogTail(limits: .init(count: 100, bytes: 1 << 20))
        tail.append(EventFrame(1, to: "a:1", "a:2", "b:1"))
        tail.append(EventFrame(2, to: "b:2"))
        #expect(tail.sequences("a:1", "a:2", "a:*", "b:*", after: 0) == [1, 2])
        #expect(tail.sequences("a:*", after: 0) == [1])
    }

    @Test(arguments: 1...8)
    func `gives what a search through all events would`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        var tail = LogTail(limits: .init(count: 60, bytes: 1 << 20))
        var model: [(sequence: UInt64, names: Set<String>)] = []
        let names = (0..<3).flatMap { kind in (0..<4).map { "k\(kind):\($0)" } }
        for sequence in 1...400 as ClosedRange<UInt64> {
            let chosen = Set((0..<3).map { _ in names.randomElement(using: &numbers) ?? "k0:0" })
            let frame = EventFrame(
                Array("\(sequence)".utf8), content: .durable(sequence: sequence),
                resources: chosen.map(resource))
            tail.append(frame)
            model.append((sequence, chosen))
            if model.count > 60 { model.removeFirst() }

            let asked = (0..<Int.random(in: 1...4, using: &numbers)).map { _ in
                Bool.random(using: &numbers)
                    ? names.randomElement(using: &numbers) ?? "k0:0"
                    : "k\(Int.random(in: 0..<4, using: &numbers)):*"
            }
            let cursor = UInt64.random(in: 0...sequence, using: &numbers)
            let last = UInt64.random(in: cursor...sequence, using: &numbers)
            let limit = Int.random(in: 1...20, using: &numbers)
            let page = tail.page(
                after: cursor, upTo: last, matching: Array(Set(asked.map(selector))), limit: limit)
            guard cursor + 1 >= tail.first else {
                try #require(page == nil)
                continue
            }
            let kinds = asked.filter { $0.hasSuffix("*") }.map { $0.dropLast() }
            let matching = model.filter { event in
                event.sequence > cursor && event.sequence <= last
                    && event.names.contains { name in
                        asked.contains(name) || kinds.contains { name.hasPrefix($0) }
                    }
            }.map(\.sequence)
            try #require(page?.frames.compactMap(\.sequence) == Array(matching.prefix(limit)))
            let end = matching.count > limit ? matching[limit - 1] : last
            try #require(page?.end == end)
        }
    }

    @Test func `keeps few of the frames that it gave up`() {
        let made = Tracker()
        var tail = LogTail(limits: .init(count: 100, bytes: 1 << 20))
        for sequence in 1...1_000 as ClosedRange<UInt64> {
            let frame = EventFrame(sequence, to: "a:1")
            made.add(frame)
            tail.append(frame)
        }
        #expect(made.living <= 135)
    }

    @Test func `ends the process when a sequence is left out`() async {
        await #expect(processExitsWith: .failure) {
            var tail = LogTail(limits: .init(count: 10, bytes: 100))
            tail.append(EventFrame(2, to: "a:1"))
        }
    }
}

extension LogTail {
    /// Adds an event whose time does not matter.
    fileprivate mutating func append(_ frame: EventFrame) {
        append(frame, at: Timestamp(milliseconds: 0))
    }

    /// The sequences of all matching events; `nil` when some are not here.
    fileprivate func sequences(_ names: String..., after cursor: UInt64) -> [UInt64]? {
        page(after: cursor, upTo: lastSequence, matching: names.map(selector), limit: 1_000)?
            .frames.compactMap(\.sequence)
    }
}

/// Knows which frames still live.
final class Tracker {
    private struct Reference {
        weak var frame: EventFrame?
    }

    private var references: [Reference] = []

    func add(_ frame: EventFrame) { references.append(Reference(frame: frame)) }

    var living: Int { references.count { $0.frame != nil } }
}
