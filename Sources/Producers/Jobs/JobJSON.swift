internal import HTTP
package import Hub
internal import JSON
package import Records
internal import Telemetry

/// The JSON of jobs, for answers of the API and for events.
enum JobJSON {
    /// Writes the members of a `job_update`: the job's identity, its state and its figures.
    static func writeFigures(of job: JobRecord, to json: inout JSONWriter) {
        let figures = job.figures
        json.member("id", job.id)
        json.member("kind", job.kind)
        if let hash = job.sessionHash { json.member("session_hash", hash) }
        json.member("state", job.state.rawValue)
        json.member("step", figures.step)
        json.member("message", figures.message)
        json.member("progress", figures.progress)
        json.member("attempt", job.attempt)
        json.member("max_attempts", job.maximumAttempts)
        json.member("current_tokens", figures.currentTokens)
        json.member("input_tokens", figures.inputTokens)
        json.member("output_tokens", figures.outputTokens)
        json.member("total_tokens", figures.inputTokens + figures.outputTokens)
        json.member("tokens_per_second", figures.tokensPerSecond.map(rounded))
        json.member("elapsed_seconds", Double(figures.elapsed) / 1000)
        json.member("eta_seconds", figures.remaining.map { Double($0) / 1000 })
        json.member("partial_content_length", figures.contentLength)
        json.member("content_rate", figures.contentRate.map(rounded))
        if !figures.counts.isEmpty { write(figures.counts, to: &json) }
        json.member("error", job.error)
        json.member("created_at", time: job.createdAt)
        json.member("scheduled_at", time: job.runAt)
        json.member("started_at", time: job.startedAt)
        json.member("finished_at", time: job.finishedAt)
    }

    /// Writes the whole row as an object.
    static func write(
        _ job: JobRecord, _ contents: JobContents, to json: inout JSONWriter
    ) {
        json.beginObject()
        writeFigures(of: job, to: &json)
        json.member("external", job.isExternal)
        json.member("priority", job.priority)
        json.member("key", job.key)
        json.member("model", job.model)
        json.key("errors")
        json.beginArray()
        for failure in job.errors {
            json.beginObject()
            json.member("attempt", failure.attempt)
            json.member("at", time: failure.at)
            json.member("error", failure.error)
            json.endObject()
        }
        json.endArray()
        json.member("input", json: contents.input)
        json.member("result", json: contents.result)
        json.endObject()
    }

    private static func write(_ counts: [StepCount], to json: inout JSONWriter) {
        json.key("counts")
        json.beginObject()
        for count in counts {
            json.key(count.name)
            json.beginObject()
            json.member("completed", count.completed)
            json.member("total", count.total)
            json.endObject()
        }
        json.endObject()
    }

    private static func rounded(_ rate: Double) -> Double { (rate * 10).rounded() / 10 }
}

extension Publication {
    private static let jobUpdate = EventName(checked: "job_update")
    private static let contentDelta = EventName(checked: "content_delta")

    /// Makes the retained `job_update` event that carries the job's present state and figures.
    package static func jobUpdate(_ job: JobRecord) -> Publication {
        var json = JSONWriter()
        json.beginObject()
        JobJSON.writeFigures(of: job, to: &json)
        json.endObject()
        return Publication(
            resources: [.job(job.id)], name: jobUpdate, data: json.bytes, isRetained: true,
            // In a full queue, newer figures replace older ones of the same attempt and state, but
            // each change of state is delivered.
            coalesceKey: "job_update \(job.attempt) \(job.state.rawValue)",
            mark: Mark(job.state))
    }

    /// Makes the transient event that carries a piece of a job's text, after `offset` UTF-8 bytes
    /// of it.
    package static func contentDelta(
        offset: Int, text: String, of job: String, attempt: Int
    ) -> Publication {
        var json = JSONWriter()
        json.beginObject()
        json.member("offset", offset)
        json.member("text", text)
        json.endObject()
        return Publication(
            resources: [.job(job)], name: contentDelta, data: json.bytes, isTransient: true,
            mark: .piece(attempt: attempt, offset: offset))
    }
}

extension Mark {
    /// The mark of a `job_update` in a state; `nil` for a running or scheduled job.
    ///
    /// A queued job is marked as reopened, as it may have ended before and been restarted.
    fileprivate init?(_ state: JobState) {
        if state.isFinal {
            self = .final
        } else if state == .queued {
            self = .reopened
        } else {
            return nil
        }
    }
}

extension Resource {
    package static func job(_ id: String) -> Resource { Resource(checked: "job:\(id)") }

    /// The id of the job whose resource it would be; `nil` for a resource of another kind.
    package var jobID: String? {
        kind == "job" ? String(Substring(name.utf8.dropFirst("job:".utf8.count))) : nil
    }
    package static func session(_ id: String) -> Resource { Resource(checked: "session:\(id)") }
    package static func post(_ id: String) -> Resource { Resource(checked: "post:\(id)") }
    package static func influencer(_ id: String) -> Resource {
        Resource(checked: "influencer:\(id)")
    }
}

extension JSONWriter {
    /// Writes a time, given in milliseconds since 1970, as an RFC 3339 text, and `nil` as `null`.
    mutating func member(_ name: String, time: Int64?) {
        member(name, time.map { Timestamp(milliseconds: $0).description })
    }
}
