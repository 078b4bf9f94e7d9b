internal import Hub
internal import Reactor
internal import Storage

extension JobRunner {
    private static let toldPerTick = 100

    /// Tells what has changed in the running jobs: text each time, figures every third time.
    ///
    /// Where hundreds run at once, each of them is told of less often, so that the whole stays affordable.
    func tick(_ count: Int) async {
        let now = Instant.now()
        let stretch = max(1, (running.count + Self.toldPerTick - 1) / Self.toldPerTick)
        var deltas: [Publication] = []
        for (id, run) in running {
            run.progress.tick(seconds: Double(settings.tickInterval) / 1000)
            if count % stretch == 0, let delta = run.progress.takeDelta() {
                deltas.append(
                    .contentDelta(
                        offset: delta.offset, text: delta.text, of: id, attempt: run.attempt))
            }
            if Double(run.progress.activeTime(at: now)) > run.timeout * 1000, run.reason == nil {
                running[id]?.reason = .timeout
                run.task.cancel()
            }
        }
        // At most 1,000 at once, as for everyone who publishes.
        for start in stride(from: 0, to: deltas.count, by: 1000) {
            broker.publish(
                Array(deltas[start..<min(deltas.count, start + 1000)]), answer: SilentPort.shared,
                ticket: 0)
        }
        if count % (3 * stretch) == 0 { await writeFigures(at: now) }
    }

    private func writeFigures(at now: Instant) async {
        let changes = running.compactMap { id, run in
            run.progress.takeChange(at: now).map { (id, run.lease, $0) }
        }
        guard !changes.isEmpty else { return }
        // Figures that cannot be stored now are stored with the next.
        try? await broker.write { records throws(StoreError) -> (Void, [Publication]) in
            var publications: [Publication] = []
            for (id, lease, figures) in changes {
                guard var job = try records.jobs.find(id), job.report(figures, lease: lease) else {
                    continue
                }
                try records.jobs.saveFigures(job)
                publications.append(.jobUpdate(job))
            }
            return ((), publications)
        }
    }

    /// Forgets jobs that ended long ago, a few at a time.
    func pruneIfDue() async {
        let now = Instant.now()
        guard now >= nextPrune else { return }
        nextPrune = now.advanced(milliseconds: 60_000)
        let (keep, limit) = (settings.retention, settings.pruneStep)
        let count = try? await broker.write { records throws(StoreError) -> (Int, [Publication]) in
            (try records.jobs.prune(endedBefore: records.now - keep, limit: limit), [])
        }
        if count == limit { nextPrune = now }
    }
}
