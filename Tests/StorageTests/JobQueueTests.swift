import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The queue` {
    private let fixture: JobFixture
    private var jobs: JobTable { fixture.jobs }

    init() throws {
        fixture = try JobFixture()
    }

    private func claimAll(_ kinds: [String]) throws -> [String] {
        var ids: [String] = []
        while var job = try jobs.next(kinds: kinds) {
            allowed(job.claim(lease: job.id, until: nil, model: nil, at: 1))
            try jobs.save(job)
            ids.append(job.id)
        }
        return ids
    }

    @Test func `goes by priority, then by age`() throws {
        for priority in [3, 2, 4, 1, 2, 3, 1, 4] { try fixture.insert(priority: priority) }
        #expect(try claimAll(["post"]) == ["4", "7", "2", "5", "1", "6", "3", "8"])
    }

    @Test func `goes by priority and age across kinds, and gives none of another`() throws {
        for (kind, priority) in [("a", 2), ("b", 1), ("c", 1), ("a", 1), ("b", 2), ("a", 1)] {
            try fixture.insert(kind, priority: priority)
        }
        #expect(try jobs.next(kinds: []) == nil)
        #expect(try jobs.next(kinds: ["none"]) == nil)
        #expect(try jobs.next(kinds: ["b", "a", "b"])?.id == "2")
        #expect(try claimAll(["a", "b"]) == ["2", "4", "6", "1", "5"])
        #expect(try claimAll(["c"]) == ["3"])
    }

    @Test func `gives only what is queued`() throws {
        for state in JobState.allCases where state != .queued { try fixture.insert(state) }
        #expect(try jobs.next(kinds: ["post"]) == nil)
        let job = try fixture.insert(.queued)
        #expect(try jobs.next(kinds: ["post"]) == job)
    }

    @Test func `keeps the place of a job that comes back`() throws {
        try fixture.insert()
        try fixture.insert()
        var job = try #require(try jobs.next(kinds: ["post"]))
        allowed(job.claim(lease: "l", until: nil, model: nil, at: 1))
        allowed(job.interrupt(lease: "l", at: 2))
        try jobs.save(job)
        #expect(try jobs.next(kinds: ["post"])?.id == "1")
    }

    @Test func `tells what is due, by time, and when the next is`() throws {
        #expect(try jobs.nextDue() == nil)
        for delay in [500, 100, 300] as [Int64] { try fixture.insert(delay: delay, at: 1_000) }
        try fixture.insert(.queued)
        #expect(try jobs.nextDue() == 1_100)
        #expect(try jobs.due(at: 1_099, limit: 9).isEmpty)
        #expect(try jobs.due(at: 1_100, limit: 9).map(\.id) == ["2"])
        #expect(try jobs.due(at: 2_000, limit: 9).map(\.id) == ["2", "3", "1"])
        #expect(try jobs.due(at: 2_000, limit: 2).map(\.id) == ["2", "3"])
        for var job in try jobs.due(at: 1_300, limit: 9) {
            allowed(job.promote())
            try jobs.save(job)
        }
        #expect(try jobs.nextDue() == 1_500)
    }

    @Test func `tells whose lease has run out, and when the next does`() throws {
        let ends: [Int64?] = [900, nil, 300, 600]
        for until in ends {
            var job = try fixture.insert()
            allowed(job.claim(lease: job.id, until: until, model: nil, at: 1))
            try jobs.save(job)
        }
        #expect(try jobs.nextDue() == 301)
        #expect(try jobs.overdue(at: 300, limit: 9).isEmpty, "its last moment counts")
        #expect(try jobs.overdue(at: 301, limit: 9).map(\.id) == ["3"])
        #expect(try jobs.overdue(at: .max, limit: 9).map(\.id) == ["3", "4", "1"])
        #expect(try jobs.overdue(at: .max, limit: 1).map(\.id) == ["3"])
        #expect(try jobs.runningInside().map(\.id) == ["2"])
        try fixture.insert(delay: 1, at: 0)
        #expect(try jobs.nextDue() == 1)
    }

    @Test func `tells no next time when only the hub itself has leases`() throws {
        try fixture.insert(.running)
        #expect(try jobs.nextDue() == nil)
        #expect(try jobs.overdue(at: .max, limit: 9).isEmpty)
    }

    @Test func `is listed newest first, filtered and in pages`() throws {
        for state in JobState.allCases {
            for kind in ["a", "b", "a"] { try fixture.insert(state, kind) }
        }
        let all = try jobs.list(state: nil, kind: nil, before: nil, limit: 100)
        #expect(all.map(\.number) == Array((1...18).reversed()))
        for state in [nil] + JobState.allCases.map(Optional.some) {
            for kind in [nil, "a", "b", "c"] as [String?] {
                let expected = all.filter {
                    (state == nil || $0.state == state) && (kind == nil || $0.kind == kind)
                }
                for limit in [1, 2, 5, 100] {
                    #expect(try pages(state, kind, limit) == expected, "\(kind ?? "any")")
                }
            }
        }
    }

    private func pages(_ state: JobState?, _ kind: String?, _ limit: Int) throws -> [JobRecord] {
        var found: [JobRecord] = []
        while true {
            let page = try jobs.list(
                state: state, kind: kind, before: found.last?.number, limit: limit)
            #expect(page.count <= limit)
            found += page
            if page.count < limit { return found }
        }
    }

    @Test func `is counted by state, as far as one asks`() throws {
        for (index, state) in JobState.allCases.enumerated() {
            for _ in 0...index { try fixture.insert(state) }
        }
        for (index, state) in JobState.allCases.enumerated() {
            #expect(try jobs.count(state) == index + 1)
            #expect(try jobs.count(state, maximum: 2) == min(2, index + 1))
        }
    }

    // MARK: The past

    @Test func `knows what jobs of a kind and model took lately`() throws {
        #expect(
            try jobs.past(kind: "post", model: "m") == JobPast(duration: nil, tokens: nil))
        for number in 1...60 as ClosedRange<Int64> {
            try succeed("post", "m", after: number * 100, tokens: Int(number))
        }
        try succeed("post", "other", after: 7, tokens: 8)
        try succeed("post", nil, after: 9, tokens: 10)
        try succeed("avatar", "m", after: 11, tokens: 12)
        try fixture.insert(.failed, model: "m")
        // The last fifty took 1,100 to 6,000 ms.
        #expect(
            try jobs.past(kind: "post", model: "m") == JobPast(duration: 3_600, tokens: 48))
        #expect(
            try jobs.past(kind: "post", model: "other") == JobPast(duration: 7, tokens: 8))
        #expect(try jobs.past(kind: "post", model: nil) == JobPast(duration: 9, tokens: 10))
        #expect(
            try jobs.past(kind: "avatar", model: "m") == JobPast(duration: 11, tokens: 12))
    }

    private func succeed(
        _ kind: String, _ model: String?, after elapsed: Int64, tokens: Int
    ) throws {
        var job = try fixture.insert(kind)
        allowed(job.claim(lease: "l", until: nil, model: model, at: 1_000))
        var figures = JobFigures()
        figures.outputTokens = tokens
        allowed(job.report(figures, lease: "l"))
        allowed(job.succeed(lease: "l", at: 1_000 + elapsed))
        try jobs.save(job)
    }
}
