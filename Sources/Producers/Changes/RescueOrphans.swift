internal import Hub
internal import Records

/// Takes back the jobs that were running in a hub which was killed, and says who works now.
struct RescueOrphans: StoreChange {
    let pipelines: [String: any Pipeline]
    /// What that hub announced of activity.
    let activity: ActivityMemory

    /// - Returns: how many jobs were running, and what is announced of activity now.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> (count: Int, activity: ActivityMemory) {
        let orphans = try records.jobs.runningInside()
        for var job in orphans
        where job.rescue("The hub ended while attempt \(job.attempt) ran.", at: records.now) {
            try records.saveTurn(of: job, pipelines, announcing: &events)
        }
        let announcement = AnnounceActivity(memory: activity)
        return (orphans.count, try announcement.apply(to: records, announcing: &events))
    }
}
