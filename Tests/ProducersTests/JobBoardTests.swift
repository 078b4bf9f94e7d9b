import Reactor
import Testing

@testable import Hub
@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `The board` {
    private let board = JobBoard()

    @Test func `lets nobody wait for a signal that was given after they looked`() async {
        let mark = board.signals
        board.signal()
        await board.wait(after: mark)
        #expect(board.signals == mark + 1)
        await board.wait(after: mark)
    }

    @Test func `wakes all who wait, and none before`() {
        let (mark, hand, woken) = (board.signals, HandExecutor(), Lock(0))
        for _ in 0..<10 {
            Task(executorPreference: hand) {
                await board.wait(after: mark)
                woken.withLock { $0 += 1 }
            }
        }
        hand.run()
        #expect(woken.withLock { $0 } == 0)
        board.signal()
        hand.run()
        #expect(woken.withLock { $0 } == 10)
        #expect(board.signals == mark + 1)
    }

    @Test func `lets go who is cancelled, alone`() {
        let (mark, hand, woken) = (board.signals, HandExecutor(), Lock([Int]()))
        let tasks = (0..<3).map { number in
            Task(executorPreference: hand) {
                await board.wait(after: mark)
                woken.withLock { $0.append(number) }
            }
        }
        hand.run()
        tasks[1].cancel()
        hand.run()
        #expect(woken.withLock { $0 } == [1])
        board.signal()
        hand.run()
        #expect(woken.withLock { $0 }.sorted() == [0, 1, 2])
    }

    @Test func `lets go who was cancelled before`() async {
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            await board.wait(after: board.signals)
        }
        task.cancel()
        await task.value
    }

    @Test func `lets nobody wait beyond a deadline`() async {
        let past = ContinuousClock.now - .seconds(1)
        await board.wait(after: board.signals, until: past)
        // With a deadline that nobody lives to see, by the signal.
        let mark = board.signals
        let waiting = Task {
            await board.wait(after: mark, until: .now + .seconds(1_000_000))
        }
        board.signal()
        await waiting.value
    }

    @Test func `sends home who waits when the hub stops`() async {
        let mark = board.signals
        let waiting = Task { await board.wait(after: mark) }
        #expect(!board.isClosed)
        board.close()
        await waiting.value
        #expect(board.isClosed)
        await board.wait(after: mark)
    }

    @Test func `loses no signal between many`() async {
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    var seen: UInt64 = 0
                    while seen < 500 {
                        await board.wait(after: seen)
                        let signals = board.signals
                        #expect(signals > seen)
                        seen = signals
                    }
                }
            }
            group.addTask {
                for _ in 0..<500 {
                    board.signal()
                    await Task.yield()
                }
            }
        }
        #expect(board.signals == 500)
    }

    @Test func `knows the text of a running job as far as it was told`() {
        let progress = JobProgress(
            resuming: JobFigures(), past: JobPast(duration: nil, tokens: nil),
            at: .init(milliseconds: 0))
        #expect(board.content(of: "j") == nil)
        board.add(progress, of: "j", attempt: 3)
        progress.append("née ")
        #expect(board.content(of: "j")?.text == "")
        _ = progress.takeDelta()
        progress.append("more")
        #expect(board.content(of: "j")?.text == "née ")
        #expect(board.content(of: "j")?.next == TextPosition(attempt: 3, offset: 5))
        #expect(board.content(of: "k") == nil)
        board.remove(progress, of: "j")
        #expect(board.content(of: "j") == nil)
    }
}
