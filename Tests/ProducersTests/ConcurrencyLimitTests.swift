import Reactor
import Testing

@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `A provider's turns` {
    @Test func `are given at once as long as there are any`() throws {
        let turns = ConcurrencyLimit(2)
        let first = try #require(turns.tryAcquire())
        #expect(turns.tryAcquire() != nil)
        #expect(turns.tryAcquire() == nil)
        first.release(isDone: true)
        #expect(turns.tryAcquire() != nil)
        #expect(turns.tryAcquire() == nil)
    }

    @Test(arguments: [0, -3])
    func `are never less than one`(count: Int) {
        let turns = ConcurrencyLimit(count)
        #expect(turns.tryAcquire() != nil)
        #expect(turns.tryAcquire() == nil)
    }

    @Test func `go to those who wait in the order in which they came`() throws {
        let (turns, hand) = (ConcurrencyLimit(1), HandExecutor())
        let held = Lock([try #require(turns.tryAcquire())])
        let served = Lock([Int]())
        for number in 0..<20 {
            let place = turns.newPlace()
            Task(executorPreference: hand) {
                guard let turn = await turns.acquire(at: place) else { return }
                served.withLock { $0.append(number) }
                held.withLock { $0.append(turn) }
            }
            hand.run()
        }
        for number in 0..<20 {
            #expect(served.withLock { $0 } == Array(0..<number))
            held.withLock { $0.removeFirst() }.release(isDone: true)
            #expect(turns.tryAcquire() == nil, "it is promised to the one who waits")
            hand.run()
        }
        #expect(served.withLock { $0 } == Array(0..<20))
        held.withLock { $0.removeFirst() }.release(isDone: true)
        #expect(turns.tryAcquire() != nil)
    }

    @Test func `go first to whoever came first, also when it waits again`() throws {
        let (turns, hand) = (ConcurrencyLimit(1), HandExecutor())
        let (early, late) = (turns.newPlace(), turns.newPlace())
        let first = try #require(turns.tryAcquire())
        let served = Lock([UInt64]())
        for place in [late, early] {
            Task(executorPreference: hand) {
                guard let turn = await turns.acquire(at: place) else { return }
                served.withLock { $0.append(place) }
                turn.release(isDone: true)
            }
            hand.run()
        }
        first.release(isDone: true)
        hand.run()
        #expect(served.withLock { $0 } == [early, late])
    }

    @Test func `are not given to who has stopped waiting`() throws {
        let (turns, hand) = (ConcurrencyLimit(1), HandExecutor())
        let first = try #require(turns.tryAcquire())
        let answers = Lock([Int: Permit?]())
        let tasks = (0..<3).map { number in
            let place = turns.newPlace()
            return Task(executorPreference: hand) {
                let turn = await turns.acquire(at: place)
                answers.withLock { $0[number] = .some(turn) }
            }
        }
        let given = { answers.withLock { $0.mapValues { $0 != nil } } }
        hand.run()
        #expect(given().isEmpty)
        tasks[0].cancel()
        tasks[1].cancel()
        hand.run()
        #expect(given() == [0: false, 1: false])
        first.release(isDone: true)
        hand.run()
        #expect(given() == [0: false, 1: false, 2: true])
        answers.withLock { $0[2] ?? nil }?.release(isDone: true)
        #expect(turns.tryAcquire() != nil, "none was lost")
        #expect(turns.tryAcquire() == nil)
    }

    @Test func `are not given to a task that is cancelled already`() async {
        let turns = ConcurrencyLimit(1)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await turns.acquire(at: turns.newPlace()) != nil
        }
        task.cancel()
        #expect(await task.value == false)
        #expect(turns.tryAcquire() != nil)
    }

    @Test func `are never more than there are, and none is lost, however many come and go`() async {
        let turns = ConcurrencyLimit(3)
        let counts = Lock((now: 0, most: 0, taken: 0))
        await withTaskGroup { group in
            for number in 0..<600 {
                group.addTask {
                    let task = Task {
                        guard let turn = await turns.acquire(at: turns.newPlace()) else { return }
                        counts.withLock { counts in
                            counts.now += 1
                            counts.taken += 1
                            counts.most = max(counts.most, counts.now)
                        }
                        await Task.yield()
                        counts.withLock { $0.now -= 1 }
                        if number % 7 == 0 {
                            _ = turn.releaseSilent()
                        } else {
                            turn.release(isDone: number % 5 > 0)
                        }
                    }
                    if number % 3 == 0 { task.cancel() }
                    await task.value
                }
            }
        }
        let (now, most, taken) = counts.withLock { $0 }
        #expect(now == 0 && most <= 3 && most > 0)
        #expect(taken >= 400)
        for _ in 0..<turns.limit { #expect(turns.tryAcquire() != nil) }
        #expect(turns.tryAcquire() == nil)
    }

    // MARK: The limit

    private func take(_ count: Int, of turns: ConcurrencyLimit) throws -> [Permit] {
        try (0..<count).map { _ in try #require(turns.tryAcquire()) }
    }

    @Test func `fall to as many as are answered when a request stood behind others`() throws {
        let turns = ConcurrencyLimit(16)
        let taken = try take(16, of: turns)
        for turn in taken[..<3] {
            turn.noteAnswer()
            turn.noteAnswer()
        }
        #expect(taken[15].releaseSilent())
        #expect(turns.limit == 3)
        #expect(turns.tryAcquire() == nil)
        // Those that wait at the provider already say nothing new.
        #expect(taken[14].releaseSilent() && taken[13].releaseSilent())
        #expect(turns.limit == 3)
        for turn in taken[3..<13] { turn.release(isDone: false) }
        #expect(turns.tryAcquire() == nil)
        taken[0].release(isDone: true)
        #expect(turns.tryAcquire() != nil)
    }

    @Test func `halve where none is answered, down to one, whose silence is the provider's fault`()
        throws
    {
        let turns = ConcurrencyLimit(4)
        let taken = try take(4, of: turns)
        #expect(taken[0].releaseSilent())
        #expect(turns.limit == 2)
        #expect(taken[1].releaseSilent())
        #expect(turns.limit == 1)
        #expect(taken[2].releaseSilent())
        #expect(!taken[3].releaseSilent())
        #expect(turns.limit == 1)
        #expect(turns.tryAcquire() != nil && turns.tryAcquire() == nil)
    }

    @Test func `come up again by one with each round that is answered to the end`() throws {
        let turns = ConcurrencyLimit(3)
        let taken = try take(3, of: turns)
        taken[0].noteAnswer()
        #expect(taken[1].releaseSilent() && taken[2].releaseSilent())
        #expect(turns.limit == 1)
        taken[0].release(isDone: true)
        #expect(turns.limit == 2)
        for isDone in [true, false, false, true, true, true] {
            try #require(turns.tryAcquire()).release(isDone: isDone)
        }
        #expect(turns.limit == 3)
        for _ in 0..<9 { try #require(turns.tryAcquire()).release(isDone: true) }
        #expect(turns.limit == 3 && turns.maximum == 3)
    }

    @Test func `that fall wake nobody too early, and wake who waits as they come up`() throws {
        let (turns, hand) = (ConcurrencyLimit(2), HandExecutor())
        let taken = try take(2, of: turns)
        taken[0].noteAnswer()
        let served = Lock(0)
        for _ in 0..<3 {
            let place = turns.newPlace()
            Task(executorPreference: hand) {
                guard let turn = await turns.acquire(at: place) else { return }
                turn.noteAnswer()
                served.withLock { $0 += 1 }
            }
        }
        hand.run()
        #expect(taken[1].releaseSilent())
        hand.run()
        #expect(served.withLock { $0 } == 0)
        taken[0].release(isDone: true)
        hand.run()
        #expect(served.withLock { $0 } == 2 && turns.limit == 2)
    }
}
