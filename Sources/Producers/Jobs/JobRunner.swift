// Runs the jobs of the hub's own kinds.
//
// Problem: work that takes minutes must survive a failing provider, a cancel, and a hub that stops
//   or is killed. Each of these may happen at the very moment at which the work is done.
// Invariants:
//   - The job's row decides. Every change of state is a transition of the row in a transaction,
//     guarded by the lease that the claim drew. One switch over an attempt's outcome records how
//     the attempt ended.
//   - A task runs only while its lease is in `running`. The task of a job that was cancelled, and
//     perhaps claimed anew, may still be ending. Its slot is free when it has ended.
//   - The store belongs to one hub at a time (it is locked), so a job that is marked as running
//     when a hub starts belonged to a hub that is gone.
// Cost: a claim seeks once per kind. Figures are written for all running jobs in one transaction, 4
//   times a second.

internal import Generators
package import Hub
internal import Reactor
internal import Records
package import Telemetry

/// Claims jobs, runs them and records how they ended; one per hub.
package actor JobRunner {
    struct Running: Sendable {
        let job: String
        let task: Task<Void, Never>
        let progress: JobProgress
        let attempt: Int
        let lease: String
        let timeout: Double
        var reason: Interruption?
    }

    /// Why the hub itself ended an attempt.
    enum Interruption {
        case timeout, shutdown
        /// Another run now holds the job's lease.
        case abandoned
    }

    let broker: Broker
    let pipelines: [String: any Pipeline]
    let settings: JobSettings
    let logger: Log
    let board: JobBoard
    let activity: ActivityDesk
    let tools: JobRun.Tools

    /// The runs under way, by lease.
    var running: [String: Running] = [:]
    /// Whether the jobs that a killed hub left running were taken back; nothing is claimed before.
    private var isReady = false
    var isStopping = false
    private var isScheduling = false
    private var mustPassAgain = false
    private var awaitingRest: [CheckedContinuation<Void, Never>] = []
    private(set) var nextWakeup: Task<Void, Never>?
    private var ticker: Task<Void, Never>?
    var nextPrune = Instant.now()

    package init(
        broker: Broker, pipelines: [any Pipeline], generators: JobGenerators,
        settings: JobSettings, board: JobBoard, logger: Log
    ) {
        self.broker = broker
        self.pipelines = Dictionary(
            uniqueKeysWithValues: pipelines.map { (type(of: $0).kind, $0) })
        self.settings = settings
        self.board = board
        self.logger = logger
        activity = ActivityDesk(broker: broker)
        tools = JobRun.Tools(
            broker: broker, activity: activity, text: generators.text,
            textTurns: ConcurrencyLimit(generators.textTurns),
            images: generators.images, imageTurns: ConcurrencyLimit(generators.imageTurns),
            maximumTokens: generators.maximumTokens, logger: logger)
    }

    // MARK: Start and stop

    /// Takes back the jobs that a killed hub left running, and begins to claim.
    ///
    /// While the store takes no writes, it tries again each second.
    package func start() async {
        guard !isStopping else { return }
        do throws(LogUnavailable) {
            try await rescue()
            isReady = true
            await runPasses()
        } catch {
            guard !isStopping else { return }
            logger.warning("Jobs wait until the store can be written", ["reason": error])
            nextWakeup = Task {
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                await self.start()
            }
        }
    }

    private func rescue() async throws(LogUnavailable) {
        let (rescued, announced) = try await broker.write(
            RescueOrphans(pipelines: pipelines, activity: try await activity.lastAnnounced()))
        activity.remember(announced)
        if rescued > 0 { logger.info("Took back jobs of a hub that was killed", ["jobs": rescued]) }
    }

    /// Ends all running jobs without using up their attempts; the next hub goes on with them.
    package func stop() async {
        isStopping = true
        board.close()
        activity.close()
        nextWakeup?.cancel()
        ticker?.cancel()
        await rest()
        let ending = running
        do throws(LogUnavailable) {
            try await broker.write(InterruptJobs(jobs: ending.mapValues(\.job)))
        } catch {
            logger.warning("Running jobs could not be put back", ["reason": error])
        }
        for lease in ending.keys { end(lease, .shutdown) }
        for run in ending.values { await run.task.value }
    }

    // MARK: From outside

    /// Wakes the callers that wait for work and starts a scheduler pass, after something was
    /// queued.
    package nonisolated func wake() {
        board.signal()
        schedule()
    }

    /// Starts a scheduler pass, for example to set the next wake-up after a worker outside got a
    /// lease.
    package nonisolated func schedule() {
        Task { await runPasses() }
    }

    /// Ends the tasks of a job that have lost its lease, such as after a cancel.
    ///
    /// A later run that holds the lease goes on. Where the store cannot be read, a task ends with
    /// its next write.
    package func abandon(_ id: String) async {
        let runs = running.values.filter { $0.job == id }
        guard !runs.isEmpty else { return }
        let found = try? await broker.read(LostLeases(job: id, leases: runs.map(\.lease)))
        for lease in found ?? [] { end(lease, .abandoned) }
    }

    /// Cancels the task of a run and notes why, unless it is being ended already.
    func end(_ lease: String, _ reason: Interruption) {
        guard let run = running[lease], run.reason == nil else { return }
        running[lease]?.reason = reason
        run.task.cancel()
    }

    // MARK: Scheduling

    /// Makes a scheduler pass, which promotes, rescues and claims jobs and sets the next wake-up.
    ///
    /// It makes another one when the pass was full, or when a pass was asked for meanwhile.
    func runPasses() async {
        guard !isScheduling else {
            mustPassAgain = true
            return
        }
        isScheduling = true
        repeat {
            mustPassAgain = false
            await runPass()
        } while mustPassAgain
        isScheduling = false
        for waiting in awaitingRest { waiting.resume() }
        awaitingRest = []
    }

    /// Waits until no scheduler pass is under way, so that no claim is.
    private func rest() async {
        guard isScheduling else { return }
        await withCheckedContinuation { awaitingRest.append($0) }
    }

    private func runPass() async {
        guard isReady, !isStopping else { return }
        let capacity = max(0, settings.concurrency - running.count)
        let models = pipelines.mapValues { pipeline in
            switch pipeline.modelSource {
            case .text: tools.text.model
            case .image: tools.images.model
            }
        }
        do throws(LogUnavailable) {
            let pass = try await broker.write(
                SchedulerPass(capacity: capacity, pipelines: pipelines, models: models))
            if pass.hasQueued { board.signal() }
            for claim in pass.claims { begin(claim) }
            if pass.hasChangedWork { activity.note() }
            if pass.isFull { mustPassAgain = true }
            setWakeup(pass.nextDue.map { $0 - broker.now.milliseconds })
        } catch {
            setWakeup(1000)
        }
        await pruneIfDue()
    }

    private func setWakeup(_ milliseconds: Int64?) {
        nextWakeup?.cancel()
        guard !isStopping else { return }
        let longest = min(settings.passInterval, Int64(settings.pruneInterval))
        let wait = min(max(milliseconds ?? .max, 10), longest)
        nextWakeup = Task {
            do { try await Task.sleep(for: .milliseconds(wait)) } catch { return }
            await self.runPasses()
        }
    }

    private func begin(_ claim: Claim) {
        guard let pipeline = pipelines[claim.job.kind], let lease = claim.job.lease else { return }
        // Earlier runs of the job have lost its lease.
        for run in running.values where run.job == claim.job.id { end(run.lease, .abandoned) }
        let progress = JobProgress(
            resuming: claim.job.figures, past: claim.past, at: .now())
        let run = JobRun(
            id: claim.job.id, input: claim.input, kind: claim.job.kind,
            attempt: claim.job.attempt, lease: lease, steps: pipeline.steps, progress: progress,
            tools: tools)
        logger.info(
            "A job begins", ["job": run.id, "kind": run.kind, "attempt": run.attempt])
        let task = Task { await self.perform(run, pipeline) }
        running[lease] = Running(
            job: run.id, task: task, progress: progress, attempt: run.attempt, lease: lease,
            timeout: pipeline.timeout)
        board.add(progress, of: run.id, attempt: run.attempt)
        startTicker()
    }

    // MARK: Ticking

    private func startTicker() {
        guard ticker == nil else { return }
        ticker = Task {
            var count = 0
            while !Task.isCancelled, !self.running.isEmpty {
                do { try await Task.sleep(for: .milliseconds(settings.tickInterval)) } catch {
                    break
                }
                count += 1
                await self.tick(count)
            }
            self.ticker = nil
            // A job may have begun after the loop's last check.
            if !self.running.isEmpty, !self.isStopping { self.startTicker() }
        }
    }
}
