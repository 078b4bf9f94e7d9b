import Testing

@testable import Reactor

@Suite(.timeLimit(.minutes(5)))
struct `An event loop` {
    @Test func `runs the jobs of its actor on its thread, in their order`() async throws {
        let loop = try EventLoop()
        let recorder = Recorder(loop: loop)
        try loop.start(name: "test", client: recorder)
        for round in 1...20 {
            await recorder.spawn(50)
            #expect(await recorder.takeNumbers() == Array(0..<50), "round \(round)")
        }
        #expect(await recorder.isAtHome)
        #expect(!loop.isCurrent)
        loop.stop()
        loop.join()
    }

    @Test func `runs what was enqueued before it started`() async throws {
        let loop = try EventLoop()
        let recorder = Recorder(loop: loop)
        async let isAtHome = recorder.isAtHome
        try loop.start(name: "test", client: recorder)
        #expect(await isAtHome)
        loop.stop()
        loop.join()
    }

    @Test func `sees each of many posts from many threads`() async throws {
        let loop = try EventLoop()
        let sink = Sink(expecting: 4 * 5_000)
        try loop.start(name: "test", client: sink)
        let threads = try (0..<4).map { thread in
            try Thread(name: "poster") {
                for number in 0..<5_000 { sink.post(thread * 5_000 + number, on: loop) }
            }
        }
        await sink.isComplete()
        for thread in threads { thread.join() }
        let seen = sink.seen
        #expect(seen.sorted() == Array(0..<20_000))
        for thread in 0..<4 {
            let own = seen.filter { $0 / 5_000 == thread }
            #expect(own == own.sorted(), "what one thread posted came in another order")
        }
        loop.stop()
        loop.join()
    }

    @Test func `is woken by each single post that finds it asleep`() async throws {
        let loop = try EventLoop()
        let sink = Sink(expecting: 0)
        try loop.start(name: "test", client: sink)
        for round in 0..<3_000 {
            sink.expectOneMore()
            sink.post(round, on: loop)
            await sink.isComplete()
        }
        #expect(sink.seen == Array(0..<3_000))
        loop.stop()
        loop.join()
    }

    @Test func `ends its thread when it is stopped, and lets its client go`() async throws {
        let loop = try EventLoop()
        weak var client: Sink?
        do {
            let sink = Sink(expecting: 1)
            client = sink
            try loop.start(name: "test", client: sink)
            sink.post(1, on: loop)
            await sink.isComplete()
        }
        loop.stop()
        loop.join()
        #expect(client == nil)
    }

    @Test func `takes a turn when the time that its client named has passed`() async throws {
        let loop = try EventLoop()
        let clock = Alarm(milliseconds: 5)
        try loop.start(name: "test", client: clock)
        let waited = await clock.waited()
        #expect(waited >= 5)
        loop.stop()
        loop.join()
    }

    @Test func `refuses calls to its actor's state from other threads`() async {
        await #expect(processExitsWith: .failure) {
            try EventLoop().checkIsolated()
        }
    }
}

/// An actor pinned to a loop that notes what it is told.
private actor Recorder: EventLoopClient {
    private nonisolated let loop: EventLoop
    private var numbers: [Int] = []
    private var strays = 0

    init(loop: EventLoop) {
        self.loop = loop
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? { nil }

    /// Whether every job so far ran on the loop's thread.
    var isAtHome: Bool { loop.isCurrent && strays == 0 }

    func spawn(_ count: Int) async {
        let tasks = (0..<count).map { number in Task { record(number) } }
        for task in tasks { await task.value }
    }

    func takeNumbers() -> [Int] {
        defer { numbers = [] }
        return numbers
    }

    private func record(_ number: Int) {
        if !loop.isCurrent { strays += 1 }
        numbers.append(number)
    }
}

/// A client that takes posts of other threads, as a worker's mailbox does.
private final class Sink: EventLoopClient {
    private struct State: Sendable {
        var posted: [Int] = []
        var seen: [Int] = []
        var expected: Int

        var isComplete: Bool { seen.count == expected }
    }

    private let state: Lock<State>
    private let completions: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init(expecting count: Int) {
        state = Lock(State(expected: count))
        (completions, continuation) = AsyncStream.makeStream()
    }

    var seen: [Int] { state.withLock(\.seen) }

    func expectOneMore() {
        state.withLock { $0.expected += 1 }
    }

    func post(_ number: Int, on loop: EventLoop) {
        let wasEmpty = state.withLock { state in
            state.posted.append(number)
            return state.posted.count == 1
        }
        if wasEmpty { loop.wake() }
    }

    /// Waits until all that is expected was seen, or the test's time is over.
    func isComplete() async {
        if state.withLock(\.isComplete) { return }
        for await _ in completions where state.withLock(\.isComplete) { return }
    }

    func turn(of loop: EventLoop, readyCount: Int) -> Int? {
        let isComplete = state.withLock { state in
            state.seen += state.posted
            state.posted = []
            return state.isComplete
        }
        if isComplete { continuation.yield() }
        return nil
    }
}

/// A client that asks for a turn after a while.
private final class Alarm: EventLoopClient {
    private let milliseconds: Int
    private let stream: AsyncStream<Int>
    private let continuation: AsyncStream<Int>.Continuation
    private let asked = Lock<Instant?>(nil)

    init(milliseconds: Int) {
        self.milliseconds = milliseconds
        (stream, continuation) = AsyncStream.makeStream()
    }

    /// Milliseconds between asking and the turn.
    func waited() async -> Int {
        for await waited in stream { return waited }
        return 0
    }

    func turn(of loop: EventLoop, readyCount: Int) -> Int? {
        let now = Instant.now()
        let before = asked.withLock { asked in
            defer { asked = now }
            return asked
        }
        guard let before else { return milliseconds }
        continuation.yield(now.since(before))
        return nil
    }
}
