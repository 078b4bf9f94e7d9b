// One attempt at a job, as its pipeline sees it.
//
// Invariant: every write of a run is made in a transaction that first checks the run's lease. Once
//   the job was cancelled, or given to another run, nothing that this one does leaves a trace
//   (`JobError.lost`).

internal import Generators
package import Hub
internal import Reactor
package import Storage
internal import Telemetry

/// What a pipeline works with: the job's input, its steps, the generators and the store.
package struct JobRun: Sendable {
    /// The job's name.
    package let id: String
    /// What the job was given, as JSON.
    package let input: [UInt8]

    let kind: String
    let attempt: Int
    let lease: String
    let steps: [Step]
    let progress: JobProgress
    let tools: Tools

    /// What all runs share.
    struct Tools: Sendable {
        let broker: Broker
        let text: any TextGenerator
        let textTurns: ProviderTurns
        let images: any ImageGenerator
        let imageTurns: ProviderTurns
        /// Tokens of a text at most, whatever its pipeline asks for.
        let maximumTokens: Int?
        let log: Log
    }

    // MARK: Steps

    /// Does a part of the work once, however often the job is run, and keeps what it gave.
    ///
    /// - Parameters:
    ///   - name: which of the pipeline's steps it belongs to.
    ///   - part: which of how many equal parts of that step; each part is kept by itself.
    ///   - entering: what to change as it begins, told in one transaction with the job's figures.
    ///   - work: does it.
    ///   - keeping: what to change when it is done, and the JSON that is kept; the same
    ///     transaction.
    /// - Returns: the JSON that was kept, now or in an earlier attempt.
    /// - Throws: `JobError`, which the pipeline lets through.
    package func step<Made: Sendable>(
        _ name: String, part: (Int, of: Int) = (1, of: 1),
        entering: @escaping RecordChange = { _ throws(StoreError) in [] },
        _ work: () async throws(JobError) -> Made,
        keeping: @escaping @Sendable (Made, RecordStore) throws(StoreError) -> Kept
    ) async throws(JobError) -> [UInt8] {
        let keptName = part.of == 1 ? name : "\(name)/\(part.0)"
        let (step, range) = place(of: name, part: part)
        let known = try await read { [id] records throws(StoreError) -> [UInt8]? in
            guard let job = try records.jobs.find(id) else { return nil }
            return try records.jobs.step(keptName, of: job)
        }
        if let known {
            _ = progress.enter(step, range: range)
            progress.leaveStep()
            return known
        }
        try await enter(step, range, entering)
        let made = try await work()
        progress.leaveStep()
        let result = try await writeHeld { job, records throws(StoreError) in
            let kept = try keeping(made, records)
            try records.jobs.keepStep(keptName, result: kept.result, of: job)
            return (kept.result, kept.publications)
        }
        return result
    }

    /// What a step leaves behind.
    package struct Kept: Sendable {
        /// Compact JSON.
        package let result: [UInt8]
        package let publications: [Publication]

        package init(_ result: [UInt8], _ publications: [Publication] = []) {
            self.result = result
            self.publications = publications
        }
    }

    private func place(
        of name: String, part: (Int, of: Int)
    ) -> (step: Step, range: JobProgress.StepRange) {
        let whole = steps.map(\.weight).reduce(0, +)
        var start = 0.0
        for step in steps {
            guard step.name == name else {
                start += step.weight
                continue
            }
            let size = step.weight / Double(part.of)
            let begin = start + size * Double(part.0 - 1)
            let range = JobProgress.StepRange(
                start: begin / whole * 100, end: (begin + size) / whole * 100)
            return (step, range)
        }
        preconditionFailure("the pipeline \(kind) has no step \(name); name it in `steps`")
    }

    // MARK: The store

    /// Reads what is stored.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (RecordStore) throws(StoreError) -> Value
    ) async throws(JobError) -> Value {
        let result = try await persist { () async throws(LogUnavailable) in
            try await tools.broker.read {
                records throws(StoreError) -> Result<Value, StoreError> in
                do throws(StoreError) { return .success(try body(records)) } catch {
                    guard error.isFaultOfStatement else { throw error }
                    return .failure(error)
                }
            }
        }
        return try Self.value(result)
    }

    /// Tells that a step begins, with what `change` changes.
    private func enter(
        _ step: Step, _ range: JobProgress.StepRange, _ change: @escaping RecordChange
    ) async throws(JobError) {
        let (lease, progress) = (lease, progress)
        try await writeHeld { job, records throws(StoreError) in
            var job = job
            guard job.report(progress.enter(step, range: range), lease: lease) else {
                return ((), [])
            }
            try records.jobs.saveFigures(job)
            return ((), [.jobUpdate(job)] + (try change(records)))
        }
    }

    /// Changes what is stored, provided that the job is still this run's.
    func writeHeld<Value: Sendable>(
        _ change:
            @escaping @Sendable (JobRecord, RecordStore) throws(StoreError) -> (
                Value, [Publication]
            )
    ) async throws(JobError) -> Value {
        let (id, lease) = (id, lease)
        let result = try await persist { () async throws(LogUnavailable) in
            try await tools.broker.write {
                records throws(StoreError) -> (Result<Value, StoreError>?, [Publication]) in
                guard let job = try records.jobs.find(id), job.isHeld(by: lease) else {
                    return (nil, [])
                }
                let changed = try records.savepoint { () throws(StoreError) in
                    try change(job, records)
                }
                switch changed {
                case .success(let (value, publications)): return (.success(value), publications)
                case .failure(let error): return (.failure(error), [])
                }
            }
        }
        guard let result else { throw .lost }
        return try Self.value(result)
    }

    private static func value<Value>(
        _ result: Result<Value, StoreError>
    ) throws(JobError) -> Value {
        do throws(StoreError) { return try result.get() } catch { throw .broken(error) }
    }

    /// Tries until the store answers: work that is done is not thrown away because the disk is
    /// full.
    private func persist<Value>(
        _ access: () async throws(LogUnavailable) -> Value
    ) async throws(JobError) -> Value {
        let begun = Instant.now()
        var isWaiting = false
        defer { if isWaiting { progress.setWaiting(nil, at: .now()) } }
        while true {
            do throws(LogUnavailable) { return try await access() } catch {
                if !isWaiting { progress.setWaiting("Waiting for the store", at: begun) }
                isWaiting = true
            }
            do { try await Task.sleep(for: .seconds(1)) } catch { throw .failed(.cancelled) }
        }
    }
}
