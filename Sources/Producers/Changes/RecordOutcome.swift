internal import Hub
internal import Records

/// Records how an attempt ended, provided that the run still holds the job's lease.
struct RecordOutcome: StoreChange {
    let outcome: JobOutcome
    let job: String
    let lease: String
    let figures: JobFigures
    let pipelines: [String: any Pipeline]

    /// - Returns: the job as it is now; `nil` when nothing was recorded, because the run no longer
    ///   holds the lease.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> JobRecord? {
        guard var job = try records.jobs.find(job), job.report(figures, lease: lease) else {
            return nil
        }
        switch outcome {
        case .lost: return nil
        case .succeeded(let completion):
            let success = SucceedJob(job: job, lease: lease, completion: completion)
            switch try records.attempt(success, announcing: &events) {
            case .success(let done): return done
            case .failure(let error):
                return try fail(
                    &job, JobError.message(of: error), retryAfter: nil, in: records,
                    announcing: &events)
            }
        case .failed(let message, let seconds):
            return try fail(
                &job, message, retryAfter: seconds, in: records, announcing: &events)
        }
    }

    private func fail(
        _ job: inout JobRecord, _ message: String, retryAfter seconds: Double?,
        in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> JobRecord? {
        let retryAt = seconds.map { records.now + Int64($0 * 1000) }
        guard job.fail(message, retryAt: retryAt, lease: lease, at: records.now) else { return nil }
        try records.saveTurn(of: job, pipelines, announcing: &events)
        return try records.jobs.find(job.id)
    }
}

/// Ends a job with its result, and applies the pipeline's last change.
private struct SucceedJob: StoreChange {
    let job: JobRecord
    let lease: String
    let completion: Completion

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> JobRecord? {
        var job = job
        guard job.succeed(lease: lease, at: records.now) else { return nil }
        try records.jobs.save(job)
        try records.jobs.setResult(completion.result, of: job)
        try completion.change?.apply(to: records, announcing: &events)
        events.append(.jobUpdate(job))
        return job
    }
}
