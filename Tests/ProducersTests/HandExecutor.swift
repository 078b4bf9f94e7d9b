import Reactor

/// Runs tasks by hand and one at a time, so that a test knows how far each of them is.
final class HandExecutor: TaskExecutor {
    private let jobs = Lock([UnownedJob]())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// Runs all tasks as far as they need not wait.
    func run() {
        while let job = next() { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    private func next() -> UnownedJob? {
        jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
