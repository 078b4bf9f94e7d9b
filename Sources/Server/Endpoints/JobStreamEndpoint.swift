// The stream of one job: `job:{id}` that ends by itself, for curl and for scripts.
//
// It is a stream like any other, with a cursor, a replay or a snapshot, and `live`. It ends when it
// is live, has sent all, and the last that it knows of the job is that it has ended: by an event,
// or by the job's row when it was opened.
//
// With its text, it begins with all that was generated so far. What is so far is read when the
// stream has become live, on the worker's thread: a piece that is still on its way to this worker
// is in it already and is skipped by its position, every other one comes later. So no piece is
// missed or sent twice. The text of a job that had ended is in its row, and comes before all
// events, for clients that leave at the last one. Where the job ends while its stream is being
// opened, what was so far is gone before it was read: then the stream has the text from the row as
// its last.

internal import HTTP
internal import Hub
internal import Producers

/// That a stream is about one job.
struct JobStreamRequest: Sendable {
    let job: String
    /// Whether its text is wanted and not in `ended`.
    let awaitsText: Bool
    /// What there is to say of the job if it has ended.
    let ended: EndedJob?
}

/// `GET /api/v1/jobs/{id}/progress` and `/content`.
struct JobStreamEndpoint {
    let hub: HubAccess

    /// - Throws: 400 or 406; 404 in a hub without jobs.
    func answer(_ request: Request, job id: String, hasText: Bool) throws(Problem) -> Answer {
        let api = try hub.jobAPI
        let events: Set<String> = hasText ? ["job_update", "content_delta"] : ["job_update"]
        let stream = try StreamRequest(job: .job(id), events: events, request.head)
        if let unavailability = request.unavailability { return .closing(unavailability) }
        return .later { () async throws(Problem) in
            let ended: EndedJob?
            do throws(Problem) { ended = try await api.endedJob(id, hasText: hasText) } catch {
                guard error.status == .serviceUnavailable else { throw error }
                return .closing(.unavailable)
            }
            if let ended, hasSeen(ended, stream.cursor) { return .response(Response(.noContent)) }
            let job = JobStreamRequest(
                job: id, awaitsText: hasText && ended == nil, ended: ended)
            return .stream(StreamPlan(request: stream, job: job))
        }
    }

    /// Whether a client with this cursor knows how the job has ended.
    ///
    /// It is sent home with 204, which also keeps an EventSource from coming back.
    private func hasSeen(_ job: EndedJob, _ text: String?) -> Bool {
        let broker = hub.broker
        guard let text, let cursor = EventID(text), cursor.epoch == broker.epoch,
            cursor.sequence <= broker.lastID.sequence
        else { return false }
        // What is not kept any more was before all that is.
        guard let last = job.lastEvent else { return cursor.sequence + 1 >= broker.oldest }
        return cursor.sequence >= last.sequence
    }
}
