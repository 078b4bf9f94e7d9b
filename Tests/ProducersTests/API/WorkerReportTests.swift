import HubTestSupport
import HTTP
import Records
import Testing

@testable import Hub
@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `What a worker outside reports` {
    private func hub(_ interval: Int) -> RunnerFixture {
        RunnerFixture {
            $0.externalKinds = ["thumb"]
            $0.leaseSeconds = 1_000
            $0.reportInterval = interval
        }
    }

    /// A job that is claimed; its lease.
    private func claim(on hub: RunnerFixture, _ id: String = "job") async throws -> String {
        try await hub.enqueue(id, kind: "thumb", isExternal: true)
        let body = Array(#"{"kinds":["thumb"]}"#.utf8)
        _ = try await hub.api.answer(.claimJob, head("/"), body: body)
        return try #require(try await hub.job(id).lease)
    }

    private func post(
        _ call: APICall, to hub: RunnerFixture, _ lease: String, _ members: String
    ) async throws {
        let body = Array(#"{"lease":"\#(lease)"\#(members)}"#.utf8)
        #expect(try await hub.api.answer(call, head("/"), body: body).status == .noContent)
    }

    /// Longer than any test: what is gathered is not told before something else is.
    private static let never = 1 << 40

    @Test func `is in the row and renews the lease each time, and is told a few times`()
        async throws
    {
        let hub = hub(Self.never)
        let lease = try await claim(on: hub)
        for number in 1...100 {
            let until = try #require(try await hub.job().leaseUntil)
            try await post(.reportProgress("job"), to: hub, lease, #","progress":\#(number)"#)
            let job = try await hub.job()
            #expect(job.figures.progress == Double(number))
            #expect(try #require(job.leaseUntil) >= until)
        }
        try await post(.completeJob("job"), to: hub, lease, #","result":1"#)
        try await hub.watch.next(.succeeded)
        let told = hub.watch.updates().map { "\($0.state) \(Int($0.progress))" }
        #expect(told == ["queued 0", "running 0", "running 1", "succeeded 100"])
        await hub.runner.stop()
    }

    @Test func `is told in the end although the worker falls silent`() async throws {
        let hub = hub(20)
        let lease = try await claim(on: hub)
        for number in 1...50 {
            try await post(.reportProgress("job"), to: hub, lease, #","progress":\#(number)"#)
        }
        let last = try await hub.watch.next { $0.progress == 50 }
        #expect(last.state == "running")
        await hub.runner.stop()
    }

    @Test func `is told when the store is back`() async throws {
        let hub = hub(1)
        let lease = try await claim(on: hub)
        for number in 1...2 {
            hub.store.set(.open)
            try await post(.reportProgress("job"), to: hub, lease, #","progress":\#(number)"#)
            hub.store.set(.refusing)
        }
        let isGathered = hub.watch.updates().last?.progress != 2
        if isGathered { await hub.store.refusals.reach(1) }
        hub.store.set(.open)
        if isGathered { _ = try await hub.watch.next { $0.progress == 2 } }
        #expect(hub.watch.updates().last?.progress == 2)
        await hub.runner.stop()
    }

    @Test(arguments: ["fail", "cancel", "complete"])
    func `is not told after the job has ended, which is told at once`(end: String) async throws {
        let hub = hub(Self.never)
        let lease = try await claim(on: hub)
        for number in 1...5 {
            try await post(.reportProgress("job"), to: hub, lease, #","progress":\#(number)"#)
        }
        switch end {
        case "fail":
            try await post(.failJob("job"), to: hub, lease, #","error":"No.","retry":false"#)
            try await hub.watch.next(.failed)
        case "cancel":
            _ = try await hub.api.answer(.cancelJob("job"), head("/"), body: [])
            try await hub.watch.next(.cancelled)
        default:
            try await post(.completeJob("job"), to: hub, lease, #","result":1"#)
            try await hub.watch.next(.succeeded)
        }
        let count = hub.watch.updates().count
        await hub.api.announceReports()
        #expect(hub.watch.updates().count == count)
        await hub.runner.stop()
    }

    @Test func `is told as the hub stops`() async throws {
        let hub = hub(Self.never)
        let lease = try await claim(on: hub)
        for number in 1...5 {
            try await post(.reportProgress("job"), to: hub, lease, #","progress":\#(number)"#)
        }
        #expect(hub.watch.updates().last?.progress == 1)
        await hub.api.announceReports()
        _ = try await hub.watch.next { $0.progress == 5 }
        await hub.api.announceReports()
        #expect(hub.watch.updates().filter { $0.progress == 5 }.count == 1)
        await hub.runner.stop()
    }

    @Test func `renews the lease also with words that are too long`() async throws {
        let hub = hub(Self.never)
        let lease = try await claim(on: hub)
        try await hub.broker.write { records throws(LogUnavailable) in
            guard var job = try records.jobs.find("job") else { return ((), []) }
            allowedHeartbeat(&job, lease)
            try records.jobs.save(job)
            return ((), [])
        }
        let long = String(repeating: "y", count: 5_000)
        try await post(
            .reportProgress("job"), to: hub, lease,
            #","progress":40,"message":"\#(long)","step":"\#(long)""#)
        let job = try await hub.job()
        #expect(job.figures.progress == 40 && job.figures.message?.count == 200)
        #expect(job.figures.step?.count == 200)
        #expect(try #require(job.leaseUntil) > 10)
        try await post(.failJob("job"), to: hub, lease, #","error":"\#(long)""#)
        #expect(try await hub.job().error?.count == 4_096)
        await hub.runner.stop()
    }
}

/// Sets the end of a lease back.
private func allowedHeartbeat(_ job: inout JobRecord, _ lease: String) {
    _ = job.heartbeat(lease: lease, until: 10)
}
