import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `The ends of a stream's resources` {
    private func event(
        _ sequence: UInt64?, _ names: String..., isEnd: Bool = false, mark: Mark? = nil
    ) -> EventFrame {
        EventFrame(
            Array("\(sequence ?? 0)\n\n".utf8),
            content: sequence.map { .durable(sequence: $0) } ?? .transient,
            resources: names.map(resource), mark: mark, isEnd: isEnd)
    }

    private func ends(_ names: String..., ended: [String] = [], asOf: UInt64 = 0) -> StreamEnds {
        var ends = StreamEnds(of: names.map(selector))
        ends.confirm(Set(ended.map(resource)), asOf: asOf)
        return ends
    }

    @Test func `are all there when each has come, by events of one or of several`() {
        var ends = ends("a:1", "a:2", "a:3")
        #expect(!ends.mayBeOver && ends.isConfirmed)
        ends.note(event(1, "a:1", "b:1", isEnd: true))
        ends.note(event(2, "a:2"))
        ends.note(event(3, "b:2", isEnd: true))
        #expect(!ends.mayBeOver)
        ends.note(event(4, "a:3", "a:2", isEnd: true))
        #expect(ends.mayBeOver && !ends.isConfirmed)
        ends.confirm(Set(["a:1", "a:2", "a:3"].map(resource)), asOf: 4)
        #expect(ends.mayBeOver && ends.isConfirmed)
    }

    @Test func `are none for a stream without resources, and unknown ones are asked for`() {
        var ends = StreamEnds(of: [])
        #expect(!ends.mayBeOver)
        ends.follow(selectors("a:1"))
        #expect(ends.mayBeOver && !ends.isConfirmed)
        ends.confirm([], asOf: 5)
        #expect(!ends.mayBeOver && ends.isConfirmed)
    }

    @Test func `that were forgotten are known by the store alone`() {
        var ends = ends("a:1", "a:2")
        ends.note(event(1, "a:1", isEnd: true))
        ends.note(event(2, "a:2", isEnd: true))
        ends.confirm([resource("a:2")], asOf: 2)
        #expect(!ends.mayBeOver)
        ends.note(event(3, "a:1", isEnd: true))
        #expect(ends.mayBeOver && !ends.isConfirmed)
    }

    @Test func `count behind what the store has said, and what it said later counts more`() {
        var ends = ends("a:1", ended: ["a:1"], asOf: 10)
        ends.note(event(7, "a:1", mark: .reopened))
        #expect(ends.mayBeOver && ends.isConfirmed, "a replay tells of what was before")
        ends.note(event(12, "a:1", mark: .reopened))
        #expect(!ends.mayBeOver)
        ends.confirm([resource("a:1")], asOf: 11)
        #expect(!ends.mayBeOver, "the event came after the store was asked")
        ends.confirm([resource("a:1")], asOf: 12)
        #expect(ends.mayBeOver)
    }

    @Test func `of jobs are lifted by a restart, and by nothing that others publish`() {
        var ends = ends("job:1")
        ends.note(event(1, "job:1", mark: .final))
        ends.note(event(2, "job:1"))
        #expect(ends.mayBeOver)
        ends.note(event(3, "job:1", mark: .reopened))
        #expect(!ends.mayBeOver)
        ends.note(event(nil, "job:1", mark: .piece(attempt: 1, offset: 0)))
        ends.note(event(4, "job:1", mark: .final))
        #expect(ends.mayBeOver)
    }

    @Test func `of resources that are left out do not count any more`() {
        var ends = ends("a:1", "a:2")
        ends.note(event(1, "a:1", isEnd: true))
        ends.follow(selectors("a:1"))
        #expect(ends.mayBeOver && !ends.isConfirmed)
        ends.follow(selectors("a:1", "a:2"))
        #expect(!ends.mayBeOver || !ends.isConfirmed, "it is asked anew for what was left out")
        ends.confirm([resource("a:1")], asOf: 1)
        #expect(!ends.mayBeOver)
    }

    @Test func `come out the same wherever the store is asked in between`() {
        var numbers = SeededNumbers(seed: 11)
        for _ in 0..<300 {
            var truth: Set<Resource> = []
            var asked = ends("a:0", "a:1", "a:2")
            for sequence in 1...40 as ClosedRange<UInt64> {
                let one = resource("a:\(Int.random(in: 0..<3, using: &numbers))")
                if truth.contains(one) {
                    // An end is forgotten without an event.
                    if Bool.random(using: &numbers) { truth.remove(one) }
                } else {
                    truth.insert(one)
                    asked.note(event(sequence, one.name, isEnd: true))
                }
                if Int.random(in: 0..<4, using: &numbers) == 0 {
                    asked.confirm(truth, asOf: sequence)
                }
                // It may wrongly believe in an end, never in none.
                if truth.count == 3 { #expect(asked.mayBeOver) }
                if asked.mayBeOver {
                    asked.confirm(truth, asOf: sequence)
                    #expect(asked.mayBeOver == (truth.count == 3))
                }
            }
        }
    }

    @Test func `are noted although the filter leaves the event out, live and from the log`() {
        let shard = Shard(count: 3)
        for isLive in [true, false] {
            let subscriber = Subscriber(
                UInt64(isLive ? 1 : 2), filter: ["wanted"],
                phase: isLive ? .live : .behind(cursor: 0))
            subscriber.rule = UntilEndRule(ends("a:1"))
            shard.add(subscriber, to: selectors("a:1"))
            let last = event(1, "a:1", isEnd: true)
            if isLive {
                shard.distribute(last)
                #expect(shard.dirtyStreams().contains { $0 === subscriber })
            } else {
                shard.queue([last], upTo: 1, for: subscriber)
            }
            #expect(subscriber.hasLastEvent && subscriber.isOver && !subscriber.hasQueued)
            shard.remove(subscriber)
        }
    }
}
