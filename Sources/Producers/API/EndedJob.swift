package import HTTP
package import Hub
internal import JSON
internal import Storage
internal import Telemetry

/// What there is to say of a job that has ended.
package struct EndedJob: Sendable {
    /// Where its last event stands in the log, if that is kept.
    package let lastEvent: EventID?
    /// SSE blocks: its text, if that is wanted, and its last event.
    package let events: [[UInt8]]
}

extension JobAPI {
    /// A job's last words; `nil` when it has not ended.
    ///
    /// - Throws: 404 when there is no such job.
    package func endedJob(_ id: String, hasText: Bool) async throws(Problem) -> EndedJob? {
        let found = try await read { records throws(StoreError) in
            try records.jobs.find(id).map { job throws(StoreError) in
                try StoredJob(job, in: records)
            }
        }
        guard let job = found else { throw .noSuch("job", id) }
        guard job.record.state.isFinal else { return nil }
        let states: [ResourceState]
        do throws(LogUnavailable) {
            states = try await broker.states(of: [.resource(.job(id))]).states
        } catch {
            throw Problem(unavailable: error)
        }
        var events: [[UInt8]] = []
        if hasText, let content = job.contents.content {
            let delta = Publication.contentDelta(
                offset: 0, text: content, of: id, attempt: job.record.attempt)
            let frame = broker.frame(ofTransient: delta)
            events.append(unsafe Array(frame.block))
        }
        let last = states.first { $0.name == "job_update" }
        let state = Publication.jobUpdate(job.record)
        let at = Timestamp(milliseconds: job.record.finishedAt ?? 0)
        if let last {
            let frame = broker.frame(ofState: state, id: last.id, at: last.at)
            events.append(unsafe Array(frame.block))
        } else {
            events.append(unsafe Array(broker.frame(ofState: state, id: nil, at: at).block))
        }
        return EndedJob(lastEvent: last?.id, events: events)
    }
}
