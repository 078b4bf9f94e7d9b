internal import Hub
internal import Records
internal import Telemetry

extension RecordStore {
    /// A name for what is stored in this transaction.
    package func makeID() -> String { RecordID.make(at: Timestamp(milliseconds: now)) }

    /// Applies a change as a part of the transaction; if it breaks a rule of the tables, it alone
    /// is undone and announces nothing.
    ///
    /// - Returns: its outcome, or the error that it would give at any other time as well.
    /// - Throws: `LogUnavailable` that concerns the whole transaction.
    func attempt<Change: StoreChange>(
        _ change: Change, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<Change.Outcome, LogUnavailable> {
        var announced: [Publication] = []
        let outcome = try savepoint { () throws(LogUnavailable) in
            try change.apply(to: self, announcing: &announced)
        }
        if case .success = outcome { events += announced }
        return outcome
    }

    /// Saves a job after a change of its state, and lets what it works for follow.
    ///
    /// The change stands also where its pipeline cannot carry it over; then the row's error says
    /// so.
    func saveTurn(
        of job: JobRecord, _ pipelines: [String: any Pipeline],
        announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        var job = job
        try jobs.save(job)
        let turn: JobTurn? =
            switch job.state {
            case .failed: .failed
            case .cancelled: .cancelled
            default: nil
            }
        if let turn, let pipeline = pipelines[job.kind] {
            let reflection = ReflectTurn(
                turn: turn, job: job, input: try jobs.contents(of: job).input, pipeline: pipeline)
            if case .failure(let error) = try attempt(reflection, announcing: &events) {
                job.addToError("What it worked for cannot be told: \(JobError.message(of: error))")
                try jobs.save(job)
            }
        }
        events.append(.jobUpdate(job))
    }
}

/// Lets the record that a job works for follow what became of the job.
private struct ReflectTurn: StoreChange {
    let turn: JobTurn
    let job: JobRecord
    let input: [UInt8]
    let pipeline: any Pipeline

    func apply(
        to records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) {
        _ = try pipeline.reflect(
            turn, of: job, input: input, in: records, announcing: &events)
    }
}
