internal import Records

extension JobTable {
    func contents(of job: JobRecord) throws(LogUnavailable) -> JobContents {
        let select = try database.statement(
            "SELECT input, result, content FROM job_data WHERE job = ?1")
        select.bind(1, job.number)
        let found = try select.rows { row in
            JobContents(
                input: row.bytes(0), result: row.isNull(1) ? nil : row.bytes(1),
                content: row.optionalText(2))
        }
        guard let contents = found.first else {
            throw LogUnavailable(.corrupt, message: "job \(job.id) has no input")
        }
        return contents
    }

    func setResult(_ result: [UInt8]?, of job: JobRecord) throws(LogUnavailable) {
        let update = try database.statement("UPDATE job_data SET result = ?2 WHERE job = ?1")
        update.bind(1, job.number)
        update.bind(2, result)
        try update.run()
    }

    func setContent(_ content: String?, of job: JobRecord) throws(LogUnavailable) {
        let update = try database.statement("UPDATE job_data SET content = ?2 WHERE job = ?1")
        update.bind(1, job.number)
        update.bind(2, content)
        try update.run()
    }

    // MARK: Steps

    func step(_ name: String, of job: JobRecord) throws(LogUnavailable) -> [UInt8]? {
        let select = try database.statement(
            "SELECT result FROM job_steps WHERE job = ?1 AND name = ?2")
        select.bind(1, job.number)
        select.bind(2, name)
        return try select.rows { $0.bytes(0) }.first
    }

    func keepStep(
        _ name: String, result: [UInt8], of job: JobRecord
    ) throws(LogUnavailable) {
        let insert = try database.statement("REPLACE INTO job_steps VALUES (?1, ?2, ?3)")
        insert.bind(1, job.number)
        insert.bind(2, name)
        insert.bind(3, result)
        try insert.run()
    }

    // MARK: The past

    func past(kind: String, model: String?) throws(LogUnavailable) -> JobPast {
        let select = try database.statement(
            """
            SELECT elapsed, output_tokens FROM jobs INDEXED BY jobs_past
            WHERE state = 'succeeded' AND kind = ?1 AND model IS ?2
            ORDER BY finished_at DESC LIMIT 50
            """)
        select.bind(1, kind)
        select.bind(2, model)
        let rows = try select.rows { ($0.integer(0), $0.integer(1)) }
        guard !rows.isEmpty else { return JobPast(duration: nil, tokens: nil) }
        let durations = rows.map(\.0).sorted()
        let tokens = rows.map(\.1).sorted()
        return JobPast(
            duration: durations[durations.count / 2], tokens: Int(tokens[tokens.count * 3 / 4]))
    }
}
