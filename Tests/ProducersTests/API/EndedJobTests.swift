import HubTestSupport
import HTTP
import Records
import Testing

@testable import Hub
@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `A job that has ended` {
    private let hub = RunnerFixture()

    /// The SSE blocks that a stream of a job has before its events, as text.
    private func opening(of job: EndedJob) -> String {
        String(decoding: job.opening, as: UTF8.self)
    }

    @Test func `is told with its whole text, and where its last event stands`() async throws {
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        let ended = try #require(try await hub.api.endedJob("job", hasText: true))
        let last = try #require(
            try await hub.broker.states(of: [.resource(.job("job"))]).states.first)
        #expect(ended.lastEvent == last.id)
        let opening = opening(of: ended)
        #expect(opening.hasPrefix("event: content_delta\n") && !opening.contains("id: "))
        let data = #""data":{"offset":0,"text":"Once upon"}"#
        #expect(opening.hasSuffix(data + "}\n\n"))
        let text = try #require(try await hub.api.wholeText(of: "job"))
        #expect(String(decoding: text.members, as: UTF8.self).hasSuffix(data))
        await hub.runner.stop()
    }

    @Test func `is told without its text where nobody asks for that, or it has none`()
        async throws
    {
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        let silent = try #require(try await hub.api.endedJob("job", hasText: false))
        #expect(silent.opening.isEmpty && silent.lastEvent != nil)
        await hub.runner.stop()
        try await hub.enqueue("cancelled")
        _ = try await hub.api.answer(.cancelJob("cancelled"), head("/"), body: [])
        let cancelled = try #require(try await hub.api.endedJob("cancelled", hasText: true))
        #expect(cancelled.opening.isEmpty && cancelled.lastEvent != nil)
        #expect(try await hub.api.wholeText(of: "cancelled") == nil)
    }

    @Test func `is told from its row when its last event is not kept any more`() async throws {
        try await hub.broker.write { records throws(LogUnavailable) in
            var job = try records.jobs.insert(
                NewJob(kind: "story", input: [0x31]), id: "job", at: records.now)
            guard job.cancel("No.", at: 0) else { return ((), []) }
            try records.jobs.save(job)
            return ((), [])
        }
        let ended = try #require(try await hub.api.endedJob("job", hasText: true))
        #expect(ended.lastEvent == nil)
        let opening = opening(of: ended)
        #expect(opening.hasPrefix("event: job_update\n") && !opening.contains("id: "))
        #expect(opening.contains(#""state":"cancelled""#))
        #expect(opening.contains(#""at":"1970-01-01T00:00:00.000Z""#))
    }

    @Test(arguments: [JobState.queued, .running, .scheduled])
    func `is another one than a job that has not`(state: JobState) async throws {
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.wait(gate), .say("Once")]))
        try await hub.enqueue(delay: state == .scheduled ? 1_000_000 : 0)
        if state == .running {
            await hub.runner.start()
            await hub.text.calls.reach(1)
        }
        #expect(try await hub.job().state == state)
        #expect(try await hub.api.endedJob("job", hasText: true) == nil)
        await hub.runner.stop()
    }

    @Test func `is one that is known`() async {
        let problem = await problem {
            _ = try await hub.api.endedJob("other", hasText: true)
        }
        #expect(problem?.status == .notFound)
    }
}
