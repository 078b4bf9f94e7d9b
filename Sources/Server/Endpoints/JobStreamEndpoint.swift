// The stream of one job: `job:{id}` that ends by itself, for curl and for scripts.
//
// It is a stream like any other, with a cursor, a replay or a snapshot, and `live`. It ends when it
// is live, all that was queued has been sent, and the last news of the job is that it has ended.
// The news comes from an event, or from the job's row when the stream is opened.
//
// A stream with the job's text (`/content`) begins with the text that was generated so far. That
// text is read on the worker's thread when the stream has become live. Pieces that are still on
// their way to this worker are in it already, and are skipped by their position. All other pieces
// come later. So no piece is missed or sent twice.
//
// The text of a job that had ended before is in its row. It is sent before all events, because some
// clients leave at the last event. If the job ends while its stream is being opened, the text so
// far may be gone before it is read. Then the text from the row is the last that the stream is
// sent.

internal import HTTP
internal import Hub
internal import Producers

/// The job whose stream is to be opened, and what the stream is to begin with.
struct JobStreamRequest: Sendable {
    let job: String
    /// Whether the stream wants the job's text, and `ended` does not have it.
    let awaitsText: Bool
    /// The names under which it has the job's figures.
    let names: FigureNames
    /// The job's end as far as the stream needs it; `nil` if the job has not ended.
    let ended: EndedJob?
}

/// `GET /api/v1/jobs/{id}/progress` and `/content`, and the same below `/api/v1/ai/generation`.
struct JobStreamEndpoint {
    let hub: HubAccess
    let hasText: Bool
    let names: FigureNames

    /// Finds out whether the job has ended, and opens its stream.
    ///
    /// - Throws: 400 or 406; 404 in a hub without jobs.
    func answer(_ request: Request, job id: String) throws(Problem) -> Answer {
        let api = try hub.jobAPI
        let events: Set<String> = hasText ? ["job_update", "content_delta"] : ["job_update"]
        let stream = try StreamRequest(job: .job(id), events: events, request.head)
        if let unavailability = request.unavailability { return .closing(unavailability) }
        let caller = request.caller
        return .later { () async throws(Problem) in
            let ended: EndedJob?
            do throws(Problem) {
                ended = try await api.endedJob(id, hasText: hasText, names: names)
            } catch {
                guard error.status == .serviceUnavailable else { throw error }
                return .closing(.unavailable)
            }
            if let ended, hasSeen(ended, stream.cursor) { return .response(Response(.noContent)) }
            let job = JobStreamRequest(
                job: id, awaitsText: hasText && ended == nil, names: names, ended: ended)
            return .stream(StreamPlan(request: stream, caller: caller, job: job))
        }
    }

    /// Returns whether a client with this cursor has seen how the job ended.
    ///
    /// Such a client is answered 204, which also keeps an EventSource from reconnecting.
    private func hasSeen(_ job: EndedJob, _ text: String?) -> Bool {
        let broker = hub.broker
        guard let text, let cursor = EventID(text), cursor.epoch == broker.epoch,
            cursor.sequence <= broker.lastID.sequence
        else { return false }
        // An event that is not kept any more came before all events that are.
        guard let last = job.lastEvent else { return cursor.sequence + 1 >= broker.oldest }
        return cursor.sequence >= last.sequence
    }
}
