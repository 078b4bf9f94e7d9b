internal import Hub
internal import Records
internal import Telemetry

extension RecordStore {
    /// Makes an identifier for a record that is created in this transaction.
    package func makeID() -> String { RecordID.make(at: Timestamp(milliseconds: now)) }

    /// Applies a change as a part of the transaction.
    ///
    /// If the change breaks a rule of the tables, it alone is undone and announces nothing.
    ///
    /// - Returns: the outcome of the change, or the error that it would also give at any other
    ///   time.
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

    /// Saves a job after a change of its state, and updates the record that it works for.
    ///
    /// The job is saved even if its pipeline cannot update the record. Then the job's error says
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

/// Updates the record that a job works for after the job has changed.
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
