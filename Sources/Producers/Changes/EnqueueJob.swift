internal import HTTP
internal import Hub
internal import Records

/// Stores a new job, with the record that it is to work for.
struct EnqueueJob: StoreChange {
    let job: NewJob
    let order: any Order

    /// - Returns: the job, and whether it is new. If a job with the same key is known, that job is
    ///   returned.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<(job: StoredJob, isNew: Bool), Problem> {
        if let key = job.key, let known = try records.jobs.find(key: key) {
            return .success((try StoredJob(known, in: records), false))
        }
        let id = records.makeID()
        switch try order.admit(job: id, in: records, announcing: &events) {
        case .failure(let problem): return .failure(problem)
        case .success(let input):
            let record = try records.jobs.insert(
                job.with(input: input), id: id, at: records.now)
            events.append(.jobUpdate(record))
            return .success((try StoredJob(record, in: records), true))
        }
    }
}

extension NewJob {
    fileprivate func with(input: [UInt8]) -> NewJob {
        NewJob(
            kind: kind, isExternal: isExternal, input: input, key: key, priority: priority,
            delay: delay, maximumAttempts: maximumAttempts)
    }
}
