import HubTestSupport
import Generators
import Records
import TestSupport
import Testing

@testable import Hub
@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `A job that breaks a rule of the store` {
    private static let kind = BrittlePipeline.kind

    /// Expects that the job has failed for good, and left nothing of what it did when it broke the
    /// rule.
    private func expectEnd(of hub: RunnerFixture) async throws {
        let job = try await hub.job()
        #expect(job.state == .failed && job.attempt == 1 && job.errors.count == 1)
        #expect(job.error?.contains("UNIQUE constraint failed: media.id") == true)
        #expect(try await hub.contents().result == nil)
        let picture = try await hub.broker.read { records throws(LogUnavailable) in
            try records.media.find(BrittlePipeline.picture.id)
        }
        #expect(picture == nil)
        #expect(hub.watch.updates().filter { $0.state == "failed" }.count == 1)
    }

    @Test(arguments: BrittlePipeline.Place.allCases)
    func `fails at once and says which`(place: BrittlePipeline.Place) async throws {
        let hub = RunnerFixture(pipelines: [BrittlePipeline()])
        try await hub.enqueue(kind: Self.kind, input: #""\#(place.rawValue)""#)
        await hub.runner.start()
        try await hub.watch.next(.failed)
        try await expectEnd(of: hub)
        await hub.runner.stop()
    }

    @Test(arguments: BrittlePipeline.Place.allCases)
    func `fails in a file too, and takes nobody with it`(
        place: BrittlePipeline.Place
    ) async throws {
        let folder = Folder()
        let hub = RunnerFixture(
            pipelines: [BrittlePipeline()], broker: try folder.open())
        try await hub.enqueue(kind: Self.kind, input: #""\#(place.rawValue)""#)
        try await hub.enqueue("other")
        await hub.runner.start()
        try await hub.watch.all(2, reach: [.succeeded, .failed])
        #expect(try await hub.job("other").state == .succeeded)
        try await expectEnd(of: hub)
        #expect(hub.broker.unavailability == nil)
        await hub.runner.stop()
        await hub.broker.close()
    }

    @Test func `when its hub was killed keeps no other from being taken back`() async throws {
        let hub = RunnerFixture(pipelines: [BrittlePipeline()])
        for (id, kind, input) in [("job", Self.kind, #""reflecting""#), ("other", "story", "{}")] {
            try await hub.broker.write { records throws(LogUnavailable) in
                var job = try records.jobs.insert(
                    NewJob(
                        kind: kind, input: Array(input.utf8),
                        maximumAttempts: kind == Self.kind ? 1 : 2), id: id, at: records.now)
                guard job.claim(lease: "old", until: nil, model: nil, at: records.now) else {
                    throw LogUnavailable(.other, message: "a new job can be claimed")
                }
                try records.jobs.save(job)
                return ((), [])
            }
        }
        await hub.runner.start()
        try await hub.watch.next(.succeeded, of: "other")
        try await expectEnd(of: hub)
        #expect(try await hub.job().error?.hasPrefix("The hub ended while attempt 1 ran.") == true)
        await hub.runner.stop()
    }
}
