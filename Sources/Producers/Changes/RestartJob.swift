internal import HTTP
internal import Hub
internal import Records

/// Puts a job that failed or was cancelled back into the queue.
struct RestartJob: StoreChange {
    let id: String
    let pipelines: [String: any Pipeline]

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<StoredJob, Problem> {
        guard var job = try records.jobs.find(id) else { return .failure(.noSuch("job", id)) }
        if let key = job.key, let other = try records.jobs.find(key: key), other.id != id {
            return .failure(Problem(.conflict, "The job \(other.id) has the key \(key) by now."))
        }
        guard job.restart(at: records.now) else { return .failure(.ended(job, "restarted")) }
        let stored = try StoredJob(job, in: records)
        if let pipeline = pipelines[job.kind] {
            let follows = try pipeline.reflect(
                .restarted, of: job, input: stored.contents.input, in: records,
                announcing: &events)
            guard follows else {
                return .failure(
                    Problem(.conflict, "What the job \(id) worked for has gone on without it."))
            }
        }
        try records.jobs.save(job)
        events.append(.jobUpdate(job))
        return .success(stored)
    }
}

extension Problem {
    /// Makes the problem that a job's state does not allow a change.
    static func ended(_ job: JobRecord, _ change: String) -> Problem {
        Problem(.conflict, "The job \(job.id) is \(job.state.rawValue) and cannot be \(change).")
    }
}
