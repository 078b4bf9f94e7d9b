import Testing

@testable import Records
@testable import Storage

/// What SQLite does for each query of a queue, by its own count of instructions: no time is
/// measured.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Costs.canBeRead, "SQLite tells no costs"))
struct `The cost of the queue` {
    @Test func `does not grow with its length`() throws {
        let few = try Costs(jobs: 1_000)
        let many = try Costs(jobs: 10_000)
        #expect(few.names == many.names)
        #expect(many.names.count >= 20, "the statements are looked at when they have been used")
        for sql in many.names {
            let (small, large) = (try #require(few[sql]), try #require(many[sql]))
            #expect(large.scanned == 0, "\(sql)")
            #expect(large.sorted == 0, "\(sql)")
            #expect(large.instructions <= small.instructions + 50, "\(sql)")
        }
        let claim = try #require(many.names.first { $0.contains("ORDER BY priority, number") })
        #expect(try #require(many[claim]).instructions < 120)
    }

    @Test func `is judged by a count that grows`() throws {
        let sql = "SELECT id FROM jobs WHERE message IS NULL ORDER BY lease LIMIT 1"
        let few = try #require(try Costs(jobs: 100, further: sql)[sql])
        let many = try #require(try Costs(jobs: 1_000, further: sql)[sql])
        #expect(few.scanned >= 99 && few.sorted == 1)
        #expect(many.scanned >= 999 && many.instructions > 5 * few.instructions)
    }
}

private struct Costs {
    struct Cost {
        var instructions = 0
        var scanned = 0
        var sorted = 0

        func since(_ earlier: Cost) -> Cost {
            Cost(
                instructions: instructions - earlier.instructions,
                scanned: scanned - earlier.scanned, sorted: sorted - earlier.sorted)
        }
    }

    /// Whether SQLite tells what its statements cost (SQLITE_ENABLE_STMTVTAB, as in Debian and
    /// Ubuntu).
    static let canBeRead: Bool = {
        guard let database = try? Database.inMemory() else { return false }
        defer { database.close() }
        return (try? database.integer("SELECT count(*) FROM sqlite_stmt")) != nil
    }()

    private var costs: [String: Cost] = [:]

    var names: [String] { costs.keys.sorted() }

    subscript(sql: String) -> Cost? { costs[sql] }

    /// Uses every query of the table on a queue of so many jobs, a tenth of them of each state but
    /// queued.
    init(jobs count: Int, further sql: String? = nil) throws {
        let fixture = try JobFixture()
        try fixture.database.transaction { () throws(LogUnavailable) in
            do {
                for number in 0..<count {
                    try fixture.insert(key: "\(number)", priority: 1 + number % 4)
                }
                for state in JobState.allCases where state != .queued {
                    for number in 0..<count / 10 {
                        try fixture.insert(
                            state, key: "\(state) \(number)", model: "m",
                            at: 2_000 + Int64(number))
                    }
                }
            } catch {
                Issue.record(error)
            }
        }
        let before = try Self.read(fixture.database)
        try Self.use(fixture)
        if let sql { _ = try fixture.database.text(sql) }
        for (sql, cost) in try Self.read(fixture.database) where !sql.contains("sqlite_stmt") {
            let used = cost.since(before[sql] ?? Cost())
            if used.instructions > 0 { costs[sql] = used }
        }
    }

    /// What each statement of a connection has cost so far.
    private static func read(_ database: Database) throws -> [String: Cost] {
        let rows = try database.statement("SELECT sql, nstep, nscan, nsort FROM sqlite_stmt")
        let costs = try rows.rows { row in
            (
                row.text(0),
                Cost(
                    instructions: Int(row.integer(1)), scanned: Int(row.integer(2)),
                    sorted: Int(row.integer(3)))
            )
        }
        return Dictionary(costs) { first, _ in first }
    }

    private static func use(_ fixture: JobFixture) throws {
        let jobs = fixture.jobs
        var job = try #require(try jobs.next(kinds: ["post"]))
        allowed(job.claim(lease: "l", until: 1, model: "m", at: 1))
        try jobs.save(job)
        try jobs.saveFigures(job)
        _ = try jobs.find(job.id)
        _ = try jobs.find(key: "5")
        _ = try jobs.contents(of: job)
        try jobs.setResult([1], of: job)
        try jobs.setContent("a", of: job)
        try jobs.keepStep("a", result: [1], of: job)
        _ = try jobs.step("a", of: job)
        _ = try jobs.past(kind: "post", model: "m")
        _ = try jobs.due(at: .max, limit: 5)
        _ = try jobs.overdue(at: 5, limit: 5)
        _ = try jobs.nextDue()
        for kind in [nil, "post"] {
            for state in [nil, JobState.queued] {
                _ = try jobs.list(state: state, kind: kind, before: 90, limit: 5)
            }
        }
        _ = try jobs.count(.queued, maximum: 50)
        _ = try jobs.prune(endedBefore: .max, limit: 5)
    }
}
