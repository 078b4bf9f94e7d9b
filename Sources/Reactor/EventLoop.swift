// One thread that waits for sockets and runs the jobs of the actor pinned to it.
//
// Problem: an actor's calls, a socket's readiness and other threads' posts must meet on one thread
//   with no lock between them and as few wake-ups as possible.
// Invariants:
//   - Everything but `enqueue`, `wake` and `stop` is used on the loop's thread only.
//   - `isAsleep` is set under the inbox's lock and only while the inbox is empty; so whoever adds
//     to the inbox either sees the loop awake (it will look again before it sleeps) or wakes it.
//     The eventfd is written at most once per sleep.
// A turn: wait → jobs → client (socket events, what other threads posted, the flush) → again.

internal import CLinux
internal import Synchronization

/// The client of an event loop: the actor pinned to it, such as a `Worker`.
package protocol EventLoopClient: AnyObject, Sendable {
    /// Handles the loop's ready sockets and all that was posted, once per turn on its thread.
    ///
    /// - Returns: milliseconds until the client wants its next turn; `nil` for no deadline.
    func turn(of loop: EventLoop, readyCount: Int) -> Int?
}

/// A thread with an epoll instance that is the executor of one actor.
///
/// `@unchecked Sendable`: `poller` is written by `init` alone and its `wake` is one system call;
/// `client` is set before the thread starts; the rest is behind `inbox` or atomic.
package final class EventLoop: SerialExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var isWoken = false
        var isAsleep = false
        var isStopping = false
    }

    private let poller: Poller
    private let inbox = Lock(Inbox())
    private let thread = Atomic<UInt>(0)
    private var client: (any EventLoopClient)?
    private var runningThread: Thread?

    /// Opens the epoll instance; `start` starts the thread.
    ///
    /// - Throws: `Errno` when the process has no descriptors left for epoll.
    package init() throws(Errno) {
        poller = try Poller.open()
    }

    // MARK: From any thread

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        post { $0.jobs.append(job) }
    }

    /// Makes the loop take another turn soon: one, however often it is called before that turn.
    package func wake() {
        post { $0.isWoken = true }
    }

    /// Ends the thread after its current turn.
    package func stop() {
        post { $0.isStopping = true }
    }

    package func checkIsolated() {
        precondition(isCurrent, "this belongs to an event loop and was called on another thread")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Whether the caller runs on the loop's thread.
    package var isCurrent: Bool { thread.load(ordering: .relaxed) == Thread.current }

    private func post(_ change: (inout Inbox) -> Void) {
        let mustWake = inbox.withLock { inbox in
            change(&inbox)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if mustWake { poller.wake() }
    }

    // MARK: On the loop's thread

    /// Starts the thread; `client` gets a turn after each wait.
    package func start(name: String, client: any EventLoopClient) throws(Errno) {
        precondition(runningThread == nil, "an event loop is started once")
        self.client = client
        runningThread = try Thread(name: name) { self.run() }
    }

    /// Waits until the thread has ended, after `stop`.
    package func join() {
        runningThread?.join()
    }

    /// Watches a connection, edge-triggered for reading and writing, until its descriptor is
    /// closed.
    package func watch(connection: Int32, token: UInt64) throws(Errno) {
        try poller.addConnection(connection, token: token)
    }

    /// Watches a listening socket, level-triggered, until its descriptor is closed.
    package func watch(listener: Int32, token: UInt64) throws(Errno) {
        try poller.addListener(listener, token: token)
    }

    /// Stops watching a listening socket, which can be watched again later.
    package func unwatch(listener: Int32) {
        poller.remove(listener)
    }

    /// Returns the socket event number `index` of this turn; `nil` for the loop's own wake-up.
    package func readiness(at index: Int) -> Readiness? {
        let event = poller.event(at: index)
        return event.token == Poller.wakeToken ? nil : event
    }

    private func run() {
        thread.store(Thread.current, ordering: .relaxed)
        var deadline: Int? = 0
        while true {
            let mayBlock = inbox.withLock { inbox in
                let isQuiet = inbox.jobs.isEmpty && !inbox.isWoken && !inbox.isStopping
                inbox.isAsleep = isQuiet && deadline != 0
                return inbox.isAsleep
            }
            let timeout = mayBlock ? Int32(clamping: deadline ?? -1) : 0
            let ready = poller.wait(timeout: timeout)
            let (jobs, isStopping) = inbox.withLock { inbox in
                inbox.isAsleep = false
                inbox.isWoken = false
                let jobs = inbox.jobs
                inbox.jobs = []
                return (jobs, inbox.isStopping)
            }
            for job in jobs {
                unsafe job.runSynchronously(on: asUnownedSerialExecutor())
            }
            deadline = client?.turn(of: self, readyCount: ready)
            if isStopping && jobs.isEmpty { break }
        }
        client = nil
    }
}
