internal import Hub
internal import Records

/// Takes back the jobs that were running in a hub which was killed.
struct RescueOrphans: StoreChange {
    let pipelines: [String: any Pipeline]

    /// - Returns: how many jobs were running.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Int {
        let orphans = try records.jobs.runningInside()
        for var job in orphans
        where job.rescue("The hub ended while attempt \(job.attempt) ran.", at: records.now) {
            try records.saveTurn(of: job, pipelines, announcing: &events)
        }
        return orphans.count
    }
}
