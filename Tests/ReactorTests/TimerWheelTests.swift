import TestSupport
import Testing

@testable import Reactor

@Suite(.timeLimit(.minutes(5)))
struct `A timer wheel` {
    private let start = Instant(milliseconds: 987_654_321)

    @Test(arguments: [0, 1, 20, 79, 80, 100, 101, 999, 30_000, 50_000])
    func `hands a token over after its deadline and within two ticks`(milliseconds: Int) {
        var wheel = TimerWheel(now: start)
        let deadline = start.advanced(milliseconds: milliseconds)
        let due = wheel.schedule(7, at: deadline)
        #expect(due > deadline)
        #expect(due.since(deadline) <= 2 * TimerWheel.resolution)
        #expect(wheel.tokens(at: Instant(milliseconds: due.milliseconds - 1)) == [])
        #expect(wheel.tokens(at: due) == [7])
        #expect(wheel.isEmpty)
    }

    @Test func `takes a deadline in the past at the next tick`() {
        var wheel = TimerWheel(now: start)
        let due = wheel.schedule(7, at: Instant(milliseconds: 5))
        #expect(due > start)
        #expect(due.since(start) <= TimerWheel.resolution)
        #expect(wheel.tokens(at: due) == [7])
    }

    @Test(arguments: [51_200, 75_000, 3_600_000, Int.max])
    func `says that a deadline beyond its horizon comes up early`(milliseconds: Int) {
        var wheel = TimerWheel(now: start)
        let deadline = start.advanced(milliseconds: milliseconds)
        let due = wheel.schedule(7, at: deadline)
        #expect(due < deadline)
        #expect(due.since(start) > 50_000)
        #expect(wheel.tokens(at: Instant(milliseconds: due.milliseconds - 1)) == [])
        #expect(wheel.tokens(at: due) == [7])
    }

    @Test func `reaches a far deadline by scheduling again`() {
        var wheel = TimerWheel(now: start)
        let deadline = start.advanced(milliseconds: 75_000)
        var due = wheel.schedule(7, at: deadline)
        var rounds = 1
        while due < deadline {
            #expect(wheel.tokens(at: due) == [7])
            due = wheel.schedule(7, at: deadline)
            rounds += 1
        }
        #expect(rounds == 2)
        #expect(due.since(deadline) <= TimerWheel.resolution)
        #expect(wheel.tokens(at: due) == [7])
    }

    @Test func `takes the latest possible instant`() {
        var wheel = TimerWheel(now: start)
        let due = wheel.schedule(7, at: Instant(milliseconds: .max))
        #expect(due.since(start) > 50_000)
    }

    @Test func `keeps both entries when an earlier deadline is added`() {
        var wheel = TimerWheel(now: start)
        let late = wheel.schedule(7, at: start.advanced(milliseconds: 30_000))
        #expect(wheel.millisecondsToNext(from: start) == late.since(start))
        let early = wheel.schedule(7, at: start.advanced(milliseconds: 1_000))
        #expect(wheel.millisecondsToNext(from: start) == early.since(start))
        #expect(wheel.tokens(at: early) == [7])
        #expect(wheel.millisecondsToNext(from: early) == late.since(early))
        #expect(wheel.tokens(at: late) == [7])
        #expect(wheel.millisecondsToNext(from: late) == nil)
    }

    @Test(arguments: [51_100, 51_200, 51_300, 51_700, 52_000, 102_400, 86_400_000])
    func `keeps the order of the ticks after a long stop`(milliseconds: Int) {
        var wheel = TimerWheel(now: start)
        let deadlines = [45_000, 900, 50_000, 500, 20_000, 901, 10_000]
        for deadline in deadlines {
            _ = wheel.schedule(UInt64(deadline), at: start.advanced(milliseconds: deadline))
        }
        let tokens = wheel.tokens(at: start.advanced(milliseconds: milliseconds))
        #expect(tokens == [500, 900, 901, 10_000, 20_000, 45_000, 50_000])
        #expect(wheel.isEmpty)
    }

    @Test func `is as exact after a long stop as before`() {
        var wheel = TimerWheel(now: start)
        _ = wheel.schedule(1, at: start.advanced(milliseconds: 100))
        let later = start.advanced(milliseconds: 86_400_000)
        #expect(wheel.tokens(at: later) == [1])
        let due = wheel.schedule(2, at: later.advanced(milliseconds: 700))
        #expect(due.since(later) >= 700)
        #expect(wheel.millisecondsToNext(from: later) == due.since(later))
        #expect(wheel.tokens(at: Instant(milliseconds: due.milliseconds - 1)) == [])
        #expect(wheel.tokens(at: due) == [2])
    }

    @Test func `does not go back with the clock`() {
        var wheel = TimerWheel(now: start)
        let due = wheel.schedule(1, at: start.advanced(milliseconds: 1_000))
        #expect(wheel.tokens(at: Instant(milliseconds: start.milliseconds - 60_000)) == [])
        #expect(wheel.tokens(at: due) == [1])
    }

    @Test(arguments: 1...20)
    func `does what a sorted list would do`(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        var wheel = TimerWheel(now: start)
        var model: [(due: Instant, token: UInt64)] = []
        var now = start
        for token in 0..<2_000 as Range<UInt64> {
            for _ in 0..<Int.random(in: 0...3, using: &numbers) {
                let wait = Int.random(in: 0...70_000, using: &numbers)
                let due = wheel.schedule(token, at: now.advanced(milliseconds: wait))
                model.append((due, token))
            }
            let next = model.map(\.due).min().map { $0.since(now) }
            try #require(wheel.millisecondsToNext(from: now) == next)
            try #require(wheel.isEmpty == model.isEmpty)
            let isLongStop = Int.random(in: 0..<50, using: &numbers) == 0
            now = now.advanced(
                milliseconds: Int.random(in: 0...(isLongStop ? 150_000 : 500), using: &numbers))
            let due = model.enumerated().filter { $0.element.due <= now }
                .sorted { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }
            model.removeAll { $0.due <= now }
            try #require(wheel.tokens(at: now) == due.map(\.element.token))
        }
    }
}

extension TimerWheel {
    /// What comes up when the clock has moved to `now`.
    fileprivate mutating func tokens(at now: Instant) -> [UInt64] {
        var tokens: [UInt64] = []
        advance(to: now) { tokens.append($0) }
        return tokens
    }
}
