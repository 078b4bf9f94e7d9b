import Reactor
import Testing

@testable import Hub
@testable import Producers
@testable import Storage

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

    @MainActor
    @Test func `wakes all who wait, and none before`() async {
        let mark = board.signals
        var woken = 0
        let tasks = (0..<10).map { _ in
            Task {
                await board.wait(after: mark)
                woken += 1
            }
        }
        await Task {}.value
        #expect(woken == 0)
        board.signal()
        for task in tasks { await task.value }
        #expect(woken == 10)
        #expect(board.signals == mark + 1)
    }

    @MainActor
    @Test func `lets go who is cancelled, alone`() async {
        let mark = board.signals
        var isWoken = false
        let cancelled = Task { await board.wait(after: mark) }
        let other = Task {
            await board.wait(after: mark)
            isWoken = true
        }
        await Task {}.value
        cancelled.cancel()
        await cancelled.value
        #expect(!isWoken)
        board.signal()
        await other.value
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
            resuming: JobFigures(), past: JobTable.Past(duration: nil, tokens: nil),
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
        board.remove("j")
        #expect(board.content(of: "j") == nil)
    }
}
