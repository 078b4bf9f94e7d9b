internal import Generators
internal import Hub
internal import Reactor
internal import Storage
internal import Telemetry

/// What became of an attempt.
enum JobOutcome: Sendable {
    case succeeded(Completion)
    /// With seconds until another attempt makes sense; `nil` for never.
    case failed(String, retryAfter: Double?)
    /// The row says already what became of the job.
    case lost
}

extension JobRunner {
    /// One attempt from its start to its record.
    func perform(_ run: JobRun, _ pipeline: any Pipeline) async {
        let outcome = await outcome(of: run, pipeline)
        await record(outcome, of: run)
        board.remove(run.progress, of: run.id)
        running[run.lease] = nil
        await tend()
    }

    private func outcome(of run: JobRun, _ pipeline: any Pipeline) async -> JobOutcome {
        do throws(JobError) {
            return .succeeded(try await pipeline.run(run))
        } catch {
            switch (error, running[run.lease]?.reason) {
            case (_, .shutdown), (_, .abandoned), (.lost, _): return .lost
            case (_, .timeout):
                let seconds = Int(pipeline.timeout)
                return .failed(
                    "The attempt took longer than \(seconds) seconds.",
                    retryAfter: settings.retry.delay(
                        after: run.attempt, .later, random: .random(in: 0..<1)))
            case (.failed(let error), nil):
                return .failed(
                    error.message,
                    retryAfter: settings.retry.delay(
                        after: run.attempt, error.retry, random: .random(in: 0..<1)))
            }
        }
    }

    /// Writes down what became of an attempt, once; tries until the store takes it.
    private func record(_ outcome: JobOutcome, of run: JobRun) async {
        let figures = run.progress.figures(at: .now())
        let pipelines = pipelines
        while true {
            do throws(LogUnavailable) {
                let job = try await broker.write {
                    records throws(StoreError) -> (JobRecord?, [Publication]) in
                    try Self.apply(outcome, to: run, figures, pipelines, in: records)
                }
                if let job {
                    tell(job)
                }
                return
            } catch {
                if isStopping { return }
                log.warning("What became of a job cannot be stored yet", ["job": run.id])
                // This task may have been cancelled, and then it cannot sleep itself.
                await Task { try? await Task.sleep(for: .seconds(1)) }.value
            }
        }
    }

    private func tell(_ job: JobRecord) {
        guard let error = job.error else {
            return log.info(
                "A job succeeded",
                ["job": job.id, "kind": job.kind, "attempt": job.attempt])
        }
        log.warning(
            "An attempt at a job failed",
            [
                "job": job.id, "kind": job.kind, "attempt": job.attempt,
                "state": job.state.rawValue, "error": error,
            ])
    }

    private static func apply(
        _ outcome: JobOutcome, to run: JobRun, _ figures: JobFigures,
        _ pipelines: [String: any Pipeline], in records: RecordStore
    ) throws(StoreError) -> (JobRecord?, [Publication]) {
        guard var job = try records.jobs.find(run.id), job.report(figures, lease: run.lease) else {
            return (nil, [])
        }
        switch outcome {
        case .lost: return (nil, [])
        case .succeeded(let completion):
            let done = try records.savepoint {
                () throws(StoreError) -> (JobRecord?, [Publication]) in
                var job = job
                guard job.succeed(lease: run.lease, at: records.now) else { return (nil, []) }
                try records.jobs.save(job)
                try records.jobs.setResult(completion.result, of: job)
                return (job, try completion.change(records) + [.jobUpdate(job)])
            }
            switch done {
            case .success(let told): return told
            case .failure(let error):
                let failed = JobOutcome.failed(JobError.message(of: error), retryAfter: nil)
                return try apply(failed, to: run, figures, pipelines, in: records)
            }
        case .failed(let message, let seconds):
            let retryAt = seconds.map { records.now + Int64($0 * 1000) }
            guard job.fail(message, retryAt: retryAt, lease: run.lease, at: records.now) else {
                return (nil, [])
            }
            let told = try save(job, pipelines, in: records)
            return (try records.jobs.find(job.id), told)
        }
    }

    /// Saves a job after a change of its state, with all the events that tell of it.
    ///
    /// The change stands also where its pipeline cannot carry it over; then the row's error says
    /// so.
    static func save(
        _ job: JobRecord, _ pipelines: [String: any Pipeline], in records: RecordStore
    ) throws(StoreError) -> [Publication] {
        try records.jobs.save(job)
        let turn: JobTurn? =
            switch job.state {
            case .failed: .failed
            case .cancelled: .cancelled
            default: nil
            }
        guard let turn, let pipeline = pipelines[job.kind] else { return [.jobUpdate(job)] }
        let input = try records.jobs.contents(of: job).input
        let told = try records.savepoint { () throws(StoreError) in
            try pipeline.reflect(turn, of: job, input: input, in: records) ?? []
        }
        switch told {
        case .success(let publications): return publications + [.jobUpdate(job)]
        case .failure(let error):
            var job = job
            job.addToError(
                "What it worked for cannot be told: \(JobError.message(of: error))")
            try records.jobs.save(job)
            return [.jobUpdate(job)]
        }
    }
}
