// One attempt at a job, as its pipeline sees it.
//
// Invariant: every write of a run is made in a transaction that first checks the run's lease. Once
//   the job was cancelled or given to another run, nothing that this run does is stored, and its
//   writes throw `JobError.lost`.

internal import Generators
package import Hub
internal import Reactor
internal import Records
internal import Telemetry

/// One attempt at a job: what a pipeline uses to read its input, do its steps and write its
/// results.
package struct JobRun: Sendable {
    /// The job's identifier.
    package let id: String
    /// The job's input, as compact JSON.
    package let input: [UInt8]

    let kind: String
    let attempt: Int
    let lease: String
    let steps: [Step]
    let progress: JobProgress
    let tools: Tools

    /// The store, the generators and what tells of runs, which all of them share.
    struct Tools: Sendable {
        let broker: Broker
        let activity: ActivityDesk
        let text: any TextGenerator
        let textTurns: ConcurrencyLimit
        let images: any ImageGenerator
        let imageTurns: ConcurrencyLimit
        /// The most tokens of a text, whatever the pipeline asks for; `nil` for the pipeline's own
        /// limit.
        let maximumTokens: Int?
        let logger: Log
    }

    // MARK: Steps

    /// Does a step once, however often the job is run, and stores its result.
    ///
    /// - Parameters:
    ///   - name: the name of the step in the pipeline's `steps`.
    ///   - part: which of how many equal parts of the step this is; each part is stored by itself.
    ///   - message: what the job's row says during the step; `nil` for what `steps` says.
    ///   - entering: a change to make as the step begins, in one transaction with the job's
    ///     figures.
    ///   - work: the work itself, skipped when an earlier attempt has finished the step.
    ///   - keeping: makes the change to apply when the work is done. Its outcome is the JSON to
    ///     keep, which is stored in the same transaction.
    /// - Returns: the JSON that was stored, now or in an earlier attempt.
    /// - Throws: `JobError`, which the pipeline passes on.
    package func step<Made: Sendable, Keeping: StoreChange>(
        _ name: String, part: (Int, of: Int) = (1, of: 1), message: String? = nil,
        entering: (any StoreChange<Void>)? = nil,
        _ work: () async throws(JobError) -> Made,
        keeping: (Made) -> Keeping
    ) async throws(JobError) -> [UInt8] where Keeping.Outcome == [UInt8] {
        let keptName = part.of == 1 ? name : "\(name)/\(part.0)"
        let (plain, range) = place(of: name, part: part)
        let step = Step(name, message ?? plain.message, weight: plain.weight)
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

    func place(
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

    /// Reads from the store, and tries again each second while the store does not answer.
    package func read<Read: StoreRead>(_ read: Read) async throws(JobError) -> Read.Value {
        let result = try await persist { () async throws(LogUnavailable) in
            try await tools.broker.read(AttemptRead(read: read))
        }
        return try Self.value(result)
    }

    /// Applies a change to the store, provided that this run still holds the job's lease.
    ///
    /// - Throws: `JobError.lost` when it does not.
    func writeHeld<Part: JobPart>(_ part: Part) async throws(JobError) -> Part.Outcome {
        let change = ChangeHeldJob(job: id, lease: lease, part: part)
        let result = try await persist { () async throws(LogUnavailable) in
            try await tools.broker.write(change)
        }
        tools.activity.note()
        guard let result else { throw .lost }
        return try Self.value(result)
    }

    private static func value<Value>(
        _ result: Result<Value, LogUnavailable>
    ) throws(JobError) -> Value {
        do throws(LogUnavailable) { return try result.get() } catch { throw .broken(error) }
    }

    /// Tries each second until the store answers, so that finished work survives a full disk.
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
