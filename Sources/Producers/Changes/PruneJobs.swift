internal import Hub
internal import Records

/// Deletes up to `limit` jobs that ended longer ago than `retention`.
struct PruneJobs: StoreChange {
    /// Milliseconds for which a finished job is kept.
    let retention: Int64
    let limit: Int

    /// - Returns: how many jobs were deleted.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Int {
        try records.jobs.prune(endedBefore: records.now - retention, limit: limit)
    }
}
