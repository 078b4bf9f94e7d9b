internal import Hub
internal import Records

/// Puts running jobs back into the queue with their attempt and progress, when the hub stops.
struct InterruptJobs: StoreChange {
    /// The identifiers of the jobs, by lease.
    let jobs: [String: String]

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        for (lease, id) in jobs {
            guard var job = try records.jobs.find(id), job.interrupt(lease: lease, at: records.now)
            else { continue }
            try records.jobs.save(job)
            events.append(.jobUpdate(job))
        }
    }
}
