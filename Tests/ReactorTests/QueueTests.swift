import TestSupport
import Testing

@testable import Reactor

@Suite(.timeLimit(.minutes(5)))
struct `A queue` {
    @Test(arguments: 1...10)
    func `does what an array does`(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var queue = Queue<Int>()
        var model: [Int] = []
        // The memory of both is exchanged now and then.
        var moved: [Int] = []
        // Phases in which it grows and phases in which it shrinks to nothing.
        for step in 0..<20_000 {
            let isGrowing = step / 500 % 2 == 0
            if Int.random(in: 0..<10, using: &numbers) < (isGrowing ? 7 : 3) {
                if Bool.random(using: &numbers) {
                    queue.append(step)
                    model.append(step)
                } else {
                    moved += [step, -step]
                    queue.append(movingAllOf: &moved)
                    #expect(moved.isEmpty)
                    model += [step, -step]
                }
            } else {
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(queue.count == model.count)
            #expect(queue.isEmpty == model.isEmpty)
            #expect(queue.first == model.first)
            if let index = model.indices.randomElement(using: &numbers) {
                #expect(queue[index] == model[index])
            }
        }
    }

    @Test func `holds on to little of what has left it`() {
        let living = Counter()
        var queue = Queue<Counter.Unit>()
        for _ in 0..<1_000 { queue.append(living.unit()) }
        for round in 0..<10_000 {
            queue.append(living.unit())
            queue.popFirst()
            #expect(living.count <= 1_200, "round \(round)")
        }
    }

    @Test(arguments: [1, 5, 31, 32, 33, 1_000])
    func `holds on to nothing when it is empty`(count: Int) {
        let living = Counter()
        var queue = Queue<Counter.Unit>()
        for _ in 0..<3 {
            for _ in 0..<count { queue.append(living.unit()) }
            #expect(living.count == count)
            while queue.popFirst() != nil {}
            #expect(living.count == 0)
        }
    }

    @Test func `finds the first number after another as a search from the left does`() {
        var numbers = SeededNumbers(seed: 3)
        var queue = Queue<UInt64>()
        var model: [UInt64] = []
        for _ in 0..<500 {
            let last = model.last ?? 0
            let next = last + UInt64.random(in: 1...4, using: &numbers)
            queue.append(next)
            model.append(next)
            if Int.random(in: 0..<3, using: &numbers) == 0 {
                queue.popFirst()
                model.removeFirst()
            }
            for value in [0, model.first ?? 0, last / 2, last, next, next + 1] {
                let expected = model.firstIndex { $0 > value } ?? model.count
                #expect(queue.firstIndex(after: value) == expected)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `An instant` {
    @Test func `counts from an earlier one and never below zero`() {
        let early = Instant(milliseconds: 1_000)
        let late = early.advanced(milliseconds: 250)
        #expect(late.since(early) == 250)
        #expect(early.since(late) == 0)
        #expect(early < late)
        #expect(early.advanced(milliseconds: -5) == early)
    }

    @Test func `does not step back`() {
        var last = Instant.now()
        for _ in 0..<1_000 {
            let now = Instant.now()
            #expect(now >= last)
            last = now
        }
    }
}

/// Counts the objects that it made and that still live; not isolated.
private final class Counter {
    final class Unit {
        private let counter: Counter

        init(_ counter: Counter) {
            self.counter = counter
        }

        deinit {
            counter.count -= 1
        }
    }

    private(set) var count = 0

    func unit() -> Unit {
        count += 1
        return Unit(self)
    }
}
