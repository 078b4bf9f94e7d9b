internal import Hub
internal import Records

/// A claimed job with its input and the past of such jobs, which its run needs.
struct Claim: Sendable {
    let job: JobRecord
    let input: [UInt8]
    let past: JobPast
}

/// Makes one scheduler pass, in one transaction.
///
/// It queues scheduled jobs that are due, takes back jobs of silent workers, and claims as many
/// jobs as there is room for.
struct SchedulerPass: StoreChange {
    private static let maximumAtOnce = 100

    /// The result of a pass.
    struct Outcome: Sendable {
        fileprivate(set) var claims: [Claim] = []
        /// Whether jobs were queued, for which a worker outside may wait.
        fileprivate(set) var hasQueued = false
        /// Whether jobs were claimed or taken back.
        fileprivate(set) var hasChangedWork = false
        /// Whether the pass reached its limit, so that another one should follow at once.
        fileprivate(set) var isFull = false
        /// The time at which a job becomes due or a lease runs out next, in milliseconds since
        /// 1970.
        fileprivate(set) var nextDue: Int64?
    }

    /// How many jobs may be claimed.
    let capacity: Int
    let pipelines: [String: any Pipeline]
    /// The names of the models, by kind of job.
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
        outcome.hasChangedWork = !overdue.isEmpty || !outcome.claims.isEmpty
        outcome.isFull =
            [due.count, overdue.count, outcome.claims.count].contains(Self.maximumAtOnce)
        outcome.nextDue = try records.jobs.nextDue()
        return outcome
    }
}
