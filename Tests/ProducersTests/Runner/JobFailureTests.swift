import Generators
import Storage
import Testing

@testable import Hub
@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `A job that fails` {
    private static let down = GenerationError("It was down.", retry: .later)

    @Test func `is tried again, without what it has done already`() async throws {
        let images = Script([[], [.say("half"), .fail(Self.down)], [.fail(Self.down)]], then: [])
        let hub = RunnerFixture(images: images)
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        let job = try await hub.job()
        #expect(job.attempt == 3 && job.error == nil)
        #expect(job.errors.map(\.attempt) == [1, 2])
        #expect(job.errors.map(\.error) == ["It was down.", "It was down."])
        #expect(hub.text.calls.value == 1, "a step that was finished is not done again")
        #expect(images.prompts == ["picture 1", "picture 2", "picture 2", "picture 2"])
        #expect(try await hub.contents().result == Array(#""Once upon""#.utf8))
        for attempt in 1...3 {
            let progress = hub.watch.updates().filter {
                $0.attempt == attempt && $0.state == "running"
            }
            #expect(!progress.isEmpty)
            #expect(progress.map(\.progress) == progress.map(\.progress).sorted())
        }
        await hub.runner.stop()
    }

    @Test func `has its text generated anew in full`() async throws {
        let hub = RunnerFixture(
            text: Script([[.say("Half a "), .fail(Self.down)]], then: [.say("Whole.")]))
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        #expect(try await hub.contents().content == "Whole.")
        let last = hub.watch.frames.filter { $0.name == "content_delta" }.last
        #expect(last.map(EventWatch.data)?["offset"] == "0")
        #expect(last?.mark == .piece(attempt: 2, offset: 0))
        await hub.runner.stop()
    }

    @Test func `waits as long as the provider says`() async throws {
        let busy = GenerationError("It is busy.", retry: .after(3_600))
        let hub = RunnerFixture(text: Script([[.fail(busy)]], then: [.say("Once")]))
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.scheduled)
        let job = try await hub.job()
        #expect(job.state == .scheduled && job.attempt == 1)
        #expect(job.runAt == (try #require(job.errors.first)).at + 3_600_000)
        #expect(hub.text.calls.value == 1)
        await hub.runner.stop()
        #expect(try await hub.job() == job)
    }

    @Test func `begins again by itself when the provider's time is up`() async throws {
        let busy = GenerationError("It is busy.", retry: .after(0.02))
        let hub = RunnerFixture(text: Script([[.fail(busy)]], then: [.say("Once")]))
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.scheduled)
        try await hub.watch.next(.succeeded)
        let job = try await hub.job()
        #expect(try #require(job.startedAt) >= (try #require(job.errors.first)).at + 20)
        await hub.runner.stop()
    }

    @Test func `ends at once when there is no sense in another attempt`() async throws {
        let never = GenerationError("The key is wrong.", retry: .never)
        let hub = RunnerFixture(text: Script(then: [.fail(never)]))
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.failed)
        let job = try await hub.job()
        #expect(job.state == .failed && job.attempt == 1 && job.error == "The key is wrong.")
        #expect(hub.text.calls.value == 1 && hub.images.calls.value == 0)
        #expect(hub.watch.frames.contains { $0.name == "failed" }, "its pipeline was told")
        await hub.runner.stop()
    }

    @Test func `ends after its last attempt`() async throws {
        let hub = RunnerFixture(text: Script(then: [.fail(Self.down)]))
        try await hub.enqueue(maximumAttempts: 3)
        await hub.runner.start()
        try await hub.watch.next(.failed)
        let job = try await hub.job()
        #expect(job.attempt == 3 && job.errors.map(\.attempt) == [1, 2, 3])
        #expect(hub.text.calls.value == 3)
        #expect(hub.watch.frames.filter { $0.name == "failed" }.count == 1)
        await hub.runner.stop()
    }

    @Test func `by taking too long is ended and tried again`() async throws {
        let hub = RunnerFixture(
            text: Script([[.say("a"), .wait(Gate())]], then: [.say("b")]), timeout: 0.05)
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        let job = try await hub.job()
        #expect(job.attempt == 2)
        #expect(job.errors.count == 1 && job.errors[0].error.contains("took longer than"))
        #expect(hub.text.cancelled.value == 1)
        await hub.runner.stop()
    }

    @Test func `as cancelled, while nobody has cancelled it, does not run for ever`() async throws {
        let hub = RunnerFixture(text: Script(then: [.fail(.cancelled)]))
        try await hub.enqueue(maximumAttempts: 1)
        await hub.runner.start()
        await hub.idle()
        #expect(try await hub.job().state == .failed)
        await hub.runner.stop()
    }
}
