import TestSupport
import Testing

@testable import Records
@testable import Storage

/// Jobs through random lives, the same in every run of a seed, each step saved and read back.
@Suite(.timeLimit(.minutes(5)))
struct `A job on a random walk` {
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `never is what it must not be`(seed: UInt64) throws {
        var walk = try Walk(seed: seed)
        for _ in 0..<10_000 { try walk.step() }
        let unused = Set(JobTransition.allCases).subtracting(walk.taken)
        #expect(unused.isEmpty, "each transition was taken")
        #expect(walk.lives > 20)
    }
}

private struct Walk {
    private let fixture: JobFixture
    private let seed: UInt64
    private var random: SeededNumbers
    private var now: Int64 = 1_000_000
    private var job: JobRecord
    private var oldLeases: [String] = [""]
    private var count = 0
    private(set) var lives = 1
    private(set) var taken: Set<JobTransition> = []

    init(seed: UInt64) throws {
        fixture = try JobFixture()
        self.seed = seed
        random = SeededNumbers(seed: seed)
        job = try fixture.insert(maximumAttempts: 3)
    }

    private var comment: Comment { "seed \(seed), step \(count)" }

    mutating func step() throws {
        count += 1
        now += Int64.random(in: -50...400, using: &random)
        if job.state == .succeeded, Bool.random(using: &random) {
            job = try fixture.insert(maximumAttempts: Int.random(in: 1...4, using: &random))
            lives += 1
        }
        let transition = JobTransition.allCases.randomElement(using: &random) ?? .claim
        if let old = oldLeases.randomElement(using: &random) {
            var copy = job
            let taken = JobTransition.held.filter { held in
                held.apply(to: &copy, lease: old, at: now)
            }
            try #require(taken.isEmpty && copy == job, comment)
        }
        let lease = transition == .claim ? "lease \(count)" : job.lease ?? "none"
        let before = job
        let isTaken = transition.apply(to: &job, lease: lease, at: now)
        try #require(isTaken == (transition.target(from: before.state) != nil), comment)
        if isTaken {
            taken.insert(transition)
            if transition == .report { try report(lease) }
            if let ended = before.lease, job.lease == nil { oldLeases.append(ended) }
            try fixture.jobs.save(job)
            try #require(try fixture.jobs.find(job.id) == job, comment)
        } else {
            try #require(job == before, comment)
        }
        try check(transition, from: before)
    }

    private mutating func report(_ lease: String) throws {
        let figures = JobFigures.sample(progress: Double.random(in: -10...110, using: &random))
        let isTaken = job.report(figures, lease: lease)
        try #require(isTaken, comment)
    }

    private func check(_ transition: JobTransition, from before: JobRecord) throws {
        try #require(job.state.isFinal == (job.finishedAt != nil), comment)
        try #require((job.state == .running) == (job.lease != nil), comment)
        try #require(job.leaseUntil == nil || job.state == .running, comment)
        try #require((0...job.maximumAttempts).contains(job.attempt), comment)
        try #require(job.errors.count <= 10, comment)
        try #require((0...100).contains(job.figures.progress), comment)
        try #require(job.figures.elapsed >= 0, comment)
        try #require(job.state != .succeeded || job.figures.progress == 100, comment)
        try #require(job.state == .queued || !job.isInterrupted || job.state.isFinal, comment)
        if job.attempt == before.attempt && transition != .restart {
            try #require(job.figures.progress >= before.figures.progress, comment)
        }
        let expected =
            switch transition {
            case .claim where before.state == .queued && !before.isInterrupted: before.attempt + 1
            case .restart where job != before: 0
            default: before.attempt
            }
        try #require(job.attempt == expected, comment)
    }
}
