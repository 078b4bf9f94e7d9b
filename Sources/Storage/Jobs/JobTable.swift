// Jobs in SQLite. A change reads a record, applies one transition to it and saves it, all within
// the writer's transaction; so there is one description of the state machine, and it needs no SQL.
// Cost: every query goes by an index (checked by a test on the query plans); none looks at all
//   jobs. Each names its index: left to itself, SQLite takes the one with more equal columns and
//   sorts the whole queue for one job.

internal import Records

/// The jobs of a store; valid as long as its database is open.
struct JobTable: JobStore {
    private static let form = RecordForm<JobRecord>("jobs")

    let database: Database
    private let table: RecordTable<JobRecord>

    init(_ database: Database) {
        self.database = database
        table = RecordTable(database: database, form: Self.form)
    }

    // MARK: Changes

    func insert(_ job: NewJob, id: String, at now: Int64) throws(LogUnavailable) -> JobRecord {
        let record = try table.insert(JobRecord(job, id: id, at: now))
        let data = try database.statement("INSERT INTO job_data (job, input) VALUES (?1, ?2)")
        data.bind(1, record.number)
        data.bind(2, job.input)
        try data.run()
        return record
    }

    func save(_ job: JobRecord) throws(LogUnavailable) {
        try table.update(job)
    }

    func saveFigures(_ job: JobRecord) throws(LogUnavailable) {
        try table.updateFigures(job)
    }

    func prune(
        endedBefore time: Int64, limit: Int
    ) throws(LogUnavailable) -> Int {
        let numbers = try database.statement(
            """
            SELECT number FROM jobs INDEXED BY jobs_finished
            WHERE finished_at IS NOT NULL AND finished_at < ?1
            ORDER BY finished_at LIMIT ?2
            """)
        numbers.bind(1, time)
        numbers.bind(2, Int64(limit))
        let found = try numbers.rows { $0.integer(0) }
        for number in found { try delete(number) }
        return found.count
    }

    func delete(_ job: JobRecord) throws(LogUnavailable) { try delete(job.number) }

    private func delete(_ number: Int64) throws(LogUnavailable) {
        for sql in [
            "DELETE FROM job_steps WHERE job = ?1", "DELETE FROM job_data WHERE job = ?1",
            "DELETE FROM jobs WHERE number = ?1",
        ] {
            let delete = try database.statement(sql)
            delete.bind(1, number)
            try delete.run()
        }
    }

    // MARK: Reading

    func find(_ id: String) throws(LogUnavailable) -> JobRecord? {
        try first("WHERE id = ?1") { $0.bind(1, id) }
    }

    func find(articleHash: String) throws(LogUnavailable) -> JobRecord? {
        try first("INDEXED BY articles_by_hash WHERE kind = 'article' AND substr(id, -12) = ?1") {
            $0.bind(1, articleHash)
        }
    }

    func ended(
        kind: String, before time: Int64, limit: Int
    ) throws(LogUnavailable) -> [JobRecord] {
        try table.rows(
            """
            INDEXED BY jobs_finished_by_kind WHERE kind = ?1 AND finished_at IS NOT NULL
            AND finished_at < ?2 ORDER BY finished_at LIMIT ?3
            """
        ) {
            $0.bind(1, kind)
            $0.bind(2, time)
            $0.bind(3, Int64(limit))
        }
    }

    func find(key: String) throws(LogUnavailable) -> JobRecord? {
        try first("WHERE key = ?1 AND state NOT IN ('failed', 'cancelled')") { $0.bind(1, key) }
    }

    func next(kinds: [String]) throws(LogUnavailable) -> JobRecord? {
        var best: JobRecord?
        for kind in kinds {
            let candidate = try first(
                "INDEXED BY jobs_ready WHERE state = 'queued' AND kind = ?1 ORDER BY priority, number LIMIT 1"
            ) { $0.bind(1, kind) }
            guard let candidate else { continue }
            if let best, (best.priority, best.number) < (candidate.priority, candidate.number) {
                continue
            }
            best = candidate
        }
        return best
    }

    func due(at now: Int64, limit: Int) throws(LogUnavailable) -> [JobRecord] {
        try table.rows(
            "INDEXED BY jobs_due WHERE state = 'scheduled' AND run_at <= ?1 ORDER BY run_at LIMIT ?2"
        ) {
            $0.bind(1, now)
            $0.bind(2, Int64(limit))
        }
    }

    func nextDue() throws(LogUnavailable) -> Int64? {
        let due = try database.integer(
            "SELECT min(run_at) FROM jobs INDEXED BY jobs_due WHERE state = 'scheduled'")
        let overdue = try database.integer(
            """
            SELECT lease_until + 1 FROM jobs INDEXED BY jobs_leased
            WHERE state = 'running' AND lease_until >= 0 ORDER BY lease_until LIMIT 1
            """)
        return [due, overdue].compactMap { $0 }.min()
    }

    func overdue(at now: Int64, limit: Int) throws(LogUnavailable) -> [JobRecord] {
        try table.rows(
            """
            INDEXED BY jobs_leased WHERE state = 'running' AND lease_until < ?1
            ORDER BY lease_until LIMIT ?2
            """
        ) {
            $0.bind(1, now)
            $0.bind(2, Int64(limit))
        }
    }

    func runningInside() throws(LogUnavailable) -> [JobRecord] {
        try table.rows(
            "INDEXED BY jobs_leased WHERE state = 'running' AND lease_until IS NULL ORDER BY number"
        )
    }

    func list(
        state: JobState?, kind: String?, before: Int64?, limit: Int
    ) throws(LogUnavailable) -> [JobRecord] {
        var conditions = ["number < ?1"]
        if state != nil { conditions.append("state = ?2") }
        if kind != nil { conditions.append("kind = ?3") }
        let index =
            switch (state, kind) {
            case (nil, nil): "NOT INDEXED "
            case (nil, _): "INDEXED BY jobs_by_kind "
            case (_, nil): "INDEXED BY jobs_by_state "
            default: "INDEXED BY jobs_by_kind_and_state "
            }
        return try table.rows(
            "\(index)WHERE \(conditions.joined(separator: " AND ")) ORDER BY number DESC LIMIT ?4"
        ) {
            $0.bind(1, before ?? .max)
            if let state { $0.bind(2, state.rawValue) }
            if let kind { $0.bind(3, kind) }
            $0.bind(4, Int64(limit))
        }
    }

    func count(_ state: JobState, maximum: Int) throws(LogUnavailable) -> Int {
        let count = try database.statement(
            "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = ?1 LIMIT ?2)")
        count.bind(1, state.rawValue)
        count.bind(2, Int64(maximum))
        return try count.rows { Int($0.integer(0)) }.first ?? 0
    }

    private func first(
        _ clauses: String, _ bind: (Statement) -> Void
    ) throws(LogUnavailable) -> JobRecord? {
        try table.rows(clauses, bind).first
    }
}
