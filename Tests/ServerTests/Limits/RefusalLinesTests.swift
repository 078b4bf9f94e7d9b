import Reactor
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `The lines about refusals` {
    private let start = Instant(milliseconds: 1_000_000)

    /// How many of `count` refusals are logged at an instant.
    private func logged(_ count: Int, _ lines: inout RefusalLines, at now: Instant) -> Int {
        (0..<count).count { _ in lines.decide(at: now) == .log }
    }

    @Test func `are a thousand at once, and a hundred in each second after that`() {
        var lines = RefusalLines(now: start)
        #expect(logged(5_000, &lines, at: start) == 1_000)
        #expect(logged(5_000, &lines, at: start.advanced(milliseconds: 1_000)) == 100)
        #expect(logged(5_000, &lines, at: start.advanced(milliseconds: 1_250)) == 25)
        #expect(logged(5_000, &lines, at: start.advanced(milliseconds: 60_000)) == 1_000)
    }

    @Test func `that were left out are told at once, and then every 10 seconds`() {
        var lines = RefusalLines(now: start)
        _ = logged(1_000, &lines, at: start)
        #expect(lines.decide(at: start) == .leaveOut(count: 1, askAgain: nil))
        let next = start.advanced(milliseconds: 10_000)
        #expect(lines.decide(at: start) == .leaveOut(count: nil, askAgain: next))
        #expect(lines.decide(at: start) == .leaveOut(count: nil, askAgain: nil))
        #expect(lines.takeOmitted(at: start.advanced(milliseconds: 9_999)) == 0)
        #expect(lines.takeOmitted(at: next) == 2)
        #expect(lines.takeOmitted(at: next) == 0)
    }

    @Test func `are none in vain when the flood goes on before the timer comes`() {
        var lines = RefusalLines(now: start)
        _ = logged(1_002, &lines, at: start)
        let next = start.advanced(milliseconds: 10_000)
        #expect(logged(1_000, &lines, at: next) == 1_000)
        #expect(lines.decide(at: next) == .leaveOut(count: 2, askAgain: nil))
        let later = next.advanced(milliseconds: 10_000)
        #expect(lines.decide(at: next) == .leaveOut(count: nil, askAgain: later))
        #expect(lines.takeOmitted(at: next) == 0, "a second line within 10 s")
        #expect(lines.takeOmitted(at: later) == 1)
    }

    @Test func `tell what is left at the end`() {
        var lines = RefusalLines(now: start)
        _ = logged(1_010, &lines, at: start)
        #expect(lines.takeOmitted(at: start, isLast: true) == 9)
        #expect(lines.takeOmitted(at: start, isLast: true) == 0)
    }
}
