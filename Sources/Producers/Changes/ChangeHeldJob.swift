internal import Hub
internal import Records

/// Applies a change for a run, provided that the run still holds its job's lease.
///
/// If the change breaks a rule of the tables, it alone is undone.
struct ChangeHeldJob<Part: JobPart>: StoreChange {
    let job: String
    let lease: String
    let part: Part

    /// - Returns: the outcome of the change, or the error by which it broke a rule; `nil` when the
    ///   run no longer holds the lease.
    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<Part.Outcome, LogUnavailable>? {
        guard let job = try records.jobs.find(job), job.isHeld(by: lease) else { return nil }
        return try records.attempt(Bound(part: part, job: job), announcing: &events)
    }

    private struct Bound: StoreChange {
        let part: Part
        let job: JobRecord

        func apply(
            to records: any RecordStore, announcing events: inout [Publication]
        ) throws(LogUnavailable) -> Part.Outcome {
            try part.apply(to: job, in: records, announcing: &events)
        }
    }
}

/// A change that a run makes in the store, with the row of its own job.
protocol JobPart: Sendable {
    associatedtype Outcome: Sendable

    func apply(
        to job: JobRecord, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Outcome
}

/// Announces that a step begins, with the pipeline's own change for that moment.
struct EnterStep: JobPart {
    let step: Step
    let range: JobProgress.StepRange
    let lease: String
    let progress: JobProgress
    let entering: (any StoreChange<Void>)?

    func apply(
        to job: JobRecord, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        var job = job
        guard job.report(progress.enter(step, range: range), lease: lease) else { return }
        try records.jobs.saveFigures(job)
        events.append(.jobUpdate(job))
        try entering?.apply(to: records, announcing: &events)
    }
}

/// Stores the result of a finished step, with the pipeline's own change for that moment.
struct KeepStep<Change: StoreChange>: JobPart where Change.Outcome == [UInt8] {
    let name: String
    let change: Change

    /// - Returns: the JSON that is stored.
    func apply(
        to job: JobRecord, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> [UInt8] {
        let result = try change.apply(to: records, announcing: &events)
        try records.jobs.keepStep(name, result: result, of: job)
        return result
    }
}

/// Stores the whole text that a job has generated.
struct KeepContent: JobPart {
    let content: String

    func apply(
        to job: JobRecord, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        try records.jobs.setContent(content, of: job)
    }
}
