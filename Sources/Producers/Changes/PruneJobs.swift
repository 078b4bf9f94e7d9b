internal import Hub
internal import Records

/// Deletes up to `limit` jobs that ended longer ago than they are kept.
struct PruneJobs: StoreChange {
    /// Milliseconds for which a finished job is kept.
    let retention: Int64
    /// Milliseconds for which it is kept if its kind's results live for a limited time.
    let resultAge: Int64
    let pipelines: [String: any Pipeline]
    let limit: Int

    /// - Returns: how many jobs were deleted.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Int {
        var count = 0
        for (kind, pipeline) in pipelines {
            let age = min(resultAge, retention)
            let ended = try records.jobs.ended(
                kind: kind, before: records.now - age, limit: limit - count)
            for job in ended {
                guard let pictures = try pipeline.pictures(of: job, in: records) else { break }
                for url in pictures {
                    try records.media.delete(String(url.dropFirst("/media/".count)))
                }
                try records.jobs.delete(job)
                count += 1
            }
        }
        return count
            + (try records.jobs.prune(endedBefore: records.now - retention, limit: limit - count))
    }
}
