import HTTP
import Storage
import Testing

@testable import Hub
@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `A job that has ended` {
    private let hub = RunnerFixture()

    /// The SSE blocks of a job's last words, as text.
    private func blocks(of job: EndedJob) -> [String] {
        job.events.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `is told with its whole text and its last event, as new streams get it`()
        async throws
    {
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        let ended = try #require(try await hub.api.endedJob("job", hasText: true))
        let last = try #require(
            try await hub.broker.states(of: [.resource(.job("job"))]).states.first)
        #expect(ended.lastEvent == last.id)
        let blocks = blocks(of: ended)
        try #require(blocks.count == 2)
        #expect(blocks[0].hasPrefix("event: content_delta\n") && !blocks[0].contains("id: "))
        #expect(blocks[0].contains(#""data":{"offset":0,"text":"Once upon"}"#))
        #expect(blocks[1].contains("event: job_update\n"))
        #expect(blocks[1].contains(#""state":"succeeded""#))
        #expect(blocks[1].contains("\(last.id)"))
        await hub.runner.stop()
    }

    @Test func `is told without its text where nobody asks for that, or it has none`()
        async throws
    {
        try await hub.enqueue()
        await hub.runner.start()
        try await hub.watch.next(.succeeded)
        let silent = try #require(try await hub.api.endedJob("job", hasText: false))
        #expect(silent.events.count == 1)
        await hub.runner.stop()
        try await hub.enqueue("cancelled")
        _ = try await hub.api.answer(.cancelJob("cancelled"), head("/"), body: [])
        let cancelled = try #require(try await hub.api.endedJob("cancelled", hasText: true))
        #expect(blocks(of: cancelled).count == 1)
        #expect(blocks(of: cancelled).first?.contains(#""state":"cancelled""#) == true)
    }

    @Test func `is told from its row when its last event is not kept any more`() async throws {
        try await hub.broker.write { records throws(StoreError) in
            var job = try records.jobs.insert(
                NewJob(kind: "story", input: [0x31]), id: "job", at: records.now)
            guard job.cancel("No.", at: 0) else { return ((), []) }
            try records.jobs.save(job)
            return ((), [])
        }
        let ended = try #require(try await hub.api.endedJob("job", hasText: true))
        #expect(ended.lastEvent == nil)
        let blocks = blocks(of: ended)
        #expect(blocks.count == 1 && !(blocks.first?.contains("id: ") ?? true))
        #expect(blocks.first?.contains(#""at":"1970-01-01T00:00:00.000Z""#) == true)
    }

    @Test(arguments: [JobState.queued, .running, .scheduled])
    func `is another one than a job that has not`(state: JobState) async throws {
        let gate = Gate()
        let hub = RunnerFixture(text: Script(then: [.wait(gate)]))
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
