internal import Generators
internal import HTTP
internal import Hub
internal import Records

/// Makes the change that a worker outside asks for, provided that it holds the job's lease.
struct ChangeLeasedJob: StoreChange {
    enum Action: Sendable {
        /// Puts the job back into the queue, as nobody waits for the claim any more.
        case giveBack
        case heartbeat(leaseTime: Int64)
        /// Stores figures and renews the lease. The `WorkerReports` decide whether they are
        /// announced at once.
        case report(FiguresChange, leaseTime: Int64, WorkerReports)
        case complete(result: [UInt8]?)
        case fail(String, mayRetry: Bool, RetryPolicy)

        /// Whether the work may have ended or reached another step.
        var changesWork: Bool {
            switch self {
            case .heartbeat: false
            case .report(let figures, _, _): figures.namesStep
            case .giveBack, .complete, .fail: true
            }
        }
    }

    let job: String
    let lease: String
    let action: Action

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<Void, Problem> {
        guard var job = try records.jobs.find(job) else {
            return .failure(.noSuch("job", job))
        }
        guard job.isExternal, change(&job, at: records.now) else {
            return .failure(
                Problem(
                    .conflict,
                    "The lease is not the job's, which is \(job.state.rawValue): it ran out, or the "
                        + "job was cancelled. Stop, and claim another."))
        }
        try records.jobs.save(job)
        if case .complete(let result?) = action {
            try records.jobs.setResult(result, of: job)
        }
        if isAnnounced(job) { events.append(.jobUpdate(job)) }
        return .success(())
    }

    private func change(_ job: inout JobRecord, at now: Int64) -> Bool {
        switch action {
        case .giveBack: return job.interrupt(lease: lease, at: now)
        case .heartbeat(let leaseTime):
            return job.heartbeat(lease: lease, until: now + leaseTime)
        case .report(let figures, let leaseTime, _):
            return job.report(figures.applied(to: job, at: now), lease: lease)
                && job.heartbeat(lease: lease, until: now + leaseTime)
        case .complete: return job.succeed(lease: lease, at: now)
        case .fail(let error, let mayRetry, let policy):
            let delay = policy.delay(
                after: job.attempt, mayRetry ? .later : .never, random: .random(in: 0..<1))
            return job.fail(
                error, retryAt: delay.map { now + Int64($0 * 1000) }, lease: lease, at: now)
        }
    }

    private func isAnnounced(_ job: JobRecord) -> Bool {
        switch action {
        case .heartbeat: false
        case .report(_, _, let reports): reports.isAnnounced(job.id, lease: lease)
        case .giveBack, .complete, .fail: true
        }
    }
}
