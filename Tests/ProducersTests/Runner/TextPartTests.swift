import Generators
import HubTestSupport
import Records
import Testing

@testable import Hub
@testable import Producers

/// A text in three parts, of which one is code.
private struct PartsPipeline: Pipeline {
    static let kind = "parts"

    let steps = [Step("one", "One"), Step("two", "Two", weight: 2), Step("three", "Three")]

    func run(_ job: JobRun) async throws(JobError) -> Completion {
        let parts: [(String, TextPart)] = [
            ("one", .prose(opening: "# ", share: 0.25)), ("two", .code("js", share: 0.5)),
            ("three", .prose(closing: "", share: 0.25)),
        ]
        var texts: [String] = []
        for (name, part) in parts {
            texts.append(
                try await job.write(name, TextRequest(purpose: .text, prompt: name), as: part) {
                    $0 == "bad" ? GenerationError("Bad.", retry: .later) : nil
                })
        }
        return Completion(result: RecordJSON.string(texts.joined(separator: "|")))
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A text in parts` {
    private static let whole = "# Wide\n\n```js\nlet a\n```\n\nEnd"
    private static let code = Act.say("```\nlet a\n```\nDone.")

    private func hub(_ acts: [[Act]], after old: RunnerFixture? = nil) -> RunnerFixture {
        RunnerFixture(text: Script(acts, then: []), pipelines: [PartsPipeline()], after: old)
    }

    /// The text that the pieces add up to, where a piece at 0 begins anew.
    private func told(_ watch: EventWatch) -> String {
        var text = ""
        for data in watch.frames.filter({ $0.name == "content_delta" }).map(EventWatch.data) {
            if data["offset"] == "0" { text = "" }
            #expect(data["offset"] == "\(text.utf8.count)")
            text += data["text"] ?? ""
        }
        return text
    }

    private func expectWhole(_ hub: RunnerFixture, tokens: Int) async throws {
        let contents = try await hub.contents()
        #expect(contents.result == Array(#""Wide|let a|End""#.utf8))
        #expect(contents.content == Self.whole)
        let figures = try await hub.job().figures
        #expect(figures.contentLength == Self.whole.utf8.count)
        #expect(figures.currentTokens == tokens)
        #expect(told(hub.watch) == Self.whole)
    }

    @Test func `is one text for those who watch`() async throws {
        let hub = hub([[.say("Wi"), .say("de")], [Self.code], [.say("End")]])
        try await hub.enqueue(kind: "parts")
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        try await expectWhole(hub, tokens: 4)
        let progress = hub.watch.updates().map(\.progress)
        #expect(progress == progress.sorted())
        #expect(hub.watch.updates().contains { $0.message == "Two" && $0.progress == 25 })
        #expect(hub.watch.updates().contains { $0.message == "Three" && $0.progress == 75 })
        await hub.runner.stop()
    }

    @Test(
        arguments: [
            [.fail(GenerationError("Broke.", retry: .later))], [.say("bad")],
            [.say("```js\nlet"), .fail(GenerationError("Broke.", retry: .later))],
        ] as [[Act]])
    func `has finished parts in the next attempt, and they are not asked for`(
        acts: [Act]
    ) async throws {
        let hub = hub([[.say("Wi"), .say("de")], acts, [Self.code], [.say("End")]])
        try await hub.enqueue(kind: "parts")
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        #expect(try await hub.job().attempt == 2)
        #expect(hub.text.prompts == ["one", "two", "two", "three"])
        try await expectWhole(hub, tokens: 4)
        await hub.runner.stop()
    }

    @Test func `goes on in a hub that is started again`() async throws {
        let gate = Gate()
        let first = hub([[.say("Wi"), .say("de")], [.say("```js\nlet"), .wait(gate)]])
        try await first.enqueue(kind: "parts")
        await first.runner.start()
        await first.text.calls.reach(2)
        await first.runner.stop()
        let second = hub([[Self.code], [.say("End")]], after: first)
        await second.runner.start()
        try await second.watch.next(.succeeded)
        #expect(second.text.prompts == ["two", "three"])
        #expect(try await second.job().attempt == 1)
        try await expectWhole(second, tokens: 4)
        await second.runner.stop()
    }
}
