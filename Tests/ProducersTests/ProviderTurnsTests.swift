import Reactor
import Testing

@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `A provider's turns` {
    @Test func `are given at once as long as there are any`() {
        let turns = ProviderTurns(2)
        #expect(turns.tryTake())
        #expect(turns.tryTake())
        #expect(!turns.tryTake())
        turns.giveBack()
        #expect(turns.tryTake())
        #expect(!turns.tryTake())
    }

    @Test(arguments: [0, -3])
    func `are never less than one`(count: Int) {
        let turns = ProviderTurns(count)
        #expect(turns.tryTake())
        #expect(!turns.tryTake())
    }

    @Test func `go to those who wait in the order in which they came`() async throws {
        let turns = ProviderTurns(1)
        #expect(turns.tryTake())
        let line = try Line()
        let tasks = await line.wait(20, for: turns)
        #expect(await line.served.isEmpty)
        turns.giveBack()
        for task in tasks { await task.value }
        #expect(await line.served == Array(0..<20))
        #expect(turns.tryTake())
        line.end()
    }

    @MainActor
    @Test func `are not given to who has stopped waiting`() async {
        let turns = ProviderTurns(1)
        #expect(turns.tryTake())
        let first = Task { await turns.take() }
        let second = Task { await turns.take() }
        await Task {}.value
        first.cancel()
        #expect(await first.value == false)
        turns.giveBack()
        #expect(await second.value)
        turns.giveBack()
        #expect(turns.tryTake(), "none was lost")
        #expect(!turns.tryTake())
    }

    @Test func `are not given to a task that is cancelled already`() async {
        let turns = ProviderTurns(1)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await turns.take()
        }
        task.cancel()
        #expect(await task.value == false)
        #expect(turns.tryTake())
    }

    @Test func `are never more than there are, and none is lost, however many come and go`() async {
        let turns = ProviderTurns(3)
        let counts = Lock((now: 0, most: 0, taken: 0))
        await withTaskGroup { group in
            for number in 0..<600 {
                group.addTask {
                    let task = Task {
                        guard await turns.take() else { return }
                        counts.withLock { counts in
                            counts.now += 1
                            counts.taken += 1
                            counts.most = max(counts.most, counts.now)
                        }
                        await Task.yield()
                        counts.withLock { $0.now -= 1 }
                        turns.giveBack()
                    }
                    if number % 3 == 0 { task.cancel() }
                    await task.value
                }
            }
        }
        let (now, most, taken) = counts.withLock { $0 }
        #expect(now == 0 && most <= 3 && most > 0)
        #expect(taken >= 400)
        for _ in 0..<3 { #expect(turns.tryTake()) }
        #expect(!turns.tryTake())
    }
}

/// Tasks that begin in the order of their making, each as far as it need not wait: an event loop's jobs do.
private actor Line: EventLoopClient {
    private nonisolated let loop: EventLoop
    private(set) var served: [Int] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    init() throws {
        loop = try EventLoop()
        try loop.start(name: "line", client: self)
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? { nil }

    /// Makes so many wait for a turn, who give it back as soon as they have it.
    func wait(_ count: Int, for turns: ProviderTurns) -> [Task<Void, Never>] {
        (0..<count).map { number in
            Task {
                let hasTurn = await turns.take()
                #expect(hasTurn)
                served.append(number)
                turns.giveBack()
            }
        }
    }

    nonisolated func end() { loop.stop() }
}
