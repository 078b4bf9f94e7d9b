package import HTTP
package import Hub
internal import JSON
internal import Records
internal import Telemetry

/// Answers requests to `/api/v1` and `/media`.
package struct JobAPI: Sendable {
    let broker: Broker
    let pipelines: [String: any Pipeline]
    let settings: JobSettings
    let runner: JobRunner
    package let board: JobBoard
    let reports: WorkerReports

    package init(
        broker: Broker, pipelines: [any Pipeline], settings: JobSettings, runner: JobRunner,
        board: JobBoard
    ) {
        self.broker = broker
        self.pipelines = Dictionary(
            uniqueKeysWithValues: pipelines.map { (type(of: $0).kind, $0) })
        self.settings = settings
        self.runner = runner
        self.board = board
        reports = WorkerReports(broker: broker, board: board, interval: settings.reportInterval)
    }

    /// Announces the last reports of workers outside, when the hub stops.
    package func announceReports() async { await reports.announceAll() }

    /// Answers a call.
    ///
    /// - Throws: the problem to answer with.
    package func answer(
        _ call: APICall, _ head: RequestHead, body: [UInt8]
    ) async throws(Problem) -> Response {
        switch call {
        case .createSession: try await createSession(body)
        case .listSessions: try await list(SessionList(), PageRequest(head))
        case .session(let id): try await show(SessionRecord.self, id)
        case .choosePersona(let id): try await choosePersona(id, body)
        case .createInfluencer: try await createInfluencer(body)
        case .listInfluencers: try await list(InfluencerList(), PageRequest(head))
        case .influencer(let id): try await show(InfluencerRecord.self, id)
        case .createPost(let id): try await createPost(id, body)
        case .listPosts(let id): try await list(PostList(influencer: id), PageRequest(head))
        case .post(let id): try await show(PostRecord.self, id)
        case .createJob: try await createJob(body, key: head.field("idempotency-key"))
        case .listJobs: try await listJobs(head)
        case .job(let id): try await show(StoredJob.self, id)
        case .jobPage(let id): try await page(of: id)
        case .cancelJob(let id): try await cancelJob(id)
        case .restartJob(let id): try await restartJob(id)
        case .articleStatus(let hash): try await articleStatus(hash)
        case .cancelArticle(let hash): try await cancelArticle(hash)
        case .restartArticle(let hash): try await restartArticle(hash)
        case .claimJob: try await claim(body)
        case .heartbeat(let id): try await heartbeat(id, body)
        case .reportProgress(let id): try await reportProgress(id, body)
        case .completeJob(let id): try await complete(id, body)
        case .failJob(let id): try await fail(id, body)
        case .media(let id): try await media(id, known: KnownTags(head))
        }
    }

    // MARK: The store

    func read<Read: StoreRead>(_ read: Read) async throws(Problem) -> Read.Value {
        do throws(LogUnavailable) { return try await broker.read(read) } catch {
            throw Problem(error)
        }
    }

    /// Applies a change to the store.
    ///
    /// - Throws: the problem that the change returns, which must then have changed nothing, or 503
    ///   when the store cannot be written.
    func write<Change: StoreChange, Value>(
        _ change: Change
    ) async throws(Problem) -> Value where Change.Outcome == Result<Value, Problem> {
        let result: Result<Value, Problem>
        do throws(LogUnavailable) { result = try await broker.write(change) } catch {
            throw Problem(error)
        }
        return try result.get()
    }

    // MARK: Orders

    /// Stores a new job, with the record that it is to work for, and wakes those who wait for work.
    ///
    /// - Returns: the job, and whether it is new. If a job with the same key is known, that job is
    ///   returned.
    func enqueue(
        _ job: NewJob, _ order: any Order
    ) async throws(Problem) -> (job: StoredJob, isNew: Bool) {
        let stored = try await write(EnqueueJob(job: job, order: order))
        if stored.isNew { runner.wake() }
        return stored
    }

    static func newJob(_ kind: String, isExternal: Bool = false) -> NewJob {
        NewJob(kind: kind, isExternal: isExternal, input: [])
    }
}

/// A job's row with its input, its result and its text.
struct StoredJob: Sendable {
    let record: JobRecord
    let contents: JobContents

    init(_ record: JobRecord, in records: any RecordStore) throws(LogUnavailable) {
        self.record = record
        contents = try records.jobs.contents(of: record)
    }

    func write(to json: inout JSONWriter) {
        JobJSON.write(record, contents, to: &json)
    }

    func response(_ status: Status = .ok) -> Response {
        var json = JSONWriter()
        write(to: &json)
        return .api(status, json.bytes, location: status == .created ? "jobs/\(record.id)" : nil)
    }
}

extension Problem {
    static func noSuch(_ what: String, _ id: String) -> Problem {
        Problem(.notFound, "There is no \(what) \(id).")
    }
}

extension Response {
    /// Makes a JSON answer of the API.
    static func api(_ status: Status = .ok, _ body: [UInt8], location: String? = nil) -> Response {
        var fields = [("Cache-Control", "no-store")]
        if let location { fields.append(("Location", APICall.prefix + location)) }
        return Response(status, fields: fields, body: body, contentType: "application/json")
    }
}
