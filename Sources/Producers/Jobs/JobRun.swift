// One attempt at a job, as its pipeline sees it.
//
// Invariant: every write of a run is made in a transaction that first checks the run's lease. Once
//   the job was cancelled, or given to another run, nothing that this one does leaves a trace
//   (`JobError.lost`).

internal import Generators
package import Hub
internal import Reactor
internal import Records
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
        let textTurns: ConcurrencyLimit
        let images: any ImageGenerator
        let imageTurns: ConcurrencyLimit
        /// Tokens of a text at most, whatever its pipeline asks for.
        let maximumTokens: Int?
        let logger: Log
    }

    // MARK: Steps

    /// Does a part of the work once, however often the job is run, and keeps what it gave.
    ///
    /// - Parameters:
    ///   - name: which of the pipeline's steps it belongs to.
    ///   - part: which of how many equal parts of that step; each part is kept by itself.
    ///   - entering: what to change as it begins, told in one transaction with the job's figures.
    ///   - work: does it.
    ///   - keeping: what to change when it is done; its outcome is the JSON that is kept, in the
    ///     same transaction.
    /// - Returns: the JSON that was kept, now or in an earlier attempt.
    /// - Throws: `JobError`, which the pipeline lets through.
    package func step<Made: Sendable, Keeping: StoreChange>(
        _ name: String, part: (Int, of: Int) = (1, of: 1),
        entering: (any StoreChange<Void>)? = nil,
        _ work: () async throws(JobError) -> Made,
        keeping: (Made) -> Keeping
    ) async throws(JobError) -> [UInt8] where Keeping.Outcome == [UInt8] {
        let keptName = part.of == 1 ? name : "\(name)/\(part.0)"
        let (step, range) = place(of: name, part: part)
        if let known = try await read(KeptStep(job: id, name: keptName)) {
            _ = progress.enter(step, range: range)
            progress.leaveStep()
            return known
        }
        try await writeHeld(
            EnterStep(
                step: step, range: range, lease: lease, progress: progress, entering: entering))
        let made = try await work()
        progress.leaveStep()
        return try await writeHeld(KeepStep(name: keptName, change: keeping(made)))
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
    package func read<Read: StoreRead>(_ read: Read) async throws(JobError) -> Read.Value {
        let result = try await persist { () async throws(LogUnavailable) in
            try await tools.broker.read(AttemptRead(read: read))
        }
        return try Self.value(result)
    }

    /// Changes what is stored, provided that the job is still this run's.
    func writeHeld<Part: JobPart>(_ part: Part) async throws(JobError) -> Part.Outcome {
        let change = ChangeHeldJob(job: id, lease: lease, part: part)
        let result = try await persist { () async throws(LogUnavailable) in
            try await tools.broker.write(change)
        }
        guard let result else { throw .lost }
        return try Self.value(result)
    }

    private static func value<Value>(
        _ result: Result<Value, LogUnavailable>
    ) throws(JobError) -> Value {
        do throws(LogUnavailable) { return try result.get() } catch { throw .broken(error) }
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
