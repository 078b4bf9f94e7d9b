import Reactor
import Testing

@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `Reports of workers outside` {
    private func at(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test func `are told at once, then once in each interval, the last one too`() {
        var gate = ReportGate(interval: 250)
        #expect(gate.report("j", lease: "l", at: at(1_000)) == .now)
        #expect(gate.report("j", lease: "l", at: at(1_001)) == .later(at(1_250)))
        for time in UInt64(1_002)..<1_250 {
            #expect(gate.report("j", lease: "l", at: at(time)) == .gathered)
        }
        #expect(gate.takeGathered("j", lease: "l", at: at(1_251)) == true)
        #expect(gate.takeGathered("j", lease: "l", at: at(1_251)) == false, "it is told once")
        #expect(gate.report("j", lease: "l", at: at(1_500)) == .later(at(1_501)))
        #expect(gate.takeGathered("j", lease: "l", at: at(1_501)) == true)
        #expect(gate.report("j", lease: "l", at: at(1_751)) == .now)
    }

    @Test func `that come seldom are all told at once`() {
        var gate = ReportGate(interval: 250)
        for time in stride(from: UInt64(0), to: 5_000, by: 250) {
            #expect(gate.report("j", lease: "l", at: at(time)) == .now)
            #expect(gate.takeGathered("j", lease: "l", at: at(time)) == false)
        }
    }

    @Test func `are told at once when whoever was to tell them is late`() {
        var gate = ReportGate(interval: 250)
        #expect(gate.report("j", lease: "l", at: at(0)) == .now)
        #expect(gate.report("j", lease: "l", at: at(10)) == .later(at(250)))
        #expect(gate.report("j", lease: "l", at: at(300)) == .now)
        #expect(
            gate.takeGathered("j", lease: "l", at: at(301)) == false, "what it was to tell was told"
        )
        #expect(gate.report("j", lease: "l", at: at(302)) == .later(at(550)))
    }

    @Test func `of one job say nothing about another's, nor about another attempt's`() {
        var gate = ReportGate(interval: 250)
        for (job, lease) in [("j", "l"), ("k", "m"), ("j", "n")] {
            #expect(gate.report(job, lease: lease, at: at(0)) == .now)
            #expect(gate.report(job, lease: lease, at: at(1)) == .later(at(250)))
        }
        #expect(gate.takeGathered("j", lease: "l", at: at(250)) == false, "it has changed hands")
        #expect(gate.gathered.map(\.job).sorted() == ["j", "k"])
        #expect(gate.takeGathered("j", lease: "n", at: at(250)) == true)
        #expect(gate.takeGathered("k", lease: "m", at: at(250)) == true)
        #expect(gate.gathered.isEmpty)
    }

    @Test func `stay gathered when they could not be told`() {
        var gate = ReportGate(interval: 250)
        _ = gate.report("j", lease: "l", at: at(0))
        _ = gate.report("j", lease: "l", at: at(1))
        #expect(gate.takeGathered("j", lease: "l", at: at(250)) == true)
        gate.putBack("j", lease: "l")
        gate.putBack("j", lease: "other")
        #expect(gate.report("j", lease: "l", at: at(251)) == .gathered)
        #expect(gate.takeGathered("j", lease: "l", at: at(300)) == true)
    }

    @Test func `of jobs that are gone are forgotten, those to be told are not`() {
        var gate = ReportGate(interval: 250)
        for number in 0..<10 {
            _ = gate.report("kept \(number)", lease: "l", at: at(0))
            _ = gate.report("kept \(number)", lease: "l", at: at(1))
        }
        for number in 0..<10_000 {
            _ = gate.report("\(number)", lease: "l", at: at(UInt64(number)))
        }
        #expect(gate.entryCount < 1_200)
        #expect(gate.gathered.count == 10)
    }
}
