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

    @Test func `go to those who wait in the order in which they came`() {
        let (turns, hand) = (ProviderTurns(1), HandExecutor())
        #expect(turns.tryTake())
        let served = Lock([Int]())
        for number in 0..<20 {
            Task(executorPreference: hand) {
                #expect(await turns.take())
                served.withLock { $0.append(number) }
            }
            hand.run()
        }
        for number in 0..<20 {
            #expect(served.withLock { $0 } == Array(0..<number))
            turns.giveBack()
            #expect(!turns.tryTake(), "it is promised to the one who waits")
            hand.run()
        }
        #expect(served.withLock { $0 } == Array(0..<20))
        turns.giveBack()
        #expect(turns.tryTake())
    }

    @Test func `are not given to who has stopped waiting`() {
        let (turns, hand) = (ProviderTurns(1), HandExecutor())
        #expect(turns.tryTake())
        let answers = Lock([Int: Bool]())
        let tasks = (0..<3).map { number in
            Task(executorPreference: hand) {
                let hasTurn = await turns.take()
                answers.withLock { $0[number] = hasTurn }
            }
        }
        hand.run()
        #expect(answers.withLock { $0 }.isEmpty)
        tasks[0].cancel()
        tasks[1].cancel()
        hand.run()
        #expect(answers.withLock { $0 } == [0: false, 1: false])
        turns.giveBack()
        hand.run()
        #expect(answers.withLock { $0 } == [0: false, 1: false, 2: true])
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
