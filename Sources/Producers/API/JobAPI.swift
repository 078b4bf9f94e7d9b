package import HTTP
package import Hub
internal import JSON
internal import Storage
internal import Telemetry

/// Answers `/api/v1` and `/media`.
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

    /// Tells what workers outside have reported last: the hub stops.
    package func tellReports() async { await reports.tellAll() }

    /// - Throws: the problem that is the answer.
    package func answer(
        _ call: APICall, _ head: RequestHead, body: [UInt8]
    ) async throws(Problem) -> Response {
        switch call {
        case .createSession: try await createSession(body)
        case .listSessions: try await listSessions(head)
        case .session(let id): try await session(id)
        case .choosePersona(let id): try await choosePersona(id, body)
        case .createInfluencer: try await createInfluencer(body)
        case .listInfluencers: try await listInfluencers(head)
        case .influencer(let id): try await influencer(id)
        case .createPost(let id): try await createPost(id, body)
        case .listPosts(let id): try await listPosts(id, head)
        case .post(let id): try await post(id)
        case .createJob: try await createJob(body, key: head.field("idempotency-key"))
        case .listJobs: try await listJobs(head)
        case .job(let id): try await job(id)
        case .cancelJob(let id): try await cancelJob(id)
        case .restartJob(let id): try await restartJob(id)
        case .claimJob: try await claim(body)
        case .heartbeat(let id): try await heartbeat(id, body)
        case .reportProgress(let id): try await reportProgress(id, body)
        case .completeJob(let id): try await complete(id, body)
        case .failJob(let id): try await fail(id, body)
        case .media(let id): try await media(id, known: KnownTags(head))
        }
    }

    // MARK: The store

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (RecordStore) throws(StoreError) -> Value
    ) async throws(Problem) -> Value {
        do throws(LogUnavailable) { return try await broker.read(body) } catch {
            throw Problem(error)
        }
    }

    /// Changes the store; a problem that the change finds is thrown, and then it must not have
    /// changed anything.
    func write<Value: Sendable>(
        _ change:
            @escaping @Sendable (RecordStore) throws(StoreError) -> (
                Result<Value, Problem>, [Publication]
            )
    ) async throws(Problem) -> Value {
        let result: Result<Value, Problem>
        do throws(LogUnavailable) { result = try await broker.write(change) } catch {
            throw Problem(error)
        }
        return try result.get()
    }

    // MARK: Orders

    /// Puts a job into the queue, with the record that it is to work for.
    ///
    /// - Returns: the job, and whether it is new: of a key there is one job.
    func enqueue(
        _ job: NewJob, _ order: @escaping Order
    ) async throws(Problem) -> (job: StoredJob, isNew: Bool) {
        let stored = try await write {
            records throws(StoreError) -> (Result<(StoredJob, Bool), Problem>, [Publication]) in
            if let key = job.key, let known = try records.jobs.find(key: key) {
                return (.success((try StoredJob(known, in: records), false)), [])
            }
            let id = records.makeID()
            let admission: Admission
            switch try order(id, records) {
            case .failure(let problem): return (.failure(problem), [])
            case .success(let admitted): admission = admitted
            }
            let new = job.with(input: admission.input)
            let record = try records.jobs.insert(new, id: id, at: records.now)
            return (
                .success((try StoredJob(record, in: records), true)),
                admission.publications + [.jobUpdate(record)]
            )
        }
        if stored.1 { runner.wake() }
        return (stored.0, stored.1)
    }

    static func newJob(_ kind: String, isExternal: Bool = false) -> NewJob {
        NewJob(kind: kind, isExternal: isExternal, input: [])
    }
}

/// A job's row with what it was given and what it gave.
struct StoredJob: Sendable {
    let record: JobRecord
    let contents: JobTable.Contents

    init(_ record: JobRecord, in records: RecordStore) throws(StoreError) {
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

extension NewJob {
    fileprivate func with(input: [UInt8]) -> NewJob {
        NewJob(
            kind: kind, isExternal: isExternal, input: input, key: key, priority: priority,
            delay: delay, maximumAttempts: maximumAttempts)
    }
}

extension Problem {
    static func noSuch(_ what: String, _ id: String) -> Problem {
        Problem(.notFound, "There is no \(what) \(id).")
    }
}

extension Response {
    /// A JSON answer of the API.
    static func api(_ status: Status = .ok, _ body: [UInt8], location: String? = nil) -> Response {
        var fields = [("Cache-Control", "no-store")]
        if let location { fields.append(("Location", APICall.prefix + location)) }
        return Response(status, fields: fields, body: body, contentType: "application/json")
    }
}
