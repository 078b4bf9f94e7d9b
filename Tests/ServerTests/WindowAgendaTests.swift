import Reactor
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `The agenda of windows` {
    private func at(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test func `has nothing to say at first`() {
        var agenda = WindowAgenda()
        #expect(agenda.next == nil)
        #expect(agenda.takeDue(at: at(.max)) == nil)
    }

    @Test func `gives each stream at its end and not before`() {
        var agenda = WindowAgenda()
        agenda.plan(7, at: at(20))
        agenda.plan(8, at: at(10))
        #expect(agenda.next == at(10))
        #expect(agenda.takeDue(at: at(9)) == nil)
        #expect(agenda.takeDue(at: at(10)) == 8)
        #expect(agenda.takeDue(at: at(10)) == nil)
        #expect(agenda.next == at(20))
        #expect(agenda.takeDue(at: at(1_000)) == 7)
        #expect(agenda.next == nil)
    }

    @Test(arguments: [1, 2, 3, 10, 500])
    func `gives many in the order of their ends, also while others are planned`(count: Int) {
        var agenda = WindowAgenda()
        var random = SeededNumbers(seed: UInt64(count))
        var planned: [UInt64: UInt64] = [:]
        var nextStream: UInt64 = 0
        func plan(after now: UInt64) {
            nextStream += 1
            let end = now + UInt64.random(in: 0...200, using: &random)
            planned[nextStream] = end
            agenda.plan(nextStream, at: at(end))
        }
        for _ in 0..<count { plan(after: 0) }
        var now: UInt64 = 0
        while let next = agenda.next {
            #expect(next == at(planned.values.min() ?? 0))
            now = max(now, next.milliseconds)
            while let stream = agenda.takeDue(at: at(now)) {
                let end = planned.removeValue(forKey: stream)
                #expect(end.map { $0 <= now } == true)
                if nextStream < 2 * UInt64(count) { plan(after: now) }
            }
            #expect(planned.values.allSatisfy { $0 > now })
        }
        #expect(planned.isEmpty)
        #expect(nextStream == 2 * UInt64(count))
    }
}
