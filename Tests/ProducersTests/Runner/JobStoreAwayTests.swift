import Generators
import Reactor
import Storage
import Testing

@testable import Hub
@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `A job whose store is away` {
    @Test func `waits with what it has done, and goes on`() async throws {
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.say("Once "), .wait(gate), .say("upon")]))
        try await hub.enqueue()
        await hub.runner.start()
        await hub.text.calls.reach(1)
        hub.store.set(.refusing)
        gate.open()
        await hub.store.refusals.reach(2)
        hub.store.set(.open)
        try await hub.watch.next(.succeeded)
        let job = try await hub.job()
        #expect(job.attempt == 1 && job.errors.isEmpty)
        #expect(hub.text.calls.value == 1 && hub.images.calls.value == 2)
        #expect(try await hub.contents().content == "Once upon")
        await hub.runner.stop()
    }

    @Test func `does not say that it waits when the store is back`() async throws {
        let gate = Gate()
        let hub = RunnerFixture(images: Script([[], [.wait(gate)]], then: []))
        try await hub.enqueue()
        await hub.runner.start()
        await hub.images.calls.reach(2)
        let before = hub.store.refusals.value
        hub.store.set(.refusing)
        gate.open()
        await hub.store.refusals.reach(before + 1)
        hub.store.set(.open)
        try await hub.watch.next(.succeeded)
        #expect(try await hub.job().figures.message == "Painting")
        await hub.runner.stop()
    }

    @Test func `is not begun before what was running was taken back`() async throws {
        let hub = RunnerFixture()
        try await hub.enqueue()
        hub.store.set(.refusing)
        await hub.runner.start()
        await hub.runner.runPasses()
        #expect(hub.store.refusals.value == 1, "of the rescue alone")
        hub.store.set(.open)
        try await hub.watch.next(.succeeded)
        await hub.runner.stop()
    }

    @Test func `does not work on its time meanwhile`() async throws {
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.wait(gate), .say("Once")]))
        try await hub.enqueue()
        await hub.runner.start()
        await hub.text.calls.reach(1)
        let progress = try #require(await hub.runner.running.values.first).progress
        hub.store.set(.refusing)
        gate.open()
        while progress.figures(at: .now()).message != "Waiting for the store" {
            await Task.yield()
        }
        let now = Instant.now()
        let later = now.advanced(milliseconds: 3_600_000)
        #expect(progress.activeTime(at: later) == progress.activeTime(at: now))
        hub.store.set(.open)
        try await hub.watch.next(.succeeded)
        #expect(progress.activeTime(at: later) > progress.activeTime(at: now))
        await hub.runner.stop()
    }

    @Test func `is not told to be where it was, by figures that come late`() async throws {
        let (beginning, rest) = (Gate(), Gate())
        let hub = RunnerFixture(
            text: Script(then: [.wait(beginning), .say("Once "), .wait(rest)]),
            images: Script(then: [.wait(Gate())]))
        try await hub.enqueue()
        await hub.runner.start()
        await hub.text.calls.reach(1)
        // The ticker's figures are on their way while the job enters its next step.
        hub.store.set(.holdingOne)
        beginning.open()
        await hub.store.holds.reach(1)
        rest.open()
        await hub.images.calls.reach(1)
        #expect(try await hub.job().figures.step == "painting")
        hub.store.set(.open)
        #expect(try await hub.job().figures.step == "painting")
        let told = hub.watch.updates().map(\.message)
        let (last, first) = (told.lastIndex(of: "Writing"), told.firstIndex(of: "Painting"))
        #expect(try #require(last) < (try #require(first)))
        await hub.runner.stop()
    }

    @Test func `is not told to be where it is not yet`() async throws {
        let hub = RunnerFixture(text: Script(then: [.wait(Gate())]))
        await hub.runner.start()
        hub.store.set(.holding)
        let asking = Task { try await hub.enqueue() }
        // The order, the claim, and the entry into the first step, one after the other.
        for count in 1...3 {
            await hub.store.holds.reach(count)
            if count < 3 { hub.store.set(.holding) }
        }
        let progress = try #require(await hub.runner.running.values.first).progress
        #expect(progress.figures(at: .now()).step == nil)
        hub.store.set(.open)
        await hub.text.calls.reach(1)
        #expect(progress.figures(at: .now()).step == "writing")
        _ = try await asking.value
        await hub.runner.stop()
    }

    @Test func `is not looked for again once the hub has stopped`() async throws {
        let hub = RunnerFixture()
        hub.store.set(.holding)
        let starting = Task { await hub.runner.start() }
        await hub.store.holds.reach(1)
        let stopping = Task { await hub.runner.stop() }
        await hub.store.holds.reach(2)
        hub.store.set(.refusing)
        await starting.value
        await stopping.value
        #expect(await hub.runner.nextWakeup.map(\.isCancelled) ?? true)
        let before = hub.store.refusals.value
        await hub.runner.start()
        #expect(hub.store.refusals.value == before)
    }

    @Test func `is recorded when it is back, without asking all the time`() async throws {
        // Its task was cancelled by the timeout, and a cancelled task does not sleep.
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.hang(gate)]), timeout: 0.05)
        try await hub.enqueue(maximumAttempts: 1)
        await hub.runner.start()
        await hub.text.calls.reach(1)
        let task = try #require(await hub.runner.running.values.first).task
        while !task.isCancelled { await Task.yield() }
        hub.store.set(.refusing)
        let before = hub.store.refusals.value
        gate.open()
        await hub.store.refusals.reach(before + 1)
        let away = ContinuousClock.now + .milliseconds(1_500)
        while ContinuousClock.now < away, hub.store.refusals.value < before + 100 {
            await Task.yield()
        }
        // Once a second, and the figures of the ticker besides.
        #expect(hub.store.refusals.value < before + 20)
        hub.store.set(.open)
        try await hub.watch.next(.failed)
        await hub.runner.stop()
    }
}
