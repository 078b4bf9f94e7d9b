internal import Hub
internal import Records

/// Forgets jobs that ended long ago, a few at a time.
struct PruneJobs: StoreChange {
    /// Milliseconds for which an ended job is kept.
    let retention: Int64
    let limit: Int

    /// - Returns: how many were forgotten.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Int {
        try records.jobs.prune(endedBefore: records.now - retention, limit: limit)
    }
}
