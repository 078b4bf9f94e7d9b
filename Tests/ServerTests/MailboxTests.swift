import Hub
import Reactor
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `What is in a mailbox` {
    /// A mailbox's content, and what its worker has taken of it.
    private struct Worker {
        var post = Mailbox.Post()
        var taken = Queue<Message>()

        /// Adds events; whether the worker is woken for them.
        mutating func addEvents() -> Bool { post.add(.events([]), isUrgent: false) }

        /// Adds something that does not wait; whether the worker is woken for it.
        mutating func addUrgent() -> Bool {
            post.add(.presence(.unwatch(resource("a:1"))), isUrgent: true)
        }

        /// Takes all messages; their number.
        mutating func take() -> Int {
            let count = taken.count
            post.moveAll(to: &taken)
            return taken.count - count
        }

        mutating func doze() -> Bool { post.doze() }
    }

    private var worker = Worker()

    @Test mutating func `wakes a worker for the first message alone until they are taken`() {
        var woken = [worker.addEvents(), worker.addUrgent(), worker.addEvents()]
        #expect(woken == [true, false, false])
        var count = worker.take()
        #expect(count == 3)
        woken = [worker.addUrgent(), worker.addEvents()]
        #expect(woken == [true, false])
        count = worker.take()
        #expect(count == 2)
    }

    @Test mutating func `lets events wait while the worker dozes`() {
        let first = worker.addEvents()
        let taken = worker.take()
        let dozes = worker.doze()
        let woken = [worker.addEvents(), worker.addEvents()]
        let waiting = worker.take()
        let next = worker.addEvents()
        #expect(first && taken == 1 && dozes)
        #expect(woken == [false, false])
        #expect(waiting == 2)
        #expect(next, "a worker that has taken its messages dozes no more")
    }

    @Test mutating func `wakes a worker that dozes for all else, once`() {
        _ = worker.addEvents()
        _ = worker.take()
        let dozes = worker.doze()
        let woken = [
            worker.addEvents(), worker.addUrgent(), worker.addUrgent(), worker.addEvents(),
        ]
        #expect(dozes)
        #expect(woken == [false, true, false, false])
        let count = worker.take()
        #expect(count == 4)
    }

    @Test mutating func `lets a worker doze only after events, and once`() {
        var dozes = [worker.doze()]
        _ = worker.addUrgent()
        _ = worker.take()
        dozes.append(worker.doze())
        _ = worker.addEvents()
        // What came after the last look is not slept through.
        dozes.append(worker.doze())
        _ = worker.take()
        dozes.append(worker.doze())
        // The rest is over and nothing came: it sleeps until it is woken.
        _ = worker.take()
        dozes.append(worker.doze())
        #expect(dozes == [false, false, false, true, false])
        let woken = worker.addEvents()
        #expect(woken)
    }
}
