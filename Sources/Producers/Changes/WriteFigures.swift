internal import Hub
internal import Reactor
internal import Records

/// Stores and announces the figures of running jobs that have changed, in one transaction.
struct WriteFigures: StoreChange {
    struct Run: Sendable {
        let job: String
        let lease: String
        let progress: JobProgress
    }

    let runs: [Run]

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        for run in runs {
            guard let figures = run.progress.takeChange(at: .now()),
                var job = try records.jobs.find(run.job), job.report(figures, lease: run.lease)
            else { continue }
            try records.jobs.saveFigures(job)
            events.append(.jobUpdate(job))
        }
    }
}
