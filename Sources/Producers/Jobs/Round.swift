internal import Hub
internal import Storage

/// A job that was claimed, with what its run needs.
struct Claim: Sendable {
    let job: JobRecord
    let input: [UInt8]
    let past: JobTable.Past
}

/// What one look at the queue has led to; all of it is one transaction.
struct Round: Sendable {
    private static let mostAtOnce = 100

    private(set) var claims: [Claim] = []
    /// Whether jobs became ready that a worker outside may wait for.
    private(set) var hasQueued = false
    /// Whether there may be more to do at once.
    private(set) var isFull = false
    /// When the next scheduled job is due, in milliseconds since 1970.
    private(set) var nextDue: Int64?

    /// Promotes what is due, takes back what a worker outside has let go, and claims as much as
    /// there is room for.
    static func run(
        capacity: Int, kinds: [String], pipelines: [String: any Pipeline],
        models: [String: String],
        in records: RecordStore
    ) throws(StoreError) -> (Round, [Publication]) {
        var round = Round()
        var publications: [Publication] = []
        let due = try records.jobs.due(at: records.now, limit: mostAtOnce)
        for var job in due where job.promote() {
            try records.jobs.save(job)
            publications.append(.jobUpdate(job))
            round.hasQueued = true
        }
        let overdue = try records.jobs.overdue(at: records.now, limit: mostAtOnce)
        for var job in overdue
        where job.rescue("Its worker was not heard of any more.", at: records.now) {
            publications += try JobRunner.save(job, pipelines, in: records)
            round.hasQueued = true
        }
        for _ in 0..<min(capacity, mostAtOnce) {
            guard var job = try records.jobs.next(kinds: kinds) else { break }
            let model = models[job.kind]
            // The hub that holds the store is the only one, so its own leases do not run out.
            guard job.claim(lease: records.makeID(), until: nil, model: model, at: records.now)
            else { break }
            try records.jobs.save(job)
            publications.append(.jobUpdate(job))
            round.claims.append(
                Claim(
                    job: job, input: try records.jobs.contents(of: job).input,
                    past: try records.jobs.past(kind: job.kind, model: model)))
        }
        round.isFull = [due.count, overdue.count, round.claims.count].contains(mostAtOnce)
        round.nextDue = try records.jobs.nextDue()
        return (round, publications)
    }
}
