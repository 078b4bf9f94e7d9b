internal import Hub
internal import Reactor
internal import Records
internal import Telemetry
internal import Uploads

extension JobRunner {
    private static let announcedPerTick = 100

    /// Publishes what has changed in the running jobs: text at each tick, figures at every third.
    ///
    /// Of more than a hundred running jobs, each is published less often, which bounds the cost.
    func tick(_ count: Int) async {
        let now = Instant.now()
        // A run that is being ended publishes nothing more.
        let runs = running.values.filter { $0.reason == nil }
        let stretch = max(1, (runs.count + Self.announcedPerTick - 1) / Self.announcedPerTick)
        var deltas: [Publication] = []
        for run in runs {
            run.progress.tick(seconds: Double(settings.tickInterval) / 1000)
            if count % stretch == 0, let delta = run.progress.takeDelta() {
                deltas.append(
                    .contentDelta(
                        offset: delta.offset, text: delta.text, of: run.job, attempt: run.attempt))
            }
            if Double(run.progress.activeTime(at: now)) > run.timeout * 1000 {
                end(run.lease, .timeout)
            }
        }
        // At most 1,000 at once, the limit for every publisher.
        for start in stride(from: 0, to: deltas.count, by: 1000) {
            broker.publish(
                Array(deltas[start..<min(deltas.count, start + 1000)]), answer: SilentPort.shared,
                ticket: 0)
        }
        if count % (3 * stretch) == 0 { await writeFigures(of: runs) }
    }

    private func writeFigures(of runs: [Running]) async {
        let changed = runs.filter(\.progress.hasChanged)
        // Figures that cannot be stored now are stored with a later tick.
        guard !changed.isEmpty, broker.unavailability == nil else { return }
        let runs = changed.map {
            WriteFigures.Run(job: $0.job, lease: $0.lease, progress: $0.progress)
        }
        try? await broker.write(WriteFigures(runs: runs))
    }

    /// Deletes jobs that ended longer ago than the retention, in bounded steps, and files that were
    /// sent too long ago; once a minute, or more often where results live shortly.
    func pruneIfDue() async {
        let now = Instant.now()
        guard now >= nextPrune else { return }
        nextPrune = now.advanced(milliseconds: settings.pruneInterval)
        let limit = settings.pruneStep
        // What cannot be deleted now is deleted later.
        let count = try? await broker.write(
            PruneJobs(
                retention: settings.retention, resultAge: settings.resultAge,
                pipelines: pipelines, limit: limit))
        if count == limit { nextPrune = now }
        await settings.uploads?.prune(at: broker.now.milliseconds)
    }
}
