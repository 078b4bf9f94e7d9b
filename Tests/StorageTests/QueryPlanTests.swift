import Testing

@testable import Storage

/// Each statement that the store has used, and how SQLite runs it: cost must not grow with the log.
@Suite(.timeLimit(.minutes(5)))
struct `The query plans` {
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
            let scans = ["events", "event_resources", "retained", "idempotency"].contains {
                step.hasPrefix("SCAN \($0)")
            }
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
        "SELECT seq FROM event_resources WHERE resource IN ('a:1', 'a:2') ORDER BY seq",
        "SELECT count(*) FROM retained",
    ])
    func `are judged by a check that fails`(sql: String) throws {
        let database = fixture.store.database
        #expect(!faults(of: sql, try plan(of: sql, database)).isEmpty)
    }
}
