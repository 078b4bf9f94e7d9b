import HubTestSupport
import Generators
import HTTP
import Records
import Testing

@testable import Hub
@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `A job that is interrupted` {
    private func post(_ hub: RunnerFixture, _ call: APICall) async throws {
        _ = try await hub.api.answer(call, head("/"), body: [])
    }

    // MARK: By who asked for it

    @Test func `by a cancel ends, with its generator's work and its slot`() async throws {
        let hub = RunnerFixture(text: Script([[.say("a"), .wait(Gate())]], then: [.say("Once")])) {
            $0.concurrency = 1
        }
        try await hub.enqueue()
        await hub.runner.start()
        _ = try await hub.watch.nextDelta()
        try await post(hub, .cancelJob("job"))
        let job = try await hub.job()
        #expect(job.state == .cancelled && job.error == "The job was cancelled.")
        try await hub.enqueue("next")
        try await hub.watch.next(.succeeded, of: "next")
        #expect(hub.text.cancelled.value == 1)
        #expect(try await hub.job() == job, "what its task did after it left no trace")
        #expect(hub.watch.updates().last?.state == "cancelled")
        #expect(hub.watch.frames.filter { $0.name == "cancelled" }.count == 1)
        #expect(hub.watch.updates().filter { $0.state == "cancelled" }.count == 1)
        await hub.runner.stop()
    }

    @Test func `by a cancel while it waits for its turn leaves the queue of turns`() async throws {
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.wait(gate), .say("Once")]), textTurns: 1)
        try await hub.enqueue("first")
        await hub.runner.start()
        await hub.text.calls.reach(1)
        try await hub.enqueue("second")
        _ = try await hub.watch.next { $0.message == "Waiting for scripted-text" }
        try await post(hub, .cancelJob("second"))
        try await hub.enqueue("third")
        gate.open()
        try await hub.watch.next(.succeeded, of: "third")
        #expect(hub.text.calls.value == 2)
        #expect(try await hub.job("second").state == .cancelled)
        await hub.runner.stop()
    }

    @Test func `by a cancel before it began never begins`() async throws {
        let hub = RunnerFixture()
        try await hub.enqueue()
        try await post(hub, .cancelJob("job"))
        await hub.runner.start()
        try await hub.enqueue("next")
        try await hub.watch.next(.succeeded, of: "next")
        #expect(hub.text.calls.value == 1)
        #expect(try await hub.job().attempt == 0)
        await hub.runner.stop()
    }

    @Test func `by a cancel and restarted begins anew, with what it had done`() async throws {
        let hub = RunnerFixture(images: Script([[.wait(Gate())]], then: []))
        try await hub.enqueue()
        await hub.runner.start()
        await hub.images.calls.reach(1)
        try await post(hub, .cancelJob("job"))
        await hub.idle()
        try await post(hub, .restartJob("job"))
        try await hub.watch.next(.succeeded)
        let job = try await hub.job()
        #expect(job.attempt == 1 && job.error == nil)
        #expect(hub.text.calls.value == 1)
        #expect(hub.images.prompts == ["picture 1", "picture 1", "picture 2"])
        await hub.runner.stop()
    }

    @Test func `by a cancel and restarted while its old task still ends is the runner's`()
        async throws
    {
        let (old, new) = (Gate(), Gate())
        let script = Script([[.hang(old)], [.wait(new), .say("Once")]], then: [.say("Once")])
        let hub = RunnerFixture(text: script)
        try await hub.enqueue()
        await hub.runner.start()
        await hub.text.calls.reach(1)
        try await post(hub, .cancelJob("job"))
        try await post(hub, .restartJob("job"))
        await hub.text.calls.reach(2)
        let lease = try await hub.job().lease
        old.open()
        await hub.text.cancelled.reach(1)
        // The old task ends; the new one still belongs to the runner, which can end it.
        try await hub.enqueue("next")
        try await hub.watch.next(.succeeded, of: "next")
        #expect(await hub.runner.running.values.contains { $0.lease == lease })
        #expect(try await hub.job().state == .running)
        try await post(hub, .cancelJob("job"))
        await hub.idle()
        #expect(hub.text.cancelled.value == 2)
        new.open()
        await hub.runner.stop()
    }

    @Test func `is not hurt by a cancel that ended an earlier run of it and comes late`()
        async throws
    {
        let gate = Gate()
        let hub = RunnerFixture(text: Script([[.wait(Gate())]], then: [.wait(gate), .say("Once")]))
        try await hub.enqueue()
        await hub.runner.start()
        await hub.text.calls.reach(1)
        try await post(hub, .cancelJob("job"))
        try await post(hub, .restartJob("job"))
        await hub.text.calls.reach(2)
        let lease = try await hub.job().lease
        await hub.runner.abandon("job")
        let run = try #require(await hub.runner.running.values.first { $0.lease == lease })
        try #require(!run.task.isCancelled)
        gate.open()
        try await hub.watch.next(.succeeded)
        #expect(hub.text.cancelled.value == 1, "of the first run alone")
        await hub.runner.stop()
    }

    @Test func `and claimed again before its old task was told to end is ended there`()
        async throws
    {
        let (old, new) = (Gate(), Gate())
        let hub = RunnerFixture(text: Script([[.wait(old)]], then: [.wait(new), .say("Once")]))
        try await hub.enqueue()
        await hub.runner.start()
        await hub.text.calls.reach(1)
        // As the API does it, with the runner told of neither but by the claim.
        try await hub.broker.write { records throws(LogUnavailable) in
            guard var job = try records.jobs.find("job"),
                job.cancel("No.", at: records.now), job.restart(at: records.now)
            else { throw LogUnavailable(.other, message: "a running job can be cancelled") }
            try records.jobs.save(job)
            return ((), [.jobUpdate(job)])
        }
        await hub.runner.runPasses()
        await hub.text.cancelled.reach(1)
        await hub.text.calls.reach(2)
        new.open()
        try await hub.watch.next(.succeeded)
        await hub.idle()
        #expect(hub.text.cancelled.value == 1)
        #expect(hub.board.content(of: "job") == nil)
        await hub.runner.stop()
    }

    // MARK: By the hub's stop

    @Test func `by a stop goes on with its attempt, its progress and what it had done`()
        async throws
    {
        let first = RunnerFixture(images: Script([[], [.say("half"), .wait(Gate())]], then: []))
        try await first.enqueue(maximumAttempts: 1)
        await first.runner.start()
        await first.images.calls.reach(2)
        // The figures of the half-painted second picture.
        _ = try await first.watch.next { $0.progress > 80 }
        await first.runner.stop()
        #expect(await first.runner.running.isEmpty)
        #expect(first.images.cancelled.value == 1)
        let stopped = try await first.job()
        #expect(stopped.state == .queued && stopped.attempt == 1 && stopped.errors.isEmpty)
        #expect(stopped.figures.progress > 80)
        #expect(first.watch.updates().last?.state == "queued")

        let second = RunnerFixture(after: first)
        await second.runner.start()
        try await second.watch.next(.succeeded)
        let job = try await second.job()
        #expect(job.attempt == 1 && job.errors.isEmpty)
        #expect(second.text.calls.value == 0)
        #expect(second.images.prompts == ["picture 2"])
        #expect(second.watch.updates().allSatisfy { $0.progress >= stopped.figures.progress })
        #expect(try await second.contents().content == "Once upon")
        await second.runner.stop()
    }

    @Test func `by a stop takes nothing new`() async throws {
        let hub = RunnerFixture()
        await hub.runner.start()
        await hub.runner.stop()
        try await hub.enqueue()
        await hub.runner.runPasses()
        #expect(hub.text.calls.value == 0)
        #expect(try await hub.job().state == .queued)
    }

    @Test func `by a stop while it is being claimed is put back too`() async throws {
        let hub = RunnerFixture(text: Script(then: [.wait(Gate())]))
        try await hub.enqueue()
        hub.store.set(.holding)
        let starting = Task { await hub.runner.start() }
        await hub.store.holds.reach(1)
        // What a killed hub left has been taken back; the claim is on its way into the log.
        hub.store.set(.holding)
        await hub.store.holds.reach(2)
        let stopping = Task { await hub.runner.stop() }
        while await !hub.runner.isStopping { await Task.yield() }
        hub.store.set(.open)
        await stopping.value
        await starting.value
        let job = try await hub.job()
        #expect(job.state == .queued && job.attempt == 1 && job.errors.isEmpty)
        #expect(await hub.runner.running.isEmpty)
        for run in await hub.runner.running.values { run.task.cancel() }
    }

    // MARK: By the hub's end

    @Test func `by the end of its hub is tried again, or given up after its last attempt`()
        async throws
    {
        let hub = RunnerFixture()
        for (id, attempts) in [("again", 5), ("last", 1)] {
            try await hub.broker.write { records throws(LogUnavailable) in
                var job = try records.jobs.insert(
                    NewJob(kind: "story", input: Array("{}".utf8), maximumAttempts: attempts),
                    id: id, at: records.now)
                guard job.claim(lease: "old", until: nil, model: nil, at: records.now) else {
                    throw LogUnavailable(.other, message: "a new job can be claimed")
                }
                try records.jobs.save(job)
                return ((), [])
            }
        }
        await hub.runner.start()
        try await hub.watch.next(.succeeded, of: "again")
        let again = try await hub.job("again")
        #expect(again.attempt == 2)
        #expect(again.errors.map(\.error) == ["The hub ended while attempt 1 ran."])
        let last = try await hub.job("last")
        #expect(last.state == .failed && last.error == "The hub ended while attempt 1 ran.")
        #expect(hub.watch.updates(of: "last").map(\.state) == ["failed"])
        #expect(hub.watch.frames.filter { $0.name == "failed" }.count == 1)
        #expect(hub.text.calls.value == 1)
        await hub.runner.stop()
    }

    @Test func `by no more signs of its worker is another's`() async throws {
        let hub = RunnerFixture { $0.externalKinds = ["outside"] }
        await hub.runner.start()
        try await hub.broker.write { records throws(LogUnavailable) in
            var job = try records.jobs.insert(
                NewJob(kind: "outside", isExternal: true, input: [1]), id: "job", at: records.now)
            guard
                job.claim(lease: "old", until: records.now + 10, model: nil, at: records.now)
            else { throw LogUnavailable(.other, message: "a new job can be claimed") }
            try records.jobs.save(job)
            return ((), [.jobUpdate(job)])
        }
        let mark = hub.board.signals
        hub.runner.schedule()
        await hub.board.wait(after: mark)
        let job = try await hub.job()
        #expect(job.state == .queued && job.attempt == 1)
        #expect(job.error == "Its worker was not heard of any more.")
        await hub.runner.stop()
    }
}
