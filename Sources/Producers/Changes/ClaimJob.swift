internal import HTTP
internal import Hub
internal import Records

/// Claims the next queued job of some kinds for a worker outside.
struct ClaimJob: StoreChange {
    let kinds: [String]
    /// Milliseconds for which the lease holds.
    let leaseTime: Int64

    /// - Returns: the job with its lease; `nil` when no job is queued.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<StoredJob?, Problem> {
        guard var job = try records.jobs.next(kinds: kinds),
            job.claim(
                lease: records.makeID(), until: records.now + leaseTime, model: nil,
                at: records.now)
        else { return .success(nil) }
        try records.jobs.save(job)
        events.append(.jobUpdate(job))
        return .success(try StoredJob(job, in: records))
    }
}
