import HubTestSupport
import Generators
import HTTP
import Reactor
import Records
import Telemetry
import Testing

@testable import Hub
@testable import Producers

/// A broker with jobs on it, done by generators that the test commands.
final class RunnerFixture: Sendable {
    let store: SwitchStore
    let broker: Broker
    let text: Script
    let images: Script
    let board = JobBoard()
    let runner: JobRunner
    let api: JobAPI
    let watch: EventWatch

    /// Makes a hub with a log of its own, or with that of an old one as a hub that is started
    /// again.
    ///
    /// A broker that is given has another log, which cannot be switched.
    init(
        text: Script = Script(then: [.say("Once "), .say("upon")]),
        images: Script = Script(then: [.say("half")]), textTurns: Int = 1_000,
        timeout: Double = 600, pipelines others: [any Pipeline] = [],
        after old: RunnerFixture? = nil, broker given: Broker? = nil,
        _ change: (inout JobSettings) -> Void = { _ in }
    ) {
        store = old?.store ?? SwitchStore()
        let tail = LogTailLimits(count: 100_000, bytes: 1 << 24)
        broker =
            given ?? old?.broker
            ?? Broker(over: store.log, state: store.log, changes: store, tail: tail)
        (self.text, self.images) = (text, images)
        var settings = JobSettings()
        settings.retry.base = 0
        settings.tickInterval = 1
        // What is to be done is done when it is due, not at a chance look.
        settings.passInterval = 1 << 40
        change(&settings)
        let pipelines = [StoryPipeline(timeout: timeout)] + others
        runner = JobRunner(
            broker: broker, pipelines: pipelines,
            generators: JobGenerators(
                text: ScriptedText(script: text), textTurns: textTurns,
                images: ScriptedImages(script: images), imageTurns: 1_000),
            settings: settings, board: board, logger: Log(level: .error, descriptor: -1))
        api = JobAPI(
            broker: broker, pipelines: pipelines, settings: settings, runner: runner, board: board)
        watch = EventWatch()
        _ = broker.attach(watch)
    }

    /// Puts a job into the queue.
    @discardableResult
    func enqueue(
        _ id: String = "job", kind: String = StoryPipeline.kind, input: String = "{}",
        isExternal: Bool = false, priority: Int = 2, maximumAttempts: Int = 5, delay: Int64 = 0
    ) async throws -> String {
        try await broker.write { records throws(LogUnavailable) in
            let job = try records.jobs.insert(
                NewJob(
                    kind: kind, isExternal: isExternal, input: Array(input.utf8),
                    priority: priority, delay: delay, maximumAttempts: maximumAttempts),
                id: id, at: records.now)
            return ((), [.jobUpdate(job)])
        }
        runner.wake()
        return id
    }

    /// Waits until no task of a job is left.
    func idle() async {
        while await !runner.running.isEmpty { await Task.yield() }
    }

    func job(_ id: String = "job") async throws -> JobRecord {
        let found = try await broker.read { records throws(LogUnavailable) in
            try records.jobs.find(id)
        }
        return try #require(found)
    }

    func contents(_ id: String = "job") async throws -> JobContents {
        try await broker.read { records throws(LogUnavailable) in
            guard let job = try records.jobs.find(id) else {
                throw LogUnavailable(.other, message: "no job \(id)")
            }
            return try records.jobs.contents(of: job)
        }
    }
}

/// All events of a broker, one after the other, for one who waits for them.
final class EventWatch: BrokerPort {
    struct Update: Sendable {
        let job: String
        let state: String
        let attempt: Int
        let progress: Double
        let message: String
    }

    private let stream: AsyncStream<EventFrame>
    private let continuation: AsyncStream<EventFrame>.Continuation
    private let all = Lock([EventFrame]())

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func post(_ frames: [EventFrame]) {
        all.withLock { $0 += frames }
        for frame in frames { continuation.yield(frame) }
    }

    func post(_ answer: PublishAnswer, for ticket: UInt64) {}

    /// All events so far.
    var frames: [EventFrame] { all.withLock { $0 } }

    /// What the events so far told of a job, in their order.
    func updates(of job: String = "job") -> [Update] {
        frames.compactMap(Self.update).filter { $0.job == job }
    }

    /// Waits for the next event that tells of a job in a state; those before it are passed over.
    @discardableResult
    func next(_ state: JobState, of job: String = "job") async throws -> Update {
        try await next { update in update.job == job && update.state == state.rawValue }
    }

    func next(where isWanted: (Update) -> Bool) async throws -> Update {
        for await frame in stream {
            if let update = Self.update(frame), isWanted(update) { return update }
        }
        throw CancellationError()
    }

    /// Waits until so many jobs have succeeded.
    func allSucceed(_ count: Int) async throws { try await all(count, reach: [.succeeded]) }

    /// Waits until so many jobs have come to one of these states.
    func all(_ count: Int, reach states: [JobState]) async throws {
        let names = states.map(\.rawValue)
        var there: Set<String> = []
        while there.count < count { there.insert(try await next { names.contains($0.state) }.job) }
    }

    /// Waits for the next piece of text.
    func nextDelta() async throws -> EventFrame {
        for await frame in stream where frame.name == "content_delta" { return frame }
        throw CancellationError()
    }

    static func data(_ frame: EventFrame) -> [String: String] {
        // The members are `"resources":…,"at":…,"data":…`, and the data is the last.
        let members = frame.members
        guard let start = members.firstRange(of: Array(#""data":"#.utf8)) else { return [:] }
        return ProducersTests.members(of: Array(members[start.upperBound...]))
    }

    private static func update(_ frame: EventFrame) -> Update? {
        guard frame.name == "job_update" else { return nil }
        let data = data(frame)
        return Update(
            job: data["id"] ?? "", state: data["state"] ?? "",
            attempt: data["attempt"].flatMap { Int($0) } ?? -1,
            progress: data["progress"].flatMap { Double($0) } ?? -1,
            message: data["message"] ?? "")
    }
}
