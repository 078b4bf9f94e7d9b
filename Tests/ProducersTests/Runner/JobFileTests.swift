import Generators
import TestSupport
import Testing

@testable import Hub
@testable import Producers
@testable import Records
@testable import Storage

/// The same with the log that outlives the process, where it is another one than in memory.
@Suite(.timeLimit(.minutes(5)))
struct `A job in a file` {
    private let folder = Folder()

    @Test func `goes on after its hub was stopped and started again`() async throws {
        let first = RunnerFixture(
            images: Script([[], [.say("half"), .wait(Gate())]], then: []), broker: try folder.open()
        )
        try await first.enqueue(maximumAttempts: 1)
        await first.runner.start()
        _ = try await first.watch.next { $0.progress > 80 }
        await first.runner.stop()
        let stopped = try await first.job()
        await first.broker.close()

        let second = RunnerFixture(broker: try folder.open())
        #expect(try await second.job() == stopped)
        await second.runner.start()
        try await second.watch.next(.succeeded)
        let job = try await second.job()
        #expect(job.attempt == 1 && job.errors.isEmpty)
        #expect(second.text.calls.value == 0 && second.images.prompts == ["picture 2"])
        let updates = second.watch.updates()
        #expect(updates.allSatisfy { $0.progress >= stopped.figures.progress })
        await second.runner.stop()
        await second.broker.close()
    }

    @Test func `waits while another process holds the file`() async throws {
        let gate = Gate()
        let hub = RunnerFixture(
            text: Script(then: [.say("Once "), .wait(gate), .say("upon")]),
            broker: try folder.open())
        try await hub.enqueue()
        await hub.runner.start()
        await hub.text.calls.reach(1)
        let other = try Database(path: folder.path + "/martlet.db")
        try other.execute("BEGIN IMMEDIATE")
        gate.open()
        while hub.broker.unavailability == nil { await Task.yield() }
        try other.execute("ROLLBACK")
        other.close()
        try await hub.watch.next(.succeeded)
        let job = try await hub.job()
        #expect(job.attempt == 1 && job.errors.isEmpty)
        #expect(hub.text.calls.value == 1 && hub.images.calls.value == 2)
        #expect(try await hub.contents().content == "Once upon")
        await hub.runner.stop()
        await hub.broker.close()
    }
}
