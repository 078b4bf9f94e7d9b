package import HTTP
package import Hub
package import Records
internal import Telemetry

/// What a stream of a finished job sends in place of live events.
package struct EndedJob: Sendable {
    /// The identifier of the job's last event; `nil` when the log no longer has it.
    package let lastEvent: EventID?
    /// SSE blocks without an id that are sent before the snapshot and the log: the job's text, if
    /// it is wanted, and the job's last event, if the log no longer has it.
    package let opening: [UInt8]
}

extension JobAPI {
    /// Returns what the stream of a finished job sends; `nil` when the job has not ended.
    ///
    /// - Throws: 404 when there is no such job.
    package func endedJob(
        _ id: String, hasText: Bool, names: FigureNames = .present
    ) async throws(Problem) -> EndedJob? {
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
        if let view = names.view(over: nil) {
            let ledger = FormLedger()
            frames = frames.map { $0.form(for: view, counting: ledger) }
        }
        return EndedJob(
            lastEvent: lastEvent, opening: frames.flatMap { unsafe Array($0.block) })
    }

    /// Returns those of some resources whose jobs have ended, each with the sequence of the job's
    /// last event; 0 when the log no longer has it.
    package func endedJobs(
        among resources: [Resource]
    ) async throws(LogUnavailable) -> [EndedResource] {
        let jobs = try await broker.read(EndedJobs(ids: resources.compactMap(\.jobID)))
        if jobs.isEmpty { return [] }
        let states = try await broker.states(of: jobs.map { .resource(.job($0)) }).states
        var last: [[UInt8]: UInt64] = [:]
        for state in states where state.name == "job_update" {
            last[Array(state.resource.utf8)] = state.id.sequence
        }
        return jobs.map { id in
            let name = Resource.job(id).name
            return EndedResource(resource: name, sequence: last[Array(name.utf8)] ?? 0)
        }
    }

    /// Returns the whole text that a job has generated, as one piece; `nil` when there is none.
    package func wholeText(of id: String) async throws(LogUnavailable) -> EventFrame? {
        try await storedJob(id).flatMap { text(of: $0) }
    }

    /// Reads a job's row and, if the job has ended, the identifier of its last event.
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
