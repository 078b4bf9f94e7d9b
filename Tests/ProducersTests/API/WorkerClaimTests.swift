import HTTP
import Records
import Testing

@testable import Hub
@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `A worker's claim` {
    private let hub = RunnerFixture {
        $0.externalKinds = ["thumb", "scan"]
        $0.leaseSeconds = 1_000
    }

    private func call(_ call: APICall, _ body: String) async throws -> Response {
        try await hub.api.answer(call, head("/"), body: Array(body.utf8))
    }

    private func claim(_ body: String = #"{"kinds":["thumb","scan"]}"#) async throws -> Response {
        try await call(.claimJob, body)
    }

    private func enqueue(
        _ id: String = "job", kind: String = "thumb", priority: Int = 2
    ) async throws {
        try await hub.enqueue(id, kind: kind, isExternal: true, priority: priority)
    }

    /// A claim that may wait, and is looking at the queue for the first time: what it changes is
    /// held.
    private func claimUnderWay() async -> Task<Response, any Error> {
        hub.store.set(.holdingOne)
        let claiming = Task { try await claim(#"{"kinds":["thumb"],"wait":50}"#) }
        await hub.store.holds.reach(1)
        return claiming
    }

    private func lease(_ response: Response) throws -> String {
        let text = String(decoding: response.body, as: UTF8.self)
        let after = try #require(text.split(separator: #""token":""#).last)
        return String(after.prefix { $0 != "\"" })
    }

    // MARK: What it gives

    @Test func `gives the most urgent job of its kinds, then the oldest`() async throws {
        try await enqueue("old")
        try await enqueue("urgent", kind: "scan", priority: 1)
        try await enqueue("new")
        for (id, kinds) in [("old", "thumb"), ("urgent", "thumb\",\"scan"), ("new", "thumb")] {
            let response = try await claim(#"{"kinds":["\#(kinds)"]}"#)
            #expect(response.status == .ok)
            let (given, job) = (try lease(response), try await hub.job(id))
            #expect(job.state == .running && job.lease == given)
        }
        #expect(try await claim().status == .noContent)
    }

    @Test func `gives no job of the hub's own`() async throws {
        try await hub.enqueue()
        #expect(try await claim().status == .noContent)
        #expect(try await hub.job().state == .queued)
    }

    @Test(arguments: [
        ("{}", "/kinds"), (#"{"kinds":[]}"#, "/kinds"),
        (#"{"kinds":["thumb","story"]}"#, "/kinds/1"),
        (#"{"kinds":["thumb"],"wait":56}"#, "/wait"), (#"{"kinds":["thumb"],"wait":-1}"#, "/wait"),
    ])
    func `is refused with what is wrong in it`(body: String, pointer: String) async throws {
        try await enqueue()
        let problem = await problem { _ = try await claim(body) }
        #expect(problem?.status == .unprocessableContent && problem?.pointer == pointer)
        #expect(try await hub.job().state == .queued)
    }

    // MARK: Waiting

    @Test func `that waits gets a job that comes after it has looked`() async throws {
        let claiming = await claimUnderWay()
        hub.store.set(.open)
        try await enqueue()
        let given = try lease(try await claiming.value)
        #expect(try await hub.job().lease == given)
    }

    @Test func `that waits is sent home when the hub stops`() async throws {
        let claiming = await claimUnderWay()
        hub.board.close()
        hub.store.set(.open)
        #expect(try await claiming.value.status == .noContent)
    }

    @Test func `whose worker went away while it looked leaves the job as it was`() async throws {
        try await enqueue()
        let mark = hub.board.signals
        let claiming = await claimUnderWay()
        claiming.cancel()
        hub.store.set(.open)
        #expect(try await claiming.value.status == .noContent)
        #expect(try await hub.job().state == .queued)
        #expect(hub.board.signals > mark, "another worker may wait for it")
        #expect(try await claim().status == .ok)
        #expect(try await hub.job().attempt == 1, "none was used up")
    }

    // MARK: The lease

    @Test(arguments: [
        (APICall.heartbeat("job"), "", JobState.running),
        (.reportProgress("job"), #","progress":40"#, .running),
        (.completeJob("job"), #","result":{"width":320}"#, .succeeded),
        (.failJob("job"), #","error":"It broke.","retry":false"#, .failed),
    ])
    func `gives a lease, without which nothing changes`(
        call: APICall, members: String, state: JobState
    ) async throws {
        try await enqueue()
        let lease = try lease(try await claim())
        let before = try await hub.job()
        let stranger = #"{"lease":"other"\#(members)}"#
        let refusal = await problem { _ = try await self.call(call, stranger) }
        #expect(refusal?.status == .conflict)
        #expect(try await hub.job() == before)
        let body = #"{"lease":"\#(lease)"\#(members)}"#
        #expect(try await self.call(call, body).status == .noContent)
        #expect(try await hub.job().state == state)
        guard state.isFinal else { return }
        let second = await problem { _ = try await self.call(call, body) }
        #expect(second?.status == .conflict)
    }
}
