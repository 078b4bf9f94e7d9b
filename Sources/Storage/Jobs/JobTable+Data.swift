extension JobTable {
    /// What a job was given and what it gave.
    package struct Contents: Sendable, Equatable {
        /// Compact JSON.
        package let input: [UInt8]
        /// Compact JSON; `nil` unless it succeeded.
        package let result: [UInt8]?
        /// The text that it generated, when that is complete.
        package let content: String?
    }

    package func contents(of job: JobRecord) throws(StoreError) -> Contents {
        let select = try database.statement(
            "SELECT input, result, content FROM job_data WHERE job = ?1")
        select.bind(1, job.number)
        let found = try select.rows { row in
            Contents(
                input: row.bytes(0), result: row.isNull(1) ? nil : row.bytes(1),
                content: row.optionalText(2))
        }
        guard let contents = found.first else {
            throw StoreError(.corrupt, message: "job \(job.id) has no input")
        }
        return contents
    }

    package func setResult(_ result: [UInt8]?, of job: JobRecord) throws(StoreError) {
        let update = try database.statement("UPDATE job_data SET result = ?2 WHERE job = ?1")
        update.bind(1, job.number)
        update.bind(2, result)
        try update.run()
    }

    package func setContent(_ content: String?, of job: JobRecord) throws(StoreError) {
        let update = try database.statement("UPDATE job_data SET content = ?2 WHERE job = ?1")
        update.bind(1, job.number)
        update.bind(2, content)
        try update.run()
    }

    // MARK: Steps

    /// What a finished step gave, as JSON; `nil` when it has not been done.
    package func step(_ name: String, of job: JobRecord) throws(StoreError) -> [UInt8]? {
        let select = try database.statement(
            "SELECT result FROM job_steps WHERE job = ?1 AND name = ?2")
        select.bind(1, job.number)
        select.bind(2, name)
        return try select.rows { $0.bytes(0) }.first
    }

    package func keepStep(
        _ name: String, result: [UInt8], of job: JobRecord
    ) throws(StoreError) {
        let insert = try database.statement("REPLACE INTO job_steps VALUES (?1, ?2, ?3)")
        insert.bind(1, job.number)
        insert.bind(2, name)
        insert.bind(3, result)
        try insert.run()
    }

    // MARK: The past

    /// What jobs of a kind and model took that succeeded lately.
    package struct Past: Sendable, Equatable {
        /// Milliseconds, in the median.
        package let duration: Int64?
        /// Tokens, at the upper quartile.
        package let tokens: Int?

        package init(duration: Int64?, tokens: Int?) {
            self.duration = duration
            self.tokens = tokens
        }
    }

    package func past(kind: String, model: String?) throws(StoreError) -> Past {
        let select = try database.statement(
            """
            SELECT elapsed, output_tokens FROM jobs INDEXED BY jobs_past
            WHERE state = 'succeeded' AND kind = ?1 AND model IS ?2
            ORDER BY finished_at DESC LIMIT 50
            """)
        select.bind(1, kind)
        select.bind(2, model)
        let rows = try select.rows { ($0.integer(0), $0.integer(1)) }
        guard !rows.isEmpty else { return Past(duration: nil, tokens: nil) }
        let durations = rows.map(\.0).sorted()
        let tokens = rows.map(\.1).sorted()
        return Past(
            duration: durations[durations.count / 2], tokens: Int(tokens[tokens.count * 3 / 4]))
    }
}

extension JobRecord {
    /// Reads the present row of a query for all columns, in the order of the table.
    init(_ row: Statement) {
        number = row.integer(0)
        id = row.text(1)
        kind = row.text(2)
        isExternal = row.integer(3) != 0
        key = row.optionalText(4)
        priority = Int(row.integer(5))
        state = JobState(rawValue: row.text(6)) ?? .failed
        figures = JobFigures()
        figures.step = row.optionalText(7)
        figures.message = row.optionalText(8)
        figures.progress = row.real(9)
        attempt = Int(row.integer(10))
        maximumAttempts = Int(row.integer(11))
        isInterrupted = row.integer(12) != 0
        figures.currentTokens = Int(row.integer(13))
        figures.inputTokens = Int(row.integer(14))
        figures.outputTokens = Int(row.integer(15))
        figures.tokensPerSecond = row.optionalReal(16)
        figures.elapsed = row.integer(17)
        figures.remaining = row.optionalInteger(18)
        figures.contentLength = Int(row.integer(19))
        figures.contentRate = row.optionalReal(20)
        error = row.optionalText(21)
        errors = JobFailure.decode(row.text(22))
        model = row.optionalText(23)
        lease = row.optionalText(24)
        leaseUntil = row.optionalInteger(25)
        createdAt = row.integer(26)
        runAt = row.integer(27)
        startedAt = row.optionalInteger(28)
        finishedAt = row.optionalInteger(29)
    }
}

extension JobFailure {
    // One line per failure: attempt, time, text; the text's own line feeds become spaces.

    static func encode(_ failures: [JobFailure]) -> String {
        failures.map { failure in
            let text = String(failure.error.unicodeScalars.map { $0 == "\n" ? " " : Character($0) })
            return "\(failure.attempt) \(failure.at) \(text)"
        }.joined(separator: "\n")
    }

    static func decode(_ text: String) -> [JobFailure] {
        text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let parts = line.split(
                separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let attempt = Int(Substring(parts[0])),
                let at = Int64(Substring(parts[1]))
            else { return nil }
            return JobFailure(attempt: attempt, at: at, error: String(Substring(parts[2])))
        }
    }
}
