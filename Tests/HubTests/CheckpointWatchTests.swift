import Reactor
import Records
import Storage
import Telemetry
import Testing

@testable import Hub

@Suite
struct `A watch over checkpoints` {
    private var watch = CheckpointWatch()
    private let failure = Checkpoint.failed(LogUnavailable(.io, message: "a disk"))

    private func at(_ seconds: Int) -> Instant { Instant(milliseconds: UInt64(seconds) * 1000) }

    @Test mutating func `says nothing while all goes well, or for less than ten seconds`() {
        #expect(watch.note(.complete, at: at(0)) == nil)
        #expect(watch.note(.incomplete, at: at(100)) == nil)
        #expect(watch.note(failure, at: at(109)) == nil)
        #expect(watch.note(.complete, at: at(109)) == nil)
        #expect(watch.note(.incomplete, at: at(115)) == nil, "that is another time")
    }

    @Test mutating func `says after ten seconds why, then once a minute, and when it is over`() {
        #expect(watch.note(.incomplete, at: at(0)) == nil)
        guard case .stuck(let reason, let milliseconds) = watch.note(.incomplete, at: at(10)) else {
            Issue.record("nothing was said")
            return
        }
        #expect(reason.contains("a reader"))
        #expect(milliseconds == 10_000)
        #expect(watch.note(failure, at: at(11)) == nil)
        #expect(watch.note(failure, at: at(69)) == nil)
        guard case .stuck(let second, _) = watch.note(failure, at: at(70)) else {
            Issue.record("nothing was said")
            return
        }
        #expect(second.contains("a disk"))
        #expect(watch.note(.complete, at: at(75)) == .over(milliseconds: 75_000))
        #expect(watch.note(.complete, at: at(76)) == nil)
    }
}

@Suite
struct `A store's health` {
    private let health = StoreHealth(logger: Log(level: .error, descriptor: -1))

    private func at(_ seconds: Int) -> Instant {
        Instant.now().advanced(milliseconds: seconds * 1000)
    }

    @Test func `is restored by a commit after one that failed`() {
        health.noteFailedWrite(LogUnavailable(.full, message: "a disk"))
        #expect(health.unavailability != nil)
        #expect(health.problem != nil)
        health.noteWrite()
        #expect(health.unavailability == nil)
        #expect(health.problem == nil)
    }

    @Test(arguments: [LogUnavailable.Kind.corrupt, .notADatabase])
    func `is not restored once the file was found to be damaged`(kind: LogUnavailable.Kind) {
        health.note(LogUnavailable(kind, message: "a page"))
        health.noteWrite()
        health.noteCheckpoint(.complete, at: at(0))
        #expect(health.problem?.description.contains("a page") == true)
        #expect(health.unavailability == nil, "what can be stored is stored")
    }

    @Test(arguments: [LogUnavailable.Kind.busy, .io, .constraint, .full])
    func `is not harmed by a reader's other troubles`(kind: LogUnavailable.Kind) {
        health.note(LogUnavailable(kind, message: "a page"))
        #expect(health.problem == nil)
    }

    @Test func `is bad while the file itself cannot be written`() {
        health.noteCheckpoint(.failed(LogUnavailable(.io, message: "a disk")), at: at(0))
        #expect(health.problem != nil)
        #expect(health.unavailability == nil)
        health.noteCheckpoint(.incomplete, at: at(1))
        #expect(health.problem == nil)
    }

    @Test func `is bad for a minute after another program did a checkpoint`() {
        health.noteStranger(at: at(-30))
        #expect(health.problem?.description.contains("Another program") == true)
        #expect(health.unavailability == nil)
        let other = StoreHealth(logger: Log(level: .error, descriptor: -1))
        other.noteStranger(at: Instant(milliseconds: Instant.now().milliseconds - 61_000))
        #expect(other.problem == nil)
    }

    @Test func `counts the time since the last complete checkpoint`() {
        health.noteCheckpoint(.complete, at: at(5))
        #expect(health.checkpointAge(at(7)) / 1000 == 1 || health.checkpointAge(at(7)) / 1000 == 2)
        health.noteCheckpoint(.incomplete, at: at(20))
        #expect(health.checkpointAge(at(25)) >= 19_000)
    }
}
