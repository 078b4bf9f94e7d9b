import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `A job's transitions` {
    private static let holder = JobRecord.holder

    @Test(arguments: JobState.allCases, JobTransition.allCases)
    func `lead where they may, and elsewhere change nothing`(
        state: JobState, transition: JobTransition
    ) {
        let before = JobRecord.in(state)
        var job = before
        let isAllowed = transition.apply(to: &job, lease: Self.holder, at: 200)
        let target = transition.target(from: state)
        #expect(isAllowed == (target != nil))
        if let target {
            #expect(job.state == target)
            #expect((job.finishedAt != nil) == target.isFinal)
            #expect((job.lease != nil) == (target == .running))
        } else {
            #expect(job == before)
        }
    }

    @Test(arguments: JobTransition.held)
    func `of a holder change nothing with another lease`(transition: JobTransition) {
        let before = JobRecord.in(.running)
        var job = before
        for lease in ["", "leas", "lease ", "LEASE"] {
            #expect(!transition.apply(to: &job, lease: lease, at: 200))
            #expect(!job.isHeld(by: lease))
        }
        #expect(job == before)
        #expect(job.isHeld(by: Self.holder))
    }

    @Test func `claim begins an attempt with a lease, a model and fresh figures`() {
        var job = JobRecord.in(.scheduled)
        allowed(job.promote())
        allowed(job.claim(lease: "new", until: 777, model: "other", at: 1_000))
        #expect(job.attempt == 3)
        #expect(job.lease == "new" && job.leaseUntil == 777)
        #expect(job.model == "other" && job.startedAt == 1_000)
        // Tokens are paid for however often the job is tried.
        var fresh = JobFigures()
        (fresh.inputTokens, fresh.outputTokens) = (34, 56)
        #expect(job.figures == fresh)
        #expect(job.error == "Once.", "what went wrong stays until it goes right")
        #expect(job.createdAt == 10)
        #expect(job.runAt == 900)
    }

    @Test func `claim without an end is for who holds the store`() {
        var job = JobRecord.in(.queued)
        allowed(job.claim(lease: "new", until: nil, model: nil, at: 1))
        #expect(job.leaseUntil == nil && job.lease == "new" && job.model == nil)
    }

    @Test func `heartbeat moves the end of the lease and nothing else`() {
        var job = JobRecord.in(.running)
        var expected = job
        allowed(job.heartbeat(lease: Self.holder, until: 4_000))
        expected.leaseUntil = 4_000
        #expect(job == expected)
    }

    @Test(arguments: [(10.0, 40.0), (40, 40), (40.5, 40.5), (100, 100), (250, 100), (-5, 40)])
    func `report takes the figures, and progress does not fall`(told: Double, stored: Double) {
        var job = JobRecord.in(.running)
        var expected = job
        var figures = JobFigures.sample(progress: told)
        figures.currentTokens = 1
        figures.message = nil
        allowed(job.report(figures, lease: Self.holder))
        figures.progress = stored
        expected.figures = figures
        #expect(job == expected)
    }

    @Test func `succeed is complete, without an error`() {
        var job = JobRecord.in(.scheduled)
        allowed(job.promote() && job.claim(lease: "b", until: 9_000, model: nil, at: 1_000))
        allowed(job.succeed(lease: "b", at: 1_750))
        #expect(job.figures.progress == 100 && job.figures.remaining == 0)
        #expect(job.figures.elapsed == 750)
        #expect(job.finishedAt == 1_750)
        #expect(job.error == nil)
        #expect(job.errors == [JobFailure(attempt: 2, at: 150, error: "Once.")])
        #expect(job.lease == nil && job.leaseUntil == nil)
        #expect(job.startedAt == 1_000)
    }

    @Test func `fail with attempts left waits, and says why`() {
        var job = JobRecord.in(.running)
        allowed(job.fail("It was down.", retryAt: 900, lease: Self.holder, at: 160))
        #expect(job.state == .scheduled && job.runAt == 900)
        #expect(job.attempt == 2, "a claim counts, not a failure")
        #expect(job.error == "It was down.")
        #expect(job.errors == [JobFailure(attempt: 2, at: 160, error: "It was down.")])
        #expect(job.finishedAt == nil && job.lease == nil && job.leaseUntil == nil)
        #expect(job.figures.elapsed == 60)
        #expect(job.figures.progress == 40, "shown until the next attempt")
    }

    @Test(arguments: [160, 100, -5] as [Int64])
    func `fail that may be tried at once queues`(retryAt: Int64) {
        var job = JobRecord.in(.running)
        allowed(job.fail("It was down.", retryAt: retryAt, lease: Self.holder, at: 160))
        #expect(job.state == .queued && job.runAt == 160)
    }

    @Test func `fail after the last attempt ends, whatever the provider said`() {
        var job = JobRecord.in(.running, maximumAttempts: 2)
        allowed(job.fail("It was down.", retryAt: 900, lease: Self.holder, at: 160))
        #expect(job.state == .failed && job.finishedAt == 160)
        #expect(job.figures.remaining == nil)
        #expect(job.runAt == 20)
    }

    @Test func `rescue gives the attempt up, and the job after the last one`() {
        var job = JobRecord.in(.running)
        allowed(job.rescue("It was not heard of.", at: 160))
        #expect(job.state == .queued && job.runAt == 160 && job.attempt == 2)
        #expect(job.errors.map(\.error) == ["It was not heard of."])
        allowed(job.claim(lease: "next", until: nil, model: nil, at: 170))
        #expect(job.attempt == 3 && job.figures.progress == 0)
        allowed(job.rescue("Again.", at: 180))
        #expect(job.state == .failed && job.finishedAt == 180 && job.error == "Again.")
    }

    @Test func `interrupt keeps the attempt with its number and its progress`() {
        var job = JobRecord.in(.running, maximumAttempts: 2)
        allowed(job.interrupt(lease: Self.holder, at: 160))
        #expect(job.state == .queued && job.runAt == 160 && job.errors.isEmpty)
        #expect(job.error == nil)
        allowed(job.claim(lease: "next", until: nil, model: nil, at: 170))
        #expect(job.attempt == 2, "not even the last one is used up")
        #expect(job.figures.progress == 40 && job.figures.step == "writing")
        allowed(job.report(.sample(progress: 3), lease: "next"))
        #expect(job.figures.progress == 40)
        allowed(job.rescue("It was not heard of.", at: 180))
        #expect(job.state == .failed, "the mark is for the next claim alone")
    }

    @Test func `cancel says by whom, and keeps why attempts failed`() {
        var job = JobRecord.in(.scheduled)
        allowed(job.cancel("The user left.", at: 170))
        #expect(job.error == "The user left." && job.finishedAt == 170)
        #expect(job.errors.map(\.error) == ["Once."])
        #expect(job.figures.remaining == nil)
        var running = JobRecord.in(.running)
        allowed(running.cancel("The user left.", at: 170))
        #expect(running.figures.elapsed == 70)
    }

    @Test(arguments: [JobState.failed, .cancelled])
    func `restart begins anew`(state: JobState) {
        var job = JobRecord.in(state)
        let errors = job.errors
        allowed(job.restart(at: 5_000))
        #expect(job.attempt == 0 && job.error == nil && job.figures == JobFigures())
        #expect(job.runAt == 5_000 && job.startedAt == nil && job.finishedAt == nil)
        #expect(job.errors == errors, "the past is not rewritten")
        allowed(job.claim(lease: "new", until: nil, model: nil, at: 5_001))
        #expect(job.attempt == 1)
    }

    @Test func `restart forgets that the cancelled attempt was interrupted`() {
        var job = JobRecord.in(.running)
        allowed(job.interrupt(lease: Self.holder, at: 160))
        allowed(job.cancel("Nobody wants it.", at: 170))
        allowed(job.restart(at: 180))
        allowed(job.claim(lease: "new", until: nil, model: nil, at: 190))
        #expect(job.attempt == 1 && job.figures == JobFigures())
    }

    @Test func `keep the last ten errors, none endless`() {
        var job = JobRecord.in(.queued, maximumAttempts: 100)
        for number in 1...25 {
            let lease = "\(number)"
            allowed(job.claim(lease: lease, until: nil, model: nil, at: Int64(number)))
            let reason = "\(number) " + String(repeating: "é", count: 10_000)
            allowed(job.fail(reason, retryAt: 0, lease: lease, at: Int64(number)))
        }
        #expect(job.errors.map(\.attempt) == Array(17...26))
        #expect(job.errors.map(\.at) == Array(16...25))
        #expect(job.errors.allSatisfy { $0.error.unicodeScalars.count == 4_096 })
        #expect(job.error == job.errors.last?.error)
    }

    @Test func `take more to the reason of their end, which stays short`() {
        var job = JobRecord.in(.failed)
        job.addToError("And more.")
        #expect(job.error == "Once. And more.")
        #expect(job.errors.last?.error == "Once.", "that is the attempt's alone")
        job.addToError(String(repeating: "é", count: 10_000))
        #expect(job.error?.unicodeScalars.count == 4_096)
    }

    @Test func `measure no negative time when the clock is set back`() {
        var job = JobRecord.in(.running)
        allowed(job.succeed(lease: Self.holder, at: 50))
        #expect(job.figures.elapsed == 0)
    }
}
