import HubTestSupport
import Generators
import HTTP
import Records
import Testing

@testable import Hub
@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `A job that runs` {
    @Test func `is told from its start to its end, and leaves what it made`() async throws {
        let hub = RunnerFixture()
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        let job = try await hub.job()
        #expect(job.state == .succeeded && job.attempt == 1 && job.errors.isEmpty)
        #expect(job.figures.progress == 100 && job.figures.remaining == 0)
        #expect(job.figures.inputTokens == 5 && job.figures.outputTokens == 2)
        #expect(job.model == "model")
        let contents = try await hub.contents()
        #expect(contents.result == Array(#""Once upon""#.utf8))
        #expect(contents.content == "Once upon")
        #expect(hub.text.prompts == ["{}"])
        #expect(hub.images.prompts == ["picture 1", "picture 2"])

        let updates = hub.watch.updates()
        #expect(updates.first?.state == "queued" && updates.last?.state == "succeeded")
        #expect(updates.filter { $0.state == "succeeded" }.count == 1)
        let progress = updates.map(\.progress)
        #expect(progress == progress.sorted() && progress.last == 100)
        #expect(updates.contains { $0.message == "Writing" && $0.progress == 0 })
        #expect(updates.contains { $0.message == "Painting" && $0.progress >= 60 })
        let deltas = hub.watch.frames.filter { $0.name == "content_delta" }.map(EventWatch.data)
        #expect(deltas.compactMap { $0["text"] }.joined() == "Once upon")
        var offset = 0
        for delta in deltas {
            #expect(delta["offset"] == "\(offset)")
            offset += delta["text"]?.utf8.count ?? 0
        }
        await hub.runner.stop()
    }

    @Test func `shows its text on the board while it runs, and no longer`() async throws {
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.say("né"), .wait(gate), .say("e")]))
        try await hub.enqueue()
        await hub.runner.start()
        _ = try await hub.watch.nextDelta()
        #expect(hub.board.content(of: "job")?.text == "né")
        #expect(hub.board.content(of: "job")?.next == TextPosition(attempt: 1, offset: 3))
        gate.open()
        try await hub.watch.next(.succeeded)
        #expect(try await hub.contents().content == "née")
        await hub.runner.stop()
        #expect(hub.board.content(of: "job") == nil)
    }

    @Test func `is one of as many as there is room for, in the order of the queue`() async throws {
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.wait(gate), .say("Once")])) {
            $0.concurrency = 3
        }
        for number in 0..<5 { try await hub.enqueue("\(number)") }
        await hub.runner.start()
        #expect(await hub.runner.running.count == 3)
        let running = try await hub.broker.read { records throws(LogUnavailable) in
            try records.jobs.runningInside().map(\.id)
        }
        #expect(running == ["0", "1", "2"])
        gate.open()
        try await hub.watch.allSucceed(5)
        #expect(hub.text.prompts.count == 5 && hub.text.mostAtOnce <= 3)
        await hub.runner.stop()
    }

    @Test func `is one of all that there is room for, however many come at once`() async throws {
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.wait(gate), .say("Once")]))
        for number in 0..<250 { try await hub.enqueue("\(number)") }
        await hub.runner.start()
        #expect(await hub.runner.running.count == 250)
        await hub.text.calls.reach(250)
        gate.open()
        await hub.runner.stop()
    }

    @Test func `is one of 200 that share 2 turns of a provider`() async throws {
        let hub = RunnerFixture(textTurns: 2)
        for number in 0..<200 { try await hub.enqueue("\(number)") }
        await hub.runner.start()
        try await hub.watch.allSucceed(200)
        #expect(hub.text.mostAtOnce <= 2)
        #expect(hub.text.calls.value == 200 && hub.images.calls.value == 400)
        await hub.idle()
        await hub.runner.stop()
    }

    @Test func `says when it waits for its turn at a provider`() async throws {
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.wait(gate), .say("Once")]), textTurns: 1)
        try await hub.enqueue("first")
        try await hub.enqueue("second")
        await hub.runner.start()
        let waiting = try await hub.watch.next { $0.message == "Waiting for scripted-text" }
        #expect(hub.text.calls.value == 1)
        gate.open()
        try await hub.watch.allSucceed(2)
        let told = hub.watch.updates(of: waiting.job).map(\.message)
        #expect(told.contains("Writing") && told.last == "Painting")
        await hub.runner.stop()
    }

    @Test func `begins when it is due`() async throws {
        let hub = RunnerFixture()
        await hub.runner.start()
        try await hub.enqueue(delay: 20)
        try await hub.watch.next(.scheduled)
        try await hub.watch.next(.queued)
        try await hub.watch.next(.succeeded)
        let job = try await hub.job()
        #expect(try #require(job.startedAt) >= job.createdAt + 20)
        await hub.runner.stop()
    }

    @Test func `is forgotten when it ended long ago`() async throws {
        let hub = RunnerFixture { $0.retention = -1_000_000 }
        try await hub.broker.write { records throws(LogUnavailable) in
            var job = try records.jobs.insert(
                NewJob(kind: "story", input: [1]), id: "old", at: records.now)
            guard job.cancel("No.", at: records.now) else { return ((), []) }
            try records.jobs.save(job)
            return ((), [])
        }
        await hub.runner.start()
        let found = try await hub.broker.read { records throws(LogUnavailable) in
            try records.jobs.find("old")
        }
        #expect(found == nil)
        await hub.runner.stop()
    }
}
