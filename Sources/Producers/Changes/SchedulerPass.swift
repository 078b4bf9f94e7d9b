internal import Hub
internal import Records

/// A job that was claimed, with what its run needs.
struct Claim: Sendable {
    let job: JobRecord
    let input: [UInt8]
    let past: JobPast
}

/// Promotes what is due, takes back what a worker outside has let go, and claims as much as there
/// is room for; all of it is one transaction.
struct SchedulerPass: StoreChange {
    private static let maximumAtOnce = 100

    /// What the pass has led to.
    struct Outcome: Sendable {
        fileprivate(set) var claims: [Claim] = []
        /// Whether jobs became ready that a worker outside may wait for.
        fileprivate(set) var hasQueued = false
        /// Whether there may be more to do at once.
        fileprivate(set) var isFull = false
        /// When the next scheduled job is due, in milliseconds since 1970.
        fileprivate(set) var nextDue: Int64?
    }

    /// How many jobs there is room for.
    let capacity: Int
    let pipelines: [String: any Pipeline]
    /// By kind.
    let models: [String: String]

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Outcome {
        var outcome = Outcome()
        let due = try records.jobs.due(at: records.now, limit: Self.maximumAtOnce)
        for var job in due where job.promote() {
            try records.jobs.save(job)
            events.append(.jobUpdate(job))
            outcome.hasQueued = true
        }
        let overdue = try records.jobs.overdue(at: records.now, limit: Self.maximumAtOnce)
        for var job in overdue
        where job.rescue("Its worker was not heard of any more.", at: records.now) {
            try records.saveTurn(of: job, pipelines, announcing: &events)
            outcome.hasQueued = true
        }
        let kinds = Array(pipelines.keys)
        for _ in 0..<min(capacity, Self.maximumAtOnce) {
            guard var job = try records.jobs.next(kinds: kinds) else { break }
            let model = models[job.kind]
            // The hub that holds the store is the only one, so its own leases do not run out.
            guard job.claim(lease: records.makeID(), until: nil, model: model, at: records.now)
            else { break }
            try records.jobs.save(job)
            events.append(.jobUpdate(job))
            outcome.claims.append(
                Claim(
                    job: job, input: try records.jobs.contents(of: job).input,
                    past: try records.jobs.past(kind: job.kind, model: model)))
        }
        outcome.isFull =
            [due.count, overdue.count, outcome.claims.count].contains(Self.maximumAtOnce)
        outcome.nextDue = try records.jobs.nextDue()
        return outcome
    }
}
