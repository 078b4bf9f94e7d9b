internal import HTTP
internal import Hub
internal import Records

/// Cancels a job, unless it has ended.
struct CancelJob: StoreChange {
    let id: String
    let pipelines: [String: any Pipeline]

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<StoredJob, Problem> {
        guard var job = try records.jobs.find(id) else { return .failure(.noSuch("job", id)) }
        guard job.cancel("The job was cancelled.", at: records.now) else {
            return .failure(.ended(job, "cancelled"))
        }
        try records.saveTurn(of: job, pipelines, announcing: &events)
        return .success(try StoredJob(job, in: records))
    }
}
