import Testing

@testable import Records
@testable import Storage

/// Each statement that the store has used, and how SQLite runs it: cost must not grow with the log.
@Suite(.timeLimit(.minutes(5)))
struct `The query plans` {
    private static let tables = [
        "events", "retained", "idempotency", "jobs", "job_data", "job_steps",
        "sessions", "influencers", "posts", "media",
    ]

    private let fixture: Fixture

    init() throws {
        fixture = try Fixture()
        for number in 0..<20 {
            let event = NewEvent("a:\(number)", "b:1", isRetained: true, key: "\(number)")
            try fixture.append(event)
        }
    }

    private func plan(of sql: String, _ database: Database) throws -> [String] {
        let rows = try database.statement("EXPLAIN QUERY PLAN " + sql)
        defer { rows.reset() }
        var steps: [String] = []
        while try rows.step() { steps.append(rows.text(3)) }
        return steps
    }

    /// What a plan must not do.
    ///
    /// From an end of the log, in its own order, as far as a limit: that is no scan.
    private func faults(of sql: String, _ plan: [String]) -> [String] {
        let isFromAnEnd =
            sql.contains("FROM events ORDER BY seq LIMIT")
            || sql.contains("FROM events ORDER BY seq DESC LIMIT")
        return plan.filter { step in
            let scans = Self.tables.contains { step.hasPrefix("SCAN \($0)") }
            return (scans && !isFromAnEnd) || step.contains("TEMP B-TREE")
        }
    }

    private func check(_ database: Database, atLeast count: Int, except: [String] = []) throws {
        let used = database.statements.keys.filter { sql in
            !sql.hasPrefix("PRAGMA") && !sql.hasPrefix("EXPLAIN")
                && !except.contains { sql.contains($0) }
        }
        #expect(used.count >= count, "the statements are looked at when they have been used")
        for sql in used {
            let plan = try plan(of: sql, database)
            #expect(faults(of: sql, plan).isEmpty, "\(sql)\n\(plan)")
        }
    }

    @Test func `of the readers search, and sort nothing`() throws {
        let reader = fixture.reader
        let selectors = ["a:1", "b:*"]
        _ = try reader.page(after: 3, upTo: 20, selectors: selectors, limit: 5, byteLimit: 1000)
        _ = try reader.state(selectors: selectors, after: 0, upTo: 20, limit: 5)
        _ = try reader.states(selectors: selectors)
        // The names of one resource have no index by sequence: they are few, and sorted.
        try check(reader.database, atLeast: 5, except: ["FROM retained\nWHERE resource"])
        let state = try #require(
            reader.database.statements.keys.first { $0.contains("FROM retained\nWHERE resource") })
        let plan = try plan(of: state, reader.database)
        #expect(plan.first?.hasPrefix("SEARCH retained USING INDEX") == true, "\(plan)")
        #expect(plan.first?.contains("(resource=?)") == true, "\(plan)")
    }

    @Test func `of the writer and the pruner search, and sort nothing`() throws {
        let store = fixture.store
        _ = try store.newest(count: 5, bytes: 1000)
        try fixture.pruneAll(.age(0), limit: 3)
        try fixture.pruneAll(.bytes(1), limit: 3)
        fixture.now += 1 << 40
        try fixture.pruneAll(.age(1), limit: 3)
        #expect(store.oldest == 21)
        try check(store.database, atLeast: 14)
    }

    @Test func `of jobs and records search, and sort nothing`() throws {
        let database = fixture.store.database
        let records = RecordTables(database, at: 1_000)
        try database.transaction { () throws(LogUnavailable) in
            for number in 0..<10_000 {
                _ = try records.jobs.insert(
                    NewJob(kind: "post", input: [1], key: "\(number)", priority: 1 + number % 4),
                    id: "\(number)", at: 1_000)
            }
        }
        let known = Set(database.statements.keys)
        try useJobs(of: records)
        try useRecords(of: records)
        let used = database.statements.keys.filter { !known.contains($0) }
        #expect(used.count >= 32, "the statements are looked at when they have been used")
        try check(database, atLeast: used.count)
    }

    private func useJobs(of records: RecordTables) throws {
        let jobs = records.jobs
        let job = try #require(try jobs.next(kinds: ["post", "avatar"]))
        #expect(job.id == "0")
        try jobs.save(job)
        try jobs.saveFigures(job)
        #expect(try jobs.find(key: "9999")?.id == "9999")
        _ = try jobs.contents(of: job)
        try jobs.setResult([1], of: job)
        try jobs.setContent("text", of: job)
        try jobs.keepStep("a", result: [1], of: job)
        _ = try jobs.step("a", of: job)
        _ = try jobs.past(kind: "post", model: "m")
        _ = try jobs.due(at: 1_000, limit: 10)
        _ = try jobs.overdue(at: 1_000, limit: 10)
        _ = try jobs.nextDue()
        _ = try jobs.runningInside()
        for kind in [nil, "post"] {
            for state in [nil, JobState.queued] {
                _ = try jobs.list(state: state, kind: kind, before: 90, limit: 5)
            }
        }
        #expect(try jobs.count(.queued) == 10_000)
        var ended = job
        allowed(ended.cancel("No.", at: 1_000))
        try jobs.save(ended)
        #expect(try jobs.prune(endedBefore: 1_001, limit: 5) == 1)
    }

    private func useRecords(of records: RecordTables) throws {
        try records.sessions.insert(
            SessionRecord(id: "s", prompt: "", avatarCount: 1, job: "j", at: 1))
        var session = try #require(try records.sessions.find("s"))
        try records.sessions.save(&session, at: 2)
        _ = try records.sessions.list(before: 5, limit: 5)
        try records.influencers.insert(
            InfluencerRecord(id: "i", session: "s", name: "Ann", avatarURL: "", persona: [], at: 1))
        #expect(try records.influencers.find("i") == records.influencers.find(session: "s"))
        _ = try records.influencers.list(before: 5, limit: 5)
        try records.posts.insert(PostRecord(id: "p", influencer: "i", prompt: "", job: "j", at: 1))
        var post = try #require(try records.posts.find("p"))
        try records.posts.save(&post, at: 2)
        _ = try records.posts.list(influencer: "i", before: 5, limit: 5)
        try records.media.insert(MediaRecord(id: "m", type: "", bytes: [], at: 1))
        _ = try records.media.find("m")
    }

    @Test func `at the start read the names of what has state, by an index alone`() throws {
        try fixture.store.stateResources { _ in }
        let sql = try #require(
            fixture.store.database.statements.keys.first { $0.contains("DISTINCT") })
        let plan = try plan(of: sql, fixture.store.database)
        #expect(plan.count == 1 && plan[0].contains("USING COVERING INDEX"), "\(plan)")
    }

    @Test(arguments: [
        "SELECT * FROM events WHERE at < 1",
        "SELECT seq FROM events ORDER BY at LIMIT 1",
        "SELECT count(*) FROM retained",
        "SELECT * FROM jobs WHERE message = 'x'",
        "SELECT * FROM jobs WHERE state = 'queued' AND kind = 'post' ORDER BY run_at",
        "SELECT * FROM sessions ORDER BY number",
        "DELETE FROM media WHERE type = 'x'",
    ])
    func `are judged by a check that fails`(sql: String) throws {
        let database = fixture.store.database
        #expect(!faults(of: sql, try plan(of: sql, database)).isEmpty)
    }
}
