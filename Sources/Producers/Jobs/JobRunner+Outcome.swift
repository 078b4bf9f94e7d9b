internal import Generators
internal import Hub
internal import Reactor
internal import Records
internal import Telemetry

/// How an attempt at a job ended.
enum JobOutcome: Sendable {
    case succeeded(Completion)
    /// The message, and the seconds to wait before another attempt; `nil` for no other attempt.
    case failed(String, retryAfter: Double?)
    /// Nothing is left to record, because the job's row already holds what happened to the job.
    case lost
}

extension JobRunner {
    /// Runs one attempt and records how it ended.
    func perform(_ run: JobRun, _ pipeline: any Pipeline) async {
        let outcome = await outcome(of: run, pipeline)
        await record(outcome, of: run)
        activity.note()
        board.remove(run.progress, of: run.id)
        running[run.lease] = nil
        await runPasses()
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

    /// Records how an attempt ended, and tries each second until the store takes it or the hub
    /// stops.
    private func record(_ outcome: JobOutcome, of run: JobRun) async {
        let change = RecordOutcome(
            outcome: outcome, job: run.id, lease: run.lease,
            figures: run.progress.figures(at: .now()), pipelines: pipelines)
        while true {
            do throws(LogUnavailable) {
                let job = try await broker.write(change)
                if let job { logEnd(of: job) }
                return
            } catch {
                if isStopping { return }
                logger.warning("What became of a job cannot be stored yet", ["job": run.id])
                // This task may have been cancelled, and then it cannot sleep itself.
                await Task { try? await Task.sleep(for: .seconds(1)) }.value
            }
        }
    }

    private func logEnd(of job: JobRecord) {
        guard let error = job.error else {
            return logger.info(
                "A job succeeded",
                ["job": job.id, "kind": job.kind, "attempt": job.attempt])
        }
        logger.warning(
            "An attempt at a job failed",
            [
                "job": job.id, "kind": job.kind, "attempt": job.attempt,
                "state": job.state.rawValue, "error": error,
            ])
    }
}
