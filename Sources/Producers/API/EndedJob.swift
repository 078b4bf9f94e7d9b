package import HTTP
package import Hub
package import Records
internal import Telemetry

/// What a stream of a job that has ended has to know.
package struct EndedJob: Sendable {
    /// Where its last event stands in the log, if that is kept.
    package let lastEvent: EventID?
    /// SSE blocks without an id that come before the snapshot and the log: the job's text, if that
    /// is wanted, and its last event if that is not kept.
    package let opening: [UInt8]
}

extension JobAPI {
    /// What there is to say of a job that has ended; `nil` when it has not.
    ///
    /// - Throws: 404 when there is no such job.
    package func endedJob(_ id: String, hasText: Bool) async throws(Problem) -> EndedJob? {
        let found: (job: StoredJob, lastEvent: EventID?)?
        do throws(LogUnavailable) { found = try await lastWords(of: id) } catch {
            throw Problem(error)
        }
        guard let (job, lastEvent) = found else { throw .noSuch("job", id) }
        guard job.record.state.isFinal else { return nil }
        var frames: [EventFrame] = []
        if hasText, let text = text(of: job) { frames.append(text) }
        if lastEvent == nil {
            let at = Timestamp(milliseconds: job.record.finishedAt ?? 0)
            frames.append(broker.frame(ofTransient: .jobUpdate(job.record), at: at))
        }
        return EndedJob(
            lastEvent: lastEvent, opening: frames.flatMap { unsafe Array($0.block) })
    }

    /// The whole text that a job has generated, as one piece; `nil` when there is none.
    package func wholeText(of id: String) async throws(LogUnavailable) -> EventFrame? {
        try await storedJob(id).flatMap { text(of: $0) }
    }

    /// A job's row and, where the job has ended, the place of its last event.
    private func lastWords(
        of id: String
    ) async throws(LogUnavailable) -> (job: StoredJob, lastEvent: EventID?)? {
        guard let job = try await storedJob(id) else { return nil }
        guard job.record.state.isFinal else { return (job, nil) }
        let states = try await broker.states(of: [.resource(.job(id))]).states
        return (job, states.first { $0.name == "job_update" }?.id)
    }

    private func storedJob(_ id: String) async throws(LogUnavailable) -> StoredJob? {
        try await broker.read(Find<StoredJob>(id))
    }

    private func text(of job: StoredJob) -> EventFrame? {
        guard let content = job.contents.content else { return nil }
        let delta = Publication.contentDelta(
            offset: 0, text: content, of: job.record.id, attempt: job.record.attempt)
        return broker.frame(ofTransient: delta)
    }
}
