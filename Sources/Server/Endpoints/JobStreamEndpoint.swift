// The stream of one job: `job:{id}` that ends by itself, for curl and for scripts.
//
// It is a stream like any other, with a cursor, a replay or a snapshot, and `live`. It ends when it is live, has sent
// all, and the last that it knows of the job is that it has ended: by an event, or by the job's row when it was opened.
//
// With its text, it begins with all that was generated so far. What is so far is read when the stream has become
// live, on the worker's thread: a piece that is still on its way to this worker is in it already and is skipped by
// its position, every other one comes later. So no piece is missed or sent twice. The text of a job that had ended is
// in its row, and comes before all events, for clients that leave at the last one. Where the job ends while its stream
// is being opened, what was so far is gone before it was read: then the stream has the text from the row as its last.

internal import HTTP
internal import Hub
internal import JSON
internal import Producers

/// That a stream is about one job.
struct JobStreamRequest {
    let rule: JobStreamRule
    /// What there is to say of the job if it has ended.
    let ended: EndedJob?
}

extension Worker {
    /// `GET /api/v1/jobs/{id}/progress` and `/content`.
    func openJobStream(
        _ id: String, hasText: Bool, _ head: RequestHead, on connection: Connection
    ) throws(Problem) {
        let api = try jobAPI
        let events: Set<String> = hasText ? ["job_update", "content_delta"] : ["job_update"]
        let request = try StreamRequest(job: .job(id), events: events, head)
        if let trouble = temporaryTrouble(of: connection) {
            return answerClosing(trouble, head, on: connection)
        }
        let token = connection.token
        connection.exchange?.answering = Task {
            do throws(Problem) {
                let ended = try await api.endedJob(id, hasText: hasText)
                guard let connection = self.connection(token) else { return }
                if let ended, hasSeen(ended, request.cursor) {
                    return respond(Response(.noContent), on: connection)
                }
                let rule = JobStreamRule(job: id, awaitsText: hasText && ended == nil)
                try open(
                    request, head, on: connection, job: JobStreamRequest(rule: rule, ended: ended))
            } catch {
                guard let connection = self.connection(token) else { return }
                guard error.status != .serviceUnavailable else {
                    return answerClosing(.unavailable, head, on: connection)
                }
                respond(error.response(), on: connection)
            }
        }
    }

    /// Whether a client with this cursor knows how the job has ended.
    ///
    /// It is sent home with 204, which also keeps an EventSource from coming back.
    private func hasSeen(_ job: EndedJob, _ text: String?) -> Bool {
        guard let text, let cursor = EventID(text), cursor.epoch == broker.epoch,
            cursor.sequence <= broker.head.sequence
        else { return false }
        // What is not kept any more was before all that is.
        guard let last = job.lastEvent else { return cursor.sequence + 1 >= broker.oldest }
        return cursor.sequence >= last.sequence
    }

    /// Sends the text so far, if there is any, to a stream that is live and waits for it.
    func sendTextSoFar(to subscriber: Subscriber) {
        guard subscriber.phase == .live, let rule = subscriber.rule as? JobStreamRule,
            let board = api?.board, let text = rule.takeTextSoFar(from: board)
        else { return }
        shard.queue(broker.frame(ofTransient: text), for: subscriber)
    }

    /// Sends the text of a job that has ended to a stream that waits for it and was sent none of it.
    ///
    /// - Returns: `false` when there is nothing to wait for, and the stream can be ended.
    func sendWholeText(to subscriber: Subscriber) -> Bool {
        guard let rule = subscriber.rule as? JobStreamRule, rule.awaitsText, let api else {
            return false
        }
        rule.endText()
        let job = rule.job
        fetch(for: subscriber) { () async throws(LogUnavailable) in
            try await api.wholeText(of: job)
        } deliver: { worker, subscriber, text in
            if let text { worker.shard.queue(text, for: subscriber) }
            worker.flush(subscriber)
        }
        return true
    }
}
