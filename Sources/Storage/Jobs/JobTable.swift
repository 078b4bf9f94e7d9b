// Jobs in SQLite. A change reads a record, applies one transition to it and saves it, all within
// the writer's transaction; so there is one description of the state machine, and it needs no SQL.
// Cost: every query goes by an index (checked by a test on the query plans); none looks at all
//   jobs. Each names its index: left to itself, SQLite takes the one with more equal columns and
//   sorts the whole queue for one job.

/// The jobs of a store; valid as long as the database that it is given.
package struct JobTable {
    private static let columns = """
        number, id, kind, is_external, key, priority, state, step, message, progress, attempt, \
        max_attempts, interrupted, current_tokens, input_tokens, output_tokens, \
        tokens_per_second, elapsed, eta, content_length, content_rate, error, errors, model, lease, \
        lease_until, created_at, run_at, started_at, finished_at
        """

    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    // MARK: Changes

    /// Puts a job into the queue.
    package func insert(_ job: NewJob, id: String, at now: Int64) throws(StoreError) -> JobRecord {
        let insert = try database.statement(
            """
            INSERT INTO jobs (id, kind, is_external, key, priority, state, progress, attempt,
                max_attempts, interrupted, current_tokens, input_tokens, output_tokens, elapsed,
                content_length, errors, created_at, run_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, 0, 0, 0, 0, 0, 0, '', ?8, ?9)
            """)
        insert.bind(1, id)
        insert.bind(2, job.kind)
        insert.bind(3, job.isExternal ? 1 : Int64(0))
        insert.bind(4, job.key)
        insert.bind(5, Int64(job.priority))
        insert.bind(6, (job.delay > 0 ? JobState.scheduled : .queued).rawValue)
        insert.bind(7, Int64(job.maximumAttempts))
        insert.bind(8, now)
        insert.bind(9, now + max(0, job.delay))
        try insert.run()
        let data = try database.statement(
            "INSERT INTO job_data (job, input) VALUES (last_insert_rowid(), ?1)")
        data.bind(1, job.input)
        try data.run()
        guard let record = try find(id) else {
            throw StoreError(.corrupt, message: "job \(id) is not where it was put")
        }
        return record
    }

    /// Writes back a record that was read in this transaction.
    package func save(_ job: JobRecord) throws(StoreError) {
        let update = try database.statement(
            """
            UPDATE jobs SET state = ?2, step = ?3, message = ?4, progress = ?5, attempt = ?6,
                interrupted = ?7, current_tokens = ?8, input_tokens = ?9, output_tokens = ?10,
                tokens_per_second = ?11, elapsed = ?12, eta = ?13, content_length = ?14,
                content_rate = ?15, error = ?16, errors = ?17, model = ?18, lease = ?19,
                lease_until = ?20, run_at = ?21, started_at = ?22, finished_at = ?23
            WHERE number = ?1
            """)
        update.bind(1, job.number)
        update.bind(2, job.state.rawValue)
        update.bind(6, Int64(job.attempt))
        update.bind(7, job.isInterrupted ? 1 : Int64(0))
        Self.bind(job.figures, to: update, progress: 5, tokens: 8)
        update.bind(16, job.error)
        update.bind(17, JobFailure.encode(job.errors))
        update.bind(18, job.model)
        update.bind(19, job.lease)
        update.bind(20, job.leaseUntil)
        update.bind(21, job.runAt)
        update.bind(22, job.startedAt)
        update.bind(23, job.finishedAt)
        try update.run()
    }

    /// Writes back the figures alone, which no index has to follow.
    package func saveFigures(_ job: JobRecord) throws(StoreError) {
        let update = try database.statement(
            """
            UPDATE jobs SET step = ?3, message = ?4, progress = ?5, current_tokens = ?8,
                input_tokens = ?9, output_tokens = ?10, tokens_per_second = ?11, elapsed = ?12,
                eta = ?13, content_length = ?14, content_rate = ?15
            WHERE number = ?1
            """)
        update.bind(1, job.number)
        Self.bind(job.figures, to: update, progress: 5, tokens: 8)
        try update.run()
    }

    private static func bind(
        _ figures: JobFigures, to update: Statement, progress: Int32, tokens: Int32
    ) {
        update.bind(progress - 2, figures.step)
        update.bind(progress - 1, figures.message)
        update.bind(progress, figures.progress)
        update.bind(tokens, Int64(figures.currentTokens))
        update.bind(tokens + 1, Int64(figures.inputTokens))
        update.bind(tokens + 2, Int64(figures.outputTokens))
        update.bind(tokens + 3, figures.tokensPerSecond)
        update.bind(tokens + 4, figures.elapsed)
        update.bind(tokens + 5, figures.remaining)
        update.bind(tokens + 6, Int64(figures.contentLength))
        update.bind(tokens + 7, figures.contentRate)
    }

    /// Removes jobs that ended before a time, oldest first; how many.
    package func prune(
        endedBefore time: Int64, limit: Int
    ) throws(StoreError) -> Int {
        let numbers = try database.statement(
            """
            SELECT number FROM jobs INDEXED BY jobs_finished
            WHERE finished_at IS NOT NULL AND finished_at < ?1
            ORDER BY finished_at LIMIT ?2
            """)
        numbers.bind(1, time)
        numbers.bind(2, Int64(limit))
        let found = try numbers.rows { $0.integer(0) }
        for number in found {
            for sql in [
                "DELETE FROM job_steps WHERE job = ?1", "DELETE FROM job_data WHERE job = ?1",
                "DELETE FROM jobs WHERE number = ?1",
            ] {
                let delete = try database.statement(sql)
                delete.bind(1, number)
                try delete.run()
            }
        }
        return found.count
    }

    // MARK: Reading

    package func find(_ id: String) throws(StoreError) -> JobRecord? {
        try first("WHERE id = ?1") { $0.bind(1, id) }
    }

    /// The job that has this key and has not failed and is not cancelled.
    package func find(key: String) throws(StoreError) -> JobRecord? {
        try first("WHERE key = ?1 AND state NOT IN ('failed', 'cancelled')") { $0.bind(1, key) }
    }

    /// The queued job of these kinds that is next: by priority, then by age.
    package func next(kinds: [String]) throws(StoreError) -> JobRecord? {
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

    /// Scheduled jobs whose time has come.
    package func due(at now: Int64, limit: Int) throws(StoreError) -> [JobRecord] {
        try all(
            "INDEXED BY jobs_due WHERE state = 'scheduled' AND run_at <= ?1 ORDER BY run_at LIMIT ?2"
        ) {
            $0.bind(1, now)
            $0.bind(2, Int64(limit))
        }
    }

    /// When something happens next by itself: a scheduled job is due, or a lease runs out.
    package func nextDue() throws(StoreError) -> Int64? {
        let due = try database.integer(
            "SELECT min(run_at) FROM jobs INDEXED BY jobs_due WHERE state = 'scheduled'")
        let overdue = try database.integer(
            """
            SELECT lease_until + 1 FROM jobs INDEXED BY jobs_leased
            WHERE state = 'running' AND lease_until >= 0 ORDER BY lease_until LIMIT 1
            """)
        return [due, overdue].compactMap { $0 }.min()
    }

    /// Running jobs whose lease has run out.
    package func overdue(at now: Int64, limit: Int) throws(StoreError) -> [JobRecord] {
        try all(
            """
            INDEXED BY jobs_leased WHERE state = 'running' AND lease_until < ?1
            ORDER BY lease_until LIMIT ?2
            """
        ) {
            $0.bind(1, now)
            $0.bind(2, Int64(limit))
        }
    }

    /// Running jobs of this hub itself, whose leases never run out.
    package func runningInside() throws(StoreError) -> [JobRecord] {
        try all(
            "INDEXED BY jobs_leased WHERE state = 'running' AND lease_until IS NULL ORDER BY number"
        ) { _ in }
    }

    /// Jobs, newest first, before the one with the number `before`.
    package func list(
        state: JobState?, kind: String?, before: Int64?, limit: Int
    ) throws(StoreError) -> [JobRecord] {
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
        return try all(
            "\(index)WHERE \(conditions.joined(separator: " AND ")) ORDER BY number DESC LIMIT ?4"
        ) {
            $0.bind(1, before ?? .max)
            if let state { $0.bind(2, state.rawValue) }
            if let kind { $0.bind(3, kind) }
            $0.bind(4, Int64(limit))
        }
    }

    /// How many jobs are in a state; more than `most` are not counted.
    package func count(_ state: JobState, most: Int = 100_000) throws(StoreError) -> Int {
        let count = try database.statement(
            "SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = ?1 LIMIT ?2)")
        count.bind(1, state.rawValue)
        count.bind(2, Int64(most))
        return try count.rows { Int($0.integer(0)) }.first ?? 0
    }

    private func first(
        _ clause: String, _ bind: (Statement) -> Void
    ) throws(StoreError) -> JobRecord? {
        try all(clause, bind).first
    }

    private func all(
        _ clause: String, _ bind: (Statement) -> Void
    ) throws(StoreError) -> [JobRecord] {
        let select = try database.statement("SELECT \(Self.columns) FROM jobs \(clause)")
        bind(select)
        return try select.rows(JobRecord.init)
    }
}
