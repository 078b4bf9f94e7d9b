import HubTestSupport
import JSON
import Testing

@testable import Hub
@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `The list of those at work` {
    private let broker = Broker(tail: LogTailLimits(count: 1_000, bytes: 1 << 24))

    /// Puts jobs of workers outside into the queue and has them claimed.
    private func run(_ ids: [String], input: String = "{}") async throws {
        try await broker.write { records throws(LogUnavailable) in
            for id in ids {
                var job = try records.jobs.insert(
                    NewJob(kind: "w", isExternal: true, input: Array(input.utf8)), id: id,
                    at: records.now)
                _ = job.claim(lease: id, until: .max, model: nil, at: records.now)
                try records.jobs.save(job)
            }
            return ((), [])
        }
    }

    private func change(_ id: String, _ body: @escaping @Sendable (inout JobRecord) -> Void)
        async throws
    {
        try await broker.write { records throws(LogUnavailable) in
            guard var job = try records.jobs.find(id) else { return ((), []) }
            body(&job)
            try records.jobs.save(job)
            return ((), [])
        }
    }

    private func announce(_ memory: ActivityMemory) async throws -> ActivityMemory {
        try await broker.write(AnnounceActivity(memory: memory))
    }

    /// The data of a kind's last list; `nil` when there was none.
    private func list(_ kind: ActivityKind) async throws -> String? {
        let states = try await broker.states(of: [.resource(kind.resource)]).states
        return states.first.map { String(decoding: $0.data, as: UTF8.self) }
    }

    private var nothing: ActivityMemory {
        var memory = ActivityMemory()
        for kind in ActivityKind.allCases { memory.announced[kind] = .empty }
        return memory
    }

    @Test func `is announced when work begins, reaches a step and ends`() async throws {
        try await run(["a"])
        var memory = try await announce(nothing)
        let begun = try #require(try await list(.job))
        #expect(
            begun.hasPrefix(
                #"{"working":[{"resource":"job:a","job":"a","kind":"w","step":null,"progress":0,"since":"#
            ))
        try await change("a") { job in
            var figures = JobFigures()
            figures.step = "cutting"
            figures.progress = 40
            _ = job.report(figures, lease: "a")
        }
        memory = try await announce(memory)
        #expect(try await list(.job)?.contains(#""step":"cutting","progress":40"#) == true)
        try await change("a") { _ = $0.succeed(lease: "a", at: 5) }
        _ = try await announce(memory)
        #expect(try await list(.job) == #"{"working":[]}"#)
        #expect(try await list(.post) == nil, "nobody ever worked on a post")
    }

    @Test func `is not announced again when only the progress has changed`() async throws {
        try await run(["a"])
        let memory = try await announce(nothing)
        let before = broker.publishedCount
        try await change("a") { job in
            var figures = JobFigures()
            figures.progress = 50
            _ = job.report(figures, lease: "a")
        }
        _ = try await announce(memory)
        #expect(broker.publishedCount == before)
    }

    @Test func `is announced anew when a job was begun again within a second`() async throws {
        try await run(["a"])
        let memory = try await announce(nothing)
        try await change("a") { job in
            _ = job.interrupt(lease: "a", at: 5)
            _ = job.claim(lease: "b", until: .max, model: nil, at: 7)
        }
        let before = broker.publishedCount
        _ = try await announce(memory)
        #expect(broker.publishedCount == before + 1)
    }

    @Test func `lists a hundred of a thousand, those that began last first, and counts the rest`()
        async throws
    {
        try await run((0..<1_000).map { "j\($0)" })
        _ = try await announce(nothing)
        let text = try #require(try await list(.job))
        #expect(text.components(of: #""resource""#) == 100)
        #expect(text.contains(#""resource":"job:j999","job":"j999""#))
        #expect(text.hasPrefix(#"{"working":[{"resource":"job:j999""#))
        #expect(text.hasSuffix(#"],"more":900}"#))
        #expect(!text.contains(#""job:j899""#))
    }

    @Test func `names records that an input names, if there are such, and nothing else of it`()
        async throws
    {
        try await broker.write { records throws(LogUnavailable) in
            try records.sessions.insert(
                SessionRecord(id: "s", prompt: "p", avatarCount: 1, job: "x", at: 1))
            try records.influencers.insert(
                InfluencerRecord(
                    id: "i", session: "s", name: "n", avatarURL: "u", persona: Array("{}".utf8),
                    at: 1))
            try records.posts.insert(
                PostRecord(id: "p", influencer: "i", prompt: "p", job: "x", at: 1))
            return ((), [])
        }
        try await run(["a"], input: #"{"post":"p"}"#)
        try await run(["b"], input: #"{"influencer":"i","session":"s"}"#)
        try await run(["c"], input: #"{"session":"a secret","influencer":7,"post":null}"#)
        try await run(["d"], input: #""session""#)
        _ = try await announce(nothing)
        let influencers = try #require(try await list(.influencer))
        #expect(influencers.components(of: #""resource":"influencer:i""#) == 2)
        #expect(try await list(.post)?.contains(#""resource":"post:p","job":"a""#) == true)
        let sessions = try #require(try await list(.session))
        #expect(sessions.contains(#""resource":"session:s","job":"b""#))
        #expect(!sessions.contains("secret"))
        #expect(try await list(.job)?.components(of: #""resource""#) == 4)
    }
}

extension String {
    /// How often a part occurs in the text.
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = utf8[...]
        while !rest.isEmpty {
            if rest.starts(with: part.utf8) { count += 1 }
            rest = rest.dropFirst()
        }
        return count
    }
}
