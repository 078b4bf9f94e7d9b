import Testing

@testable import Records
@testable import Storage

/// What can be done to a job, with the lease and at the time that it is given.
enum JobTransition: String, CaseIterable, Sendable {
    case claim, heartbeat, report, succeed, failForNow, failForGood, rescue, interrupt, promote
    case cancel, restart

    /// Those of who holds a job; the others ask for no lease.
    static let held: [Self] = [
        .heartbeat, .report, .succeed, .failForNow, .failForGood, .interrupt,
    ]

    func apply(to job: inout JobRecord, lease: String, at now: Int64) -> Bool {
        switch self {
        case .claim: job.claim(lease: lease, until: now + 20_000, model: "model", at: now)
        case .heartbeat: job.heartbeat(lease: lease, until: now + 20_000)
        case .report: job.report(.sample(progress: 55), lease: lease)
        case .succeed: job.succeed(lease: lease, at: now)
        case .failForNow: job.fail("It was down.", retryAt: now + 5_000, lease: lease, at: now)
        case .failForGood: job.fail("It cannot be.", retryAt: nil, lease: lease, at: now)
        case .rescue: job.rescue("It was not heard of.", at: now)
        case .interrupt: job.interrupt(lease: lease, at: now)
        case .promote: job.promote()
        case .cancel: job.cancel("Nobody wants it.", at: now)
        case .restart: job.restart(at: now)
        }
    }

    /// Where it leads a job that has attempts left; `nil` where it is refused.
    func target(from state: JobState) -> JobState? {
        switch (state, self) {
        case (.queued, .claim): .running
        case (.queued, .cancel), (.scheduled, .cancel), (.running, .cancel): .cancelled
        case (.scheduled, .promote): .queued
        case (.running, .heartbeat), (.running, .report): .running
        case (.running, .succeed): .succeeded
        case (.running, .failForNow): .scheduled
        case (.running, .failForGood): .failed
        case (.running, .rescue), (.running, .interrupt): .queued
        case (.failed, .restart), (.cancelled, .restart): .queued
        default: nil
        }
    }
}

/// Expects of a transition that it was taken; `#expect` takes no call that changes a value.
func allowed(
    _ isTaken: Bool, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(isTaken, comment, sourceLocation: sourceLocation)
}

extension JobFigures {
    static func sample(progress: Double) -> JobFigures {
        var figures = JobFigures()
        figures.step = "writing"
        figures.message = "Writing"
        figures.progress = progress
        figures.currentTokens = 12
        figures.inputTokens = 34
        figures.outputTokens = 56
        figures.tokensPerSecond = 7.5
        figures.elapsed = 890
        figures.remaining = 1_234
        figures.contentLength = 99
        figures.contentRate = 30.25
        return figures
    }
}

extension JobRecord {
    /// The lease of every job that `in(_:)` makes running.
    static let holder = "lease"

    /// A job that came to a state by its own transitions, in its second attempt of three at time
    /// 100.
    static func `in`(_ state: JobState, maximumAttempts: Int = 3) -> JobRecord {
        var job = JobRecord(
            number: 7, id: "job", kind: "post", isExternal: false, key: "key", priority: 2,
            state: .queued, figures: JobFigures(), attempt: 1, maximumAttempts: maximumAttempts,
            isInterrupted: false, error: nil, errors: [], model: nil, lease: nil, leaseUntil: nil,
            createdAt: 10, runAt: 20, startedAt: nil, finishedAt: nil)
        if state == .queued { return job }
        var isDone = job.claim(lease: holder, until: 500, model: "model", at: 100)
        isDone = isDone && job.report(.sample(progress: 40), lease: holder)
        switch state {
        case .queued, .running: break
        case .scheduled:
            isDone = isDone && job.fail("Once.", retryAt: 900, lease: holder, at: 150)
        case .succeeded: isDone = isDone && job.succeed(lease: holder, at: 150)
        case .failed: isDone = isDone && job.fail("Once.", retryAt: nil, lease: holder, at: 150)
        case .cancelled: isDone = isDone && job.cancel("Nobody wants it.", at: 150)
        }
        precondition(isDone && job.state == state, "no way leads to \(state)")
        return job
    }
}

/// The jobs of a store in memory, with a clock.
final class JobFixture {
    let database: Database
    let records: RecordTables
    var jobs: JobTable { JobTable(database) }
    private var count = 0

    init() throws {
        database = try Database.inMemory()
        records = RecordTables(database, at: 1_000)
    }

    deinit { database.close() }

    /// Puts a job into the queue, named by its number.
    @discardableResult
    func insert(
        _ kind: String = "post", isExternal: Bool = false, input: String = "{}",
        key: String? = nil, priority: Int = 2, delay: Int64 = 0, maximumAttempts: Int = 5,
        at now: Int64 = 1_000
    ) throws -> JobRecord {
        count += 1
        return try jobs.insert(
            NewJob(
                kind: kind, isExternal: isExternal, input: Array(input.utf8), key: key,
                priority: priority, delay: delay, maximumAttempts: maximumAttempts),
            id: "\(count)", at: now)
    }

    /// Puts a job into the queue and takes it to a state at a time.
    @discardableResult
    func insert(
        _ state: JobState, _ kind: String = "post", key: String? = nil, model: String? = nil,
        at now: Int64 = 2_000
    ) throws -> JobRecord {
        var job = try insert(kind, key: key, delay: state == .scheduled ? 1_000 : 0)
        if state == .queued || state == .scheduled { return job }
        allowed(job.claim(lease: "lease \(job.id)", until: nil, model: model, at: 1_500))
        let lease = job.lease ?? ""
        switch state {
        case .queued, .scheduled, .running: break
        case .succeeded: allowed(job.succeed(lease: lease, at: now))
        case .failed: allowed(job.fail("It broke.", retryAt: nil, lease: lease, at: now))
        case .cancelled: allowed(job.cancel("Nobody wants it.", at: now))
        }
        try jobs.save(job)
        return job
    }
}
