import Reactor
import Testing

@testable import Server

struct `The priority of a connection` {
    private let start = Instant(milliseconds: 1_000)
    private var soon: Instant { start.advanced(milliseconds: TurnPriority.backgroundTime - 1) }
    private var later: Instant { start.advanced(milliseconds: TurnPriority.backgroundTime) }

    /// A connection that has had a good answer.
    private var known: TurnPriority {
        var priority = TurnPriority()
        priority.wasAnswered(isRefusal: false, at: start)
        return priority
    }

    @Test func `is low until it has had a good answer`() {
        var priority = TurnPriority()
        #expect(priority.isBackground(at: later))
        priority.usedUpTurn(at: start)
        priority.wasAnswered(isRefusal: true, at: start)
        #expect(priority.isBackground(at: later.advanced(milliseconds: 1_000_000)))
        priority.wasAnswered(isRefusal: false, at: later)
        #expect(!priority.isBackground(at: later))
    }

    @Test func `is low for a while after it has used up a turn or was refused`() {
        for isRefused in [false, true] {
            var priority = known
            #expect(!priority.isBackground(at: start))
            if isRefused {
                priority.wasAnswered(isRefusal: true, at: start)
            } else {
                priority.usedUpTurn(at: start)
            }
            #expect(priority.isBackground(at: soon))
            #expect(!priority.isBackground(at: later))
        }
    }

    @Test func `is not raised before by a good answer`() {
        var priority = known
        priority.usedUpTurn(at: start)
        priority.wasAnswered(isRefusal: false, at: start)
        #expect(priority.isBackground(at: soon))
    }

    @Test func `stays high while requests come in a few pieces each`() {
        var priority = known
        for _ in 0..<3 {
            for _ in 0..<TurnPriority.maximumWaits { priority.waitedForMore(at: start) }
            #expect(!priority.isBackground(at: start))
            priority.wasAnswered(isRefusal: false, at: start)
        }
        for _ in 0...TurnPriority.maximumWaits { priority.waitedForMore(at: start) }
        #expect(priority.isBackground(at: start))
    }

    @Test func `is paid for with as many turns as one was too long`() {
        var priority = known
        #expect(priority.givesUpTurn() == false)
        priority.didTake(microseconds: TurnPriority.turnTime - 1)
        #expect(priority.givesUpTurn() == false)
        priority.didTake(microseconds: 3 * TurnPriority.turnTime)
        #expect((0..<5).map { _ in priority.givesUpTurn() } == [true, true, true, false, false])
    }
}
