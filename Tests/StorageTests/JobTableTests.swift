import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The table of jobs` {
    private let fixture: JobFixture
    private var jobs: JobTable { fixture.jobs }

    init() throws {
        fixture = try JobFixture()
    }

    @Test func `gives a new job back as it was put`() throws {
        let job = try jobs.insert(
            NewJob(
                kind: "post", isExternal: true, input: Array(#"{"a":1}"#.utf8), key: "k\u{301}",
                priority: 4, delay: 250, maximumAttempts: 9), id: "first", at: 1_000)
        #expect(
            job
                == JobRecord(
                    number: 1, id: "first", kind: "post", isExternal: true, key: "k\u{301}",
                    priority: 4, state: .scheduled, figures: JobFigures(), attempt: 0,
                    maximumAttempts: 9, isInterrupted: false, error: nil, errors: [], model: nil,
                    lease: nil, leaseUntil: nil, createdAt: 1_000, runAt: 1_250, startedAt: nil,
                    finishedAt: nil))
        #expect(try jobs.find("first") == job)
        #expect(try jobs.find("second") == nil)
        #expect(try jobs.contents(of: job).input == Array(#"{"a":1}"#.utf8))
        let second = try fixture.insert()
        #expect(second.number == 2 && second.state == .queued && second.key == nil)
    }

    @Test func `saves every column that a transition changes`() throws {
        let new = try fixture.insert(key: "k")
        let full = JobRecord(
            number: new.number, id: new.id, kind: new.kind, isExternal: new.isExternal, key: "k",
            priority: new.priority, state: .running, figures: .sample(progress: 43.21), attempt: 2,
            maximumAttempts: new.maximumAttempts, isInterrupted: true, error: "Später.",
            errors: [
                JobFailure(attempt: 1, at: -5, error: "  two  spaces "),
                JobFailure(attempt: 2, at: .max, error: ""),
            ], model: "m:1", lease: "l", leaseUntil: 17, createdAt: new.createdAt, runAt: 18,
            startedAt: 19, finishedAt: nil)
        try jobs.save(full)
        #expect(try jobs.find(new.id) == full)
        var ended = full
        allowed(ended.fail("No.", retryAt: nil, lease: "l", at: 20))
        try jobs.save(ended)
        #expect(try jobs.find(new.id) == ended)
        try jobs.save(new)
        #expect(try jobs.find(new.id) == new, "and every one that can be null back to null")
    }

    @Test func `saves figures alone`() throws {
        var job = try fixture.insert(.running)
        var other = job
        allowed(job.report(.sample(progress: 12.5), lease: job.lease ?? ""))
        allowed(other.heartbeat(lease: other.lease ?? "", until: 9))
        try jobs.save(other)
        try jobs.saveFigures(job)
        other.figures = job.figures
        #expect(try jobs.find(job.id) == other)
    }

    @Test func `keeps a reason on one line of the list of reasons`() throws {
        var job = try fixture.insert(.running)
        allowed(job.fail("1 2\nline\r\n\n", retryAt: nil, lease: job.lease ?? "", at: 5))
        try jobs.save(job)
        let found = try #require(try jobs.find(job.id))
        #expect(found.error == "1 2\nline\r\n\n")
        #expect(found.errors == [JobFailure(attempt: 1, at: 5, error: "1 2 line\r  ")])
    }

    @Test func `refuses what contradicts itself`() throws {
        let job = try fixture.insert(.succeeded)
        for change in [
            "finished_at = NULL", "lease = 'x'", "state = 'running'", "state = 'other'",
            "progress = 101", "progress = -1", "priority = 0", "priority = 5",
        ] {
            let error = storeError {
                try fixture.database.execute(
                    "UPDATE jobs SET \(change) WHERE number = \(job.number)")
            }
            #expect(error?.kind == .constraint, "\(change)")
        }
        #expect(try jobs.find(job.id) == job)
    }

    @Test func `refuses a second job of one name`() throws {
        let job = try fixture.insert()
        let error = storeError {
            _ = try jobs.insert(NewJob(kind: "x", input: []), id: job.id, at: 1)
        }
        #expect(error?.kind == .constraint)
    }

    // MARK: Keys

    @Test(arguments: [JobState.queued, .scheduled, .running, .succeeded])
    func `has one job of a key`(state: JobState) throws {
        let job = try fixture.insert(state, key: "k")
        #expect(try jobs.find(key: "k") == job)
        #expect(storeError { _ = try fixture.insert(key: "k") }?.kind == .constraint)
        #expect(try jobs.find(key: "K") == nil)
        try fixture.insert(key: "K")
        try fixture.insert()
        try fixture.insert()
        #expect(try jobs.find(key: "k") == job)
    }

    @Test(arguments: [JobState.failed, .cancelled])
    func `gives the key of a job that came to nothing to another`(state: JobState) throws {
        var old = try fixture.insert(state, key: "k")
        #expect(try jobs.find(key: "k") == nil)
        let new = try fixture.insert(key: "k")
        #expect(try jobs.find(key: "k") == new)
        // Which then keeps it: the old one cannot be restarted.
        allowed(old.restart(at: 5_000))
        #expect(storeError { try jobs.save(old) }?.kind == .constraint)
    }

    // MARK: Contents

    @Test func `keeps what a job gave`() throws {
        let job = try fixture.insert(input: #"["\u0000"]"#)
        let other = try fixture.insert()
        #expect(
            try jobs.contents(of: job)
                == JobContents(
                    input: Array(#"["\u0000"]"#.utf8), result: nil, content: nil))
        try jobs.setResult([0, 255], of: job)
        try jobs.setContent("a\u{0}é", of: job)
        let contents = try jobs.contents(of: job)
        #expect(contents.result == [0, 255] && contents.content == "a\u{0}é")
        #expect(contents.input == Array(#"["\u0000"]"#.utf8))
        try jobs.setResult([], of: job)
        try jobs.setContent("", of: job)
        #expect(try jobs.contents(of: job).result == [], "empty is not missing")
        #expect(try jobs.contents(of: job).content == "")
        try jobs.setResult(nil, of: job)
        try jobs.setContent(nil, of: job)
        #expect(try jobs.contents(of: job).result == nil)
        #expect(try jobs.contents(of: job).content == nil)
        #expect(try jobs.contents(of: other).content == nil)
    }

    @Test func `reports a job without its contents as damage`() throws {
        let job = try fixture.insert()
        try fixture.database.execute("DELETE FROM job_data")
        #expect(storeError { _ = try jobs.contents(of: job) }?.kind == .corrupt)
    }

    @Test func `keeps what steps gave, by job and name`() throws {
        let job = try fixture.insert()
        let other = try fixture.insert()
        #expect(try jobs.step("a", of: job) == nil)
        try jobs.keepStep("a", result: [1], of: job)
        try jobs.keepStep("a/2", result: [], of: job)
        try jobs.keepStep("a", result: [3], of: other)
        #expect(try jobs.step("a", of: job) == [1])
        #expect(try jobs.step("a/2", of: job) == [])
        #expect(try jobs.step("A", of: job) == nil)
        try jobs.keepStep("a", result: [4], of: job)
        #expect(try jobs.step("a", of: job) == [4])
        #expect(try jobs.step("a", of: other) == [3])
    }

    @Test func `removes jobs that ended before a time, oldest first, with all that is theirs`()
        throws
    {
        let times: [Int64] = [5_000, 3_000, 4_000, 6_000]
        let states = [JobState.succeeded, .failed, .cancelled, .succeeded]
        for (time, state) in zip(times, states) {
            let job = try fixture.insert(state, at: time)
            try jobs.keepStep("a", result: [1], of: job)
        }
        for state in [JobState.queued, .scheduled, .running] { try fixture.insert(state) }
        #expect(try jobs.prune(endedBefore: 3_000, limit: 9) == 0)
        #expect(try jobs.prune(endedBefore: 6_000, limit: 2) == 2)
        #expect(try ids() == ["7", "6", "5", "4", "1"])
        #expect(try jobs.prune(endedBefore: 6_000, limit: 2) == 1)
        #expect(try jobs.prune(endedBefore: 6_000, limit: 2) == 0)
        #expect(try jobs.prune(endedBefore: .max, limit: 2) == 1)
        #expect(try ids() == ["7", "6", "5"])
        for (table, count) in [("jobs", 3), ("job_data", 3), ("job_steps", 0)] as [(String, Int64)]
        {
            #expect(try fixture.database.integer("SELECT count(*) FROM \(table)") == count)
        }
    }

    private func ids() throws -> [String] {
        try jobs.list(state: nil, kind: nil, before: nil, limit: 100).map(\.id)
    }
}
