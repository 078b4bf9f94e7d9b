import Generators
import Storage
import Testing

@testable import Hub
@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `The text of a job` {
    @Test(
        arguments: [
            ([.say("Once"), .cut], "cut off after 1 tokens: --text-max-tokens (now 1024)"),
            ([.think, .think, .cut], "The model model used all 2 tokens for thinking."),
            ([.think, .say(" \n"), .cut], "used all 2 tokens for thinking."),
            ([.think, .think], "wrote no text: it stopped after 2 tokens of thinking."),
            ([], "The model model wrote no text."), ([.say(" ")], "wrote no text."),
            ([.say("\n"), .cut], "wrote no text in 1 tokens."),
        ] as [([Act], String)])
    func `that is not whole fails it for good and says why`(acts: [Act], words: String) async throws
    {
        let hub = RunnerFixture(text: Script(then: acts))
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.failed)
        let job = try await hub.job()
        #expect(job.attempt == 1 && job.errors.count == 1)
        #expect(job.error?.contains(words) == true, "\(job.error ?? "")")
        #expect(hub.text.calls.value == 1 && hub.images.calls.value == 0)
        #expect(try await hub.contents().content == nil)
        #expect(
            job.figures.outputTokens
                == acts.filter { if case .cut = $0 { false } else { true } }.count)
        await hub.runner.stop()
    }

    @Test func `may come after thinking`() async throws {
        let hub = RunnerFixture(text: Script(then: [.think, .think, .say("Once")]))
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        #expect(try await hub.contents().content == "Once")
        let figures = try await hub.job().figures
        #expect(figures.outputTokens == 3 && figures.currentTokens == 1)
        await hub.runner.stop()
    }

    private static let silence = GenerationError("Silent.", retry: .later, isSilence: true)

    @Test func `waits again in its place, without an attempt, when it stood behind others`()
        async throws
    {
        let gate = Gate()
        let script = Script(
            [[.say("Once"), .wait(gate)], [.fail(Self.silence)]], then: [.say("Once")])
        let hub = RunnerFixture(text: script, textTurns: 2)
        try await hub.enqueue("first")
        await hub.runner.start()
        await script.calls.reach(1)
        try await hub.enqueue("second")
        _ = try await hub.watch.next {
            $0.job == "second" && $0.message.hasPrefix("Waiting for scripted-text, which answers 1")
                && $0.message.contains("--text-concurrency allows 2")
        }
        try await hub.enqueue("third")
        gate.open()
        try await hub.watch.allSucceed(3)
        for id in ["first", "second", "third"] {
            let job = try await hub.job(id)
            #expect(job.attempt == 1 && job.errors.isEmpty)
        }
        #expect(script.calls.value == 4 && script.mostAtOnce == 2)
        await hub.runner.stop()
    }

    @Test func `is the provider's fault when it was the only one and nothing came`() async throws {
        let hub = RunnerFixture(text: Script([[.fail(Self.silence)]], then: [.say("Once")]))
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        let job = try await hub.job()
        #expect(job.attempt == 2 && job.errors.map(\.error) == ["Silent."])
        await hub.runner.stop()
    }

    @Test func `is not waited for without end beside others that flow`() async throws {
        let gates = (0..<7).map { _ in Gate() }
        let script = Script(
            gates.map { [.say("Once"), .wait($0)] }
                + Array(repeating: [.fail(Self.silence)], count: 5), then: [.say("Once")])
        let hub = RunnerFixture(text: script, textTurns: 8)
        await hub.runner.start()
        for number in 1...7 {
            try await hub.enqueue("\(number)")
            await script.calls.reach(number)
        }
        try await hub.enqueue("silent")
        for number in 0..<4 {
            // It waits again, and one of the others makes room for it.
            let message = "Waiting for scripted-text, which answers \(7 - number) at once"
            _ = try await hub.watch.next { $0.job == "silent" && $0.message.hasPrefix(message) }
            gates[number].open()
        }
        let again = try await hub.watch.next { $0.job == "silent" && $0.attempt == 2 }
        #expect(again.job == "silent")
        // Its next attempt waits for one of those that are being answered to end.
        for gate in gates { gate.open() }
        try await hub.watch.next(.succeeded, of: "silent")
        #expect(try await hub.job("silent").errors.map(\.error) == ["Silent."])
        #expect(script.calls.value == 13)
        await hub.runner.stop()
    }

    @Test func `that waits again can be cancelled`() async throws {
        let gate = Gate()
        let script = Script(
            [[.say("Once"), .wait(gate)], [.fail(Self.silence)]], then: [.say("Once")])
        let hub = RunnerFixture(text: script, textTurns: 2)
        try await hub.enqueue("first")
        await hub.runner.start()
        await script.calls.reach(1)
        try await hub.enqueue("second")
        _ = try await hub.watch.next { $0.job == "second" && $0.message.hasPrefix("Waiting") }
        _ = try await hub.api.answer(.cancelJob("second"), head("/"), body: [])
        gate.open()
        try await hub.watch.next(.succeeded, of: "first")
        #expect(script.calls.value == 2)
        await hub.runner.stop()
    }
}
