// The stream of one job: `job:{id}` that ends by itself, for curl and for scripts.
//
// With its text, it begins with all that was generated so far. What is so far is read when the stream has become
// live, on the worker's thread: a piece that is still on its way to this worker is in it already and is skipped by
// its position, every other one comes later. So no piece is missed or sent twice.

internal import HTTP
internal import Hub
internal import JSON
internal import Producers

/// That a stream is about one job.
struct JobStreamRequest {
    /// The job whose text is wanted.
    let textOf: String?
}

extension Worker {
    /// `GET /api/v1/jobs/{id}/progress` and `/content`.
    func openJobStream(
        _ id: String, hasText: Bool, _ head: RequestHead, on connection: Connection
    ) throws(Problem) {
        let api = try jobAPI
        let events: Set<String> = hasText ? ["job_update", "content_delta"] : ["job_update"]
        let request = try StreamRequest(job: .job(id), events: events, head)
        let token = connection.token
        connection.exchange?.answering = Task {
            let ended: EndedJob?
            do throws(Problem) { ended = try await api.endedJob(id, hasText: hasText) } catch {
                if let connection = self.connection(token) {
                    respond(error.response(), on: connection)
                }
                return
            }
            guard let connection = self.connection(token) else { return }
            if let ended { return respond(answer(ended, request), on: connection) }
            do throws(Problem) {
                try open(
                    request, head, on: connection, job: JobStreamRequest(textOf: hasText ? id : nil)
                )
            } catch {
                respond(error.response(), on: connection)
            }
        }
    }

    /// All there is to say of a job that has ended, at once; nothing to a client that has heard it (204, which
    /// also keeps an EventSource from coming back).
    private func answer(_ job: EndedJob, _ request: StreamRequest) -> Response {
        if let text = request.cursor, let cursor = EventID(text), cursor.epoch == broker.epoch,
            let last = job.lastEvent, cursor.sequence >= last.sequence
        {
            return Response(.noContent)
        }
        var body = broker.control.connected(
            connection: ConnectionID(worker: index, token: 0).description,
            selectors: request.names, resumed: false,
            keepalive: Double(settings.keepalive) / 1000)
        for event in job.events { body += event }
        return Response(
            .ok,
            fields: [("Cache-Control", "no-cache, no-transform"), ("X-Accel-Buffering", "no")],
            body: body, contentType: "text/event-stream")
    }

    /// Sends the text so far to a stream that has just become live and waits for it.
    func sendTextSoFar(to subscriber: Subscriber) {
        guard subscriber.endsWithJob, subscriber.phase == .live,
            let connection = connection(subscriber.token), let id = connection.textJob, let api
        else { return }
        connection.textJob = nil
        guard let (text, next) = api.board.content(of: id) else { return }
        subscriber.textPosition = next
        if text.isEmpty { return }
        let delta = Publication.contentDelta(offset: 0, text: text, of: id, attempt: next.attempt)
        shard.queue(broker.frame(ofTransient: delta), for: subscriber)
    }
}
