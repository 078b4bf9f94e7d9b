internal import HTTP
internal import Hub
internal import JSON
internal import Records

extension JobAPI {
    /// The body of `POST /jobs`.
    private struct JobRequest {
        var job: NewJob
        let order: any Order
    }

    func createJob(_ body: [UInt8], key header: String?) async throws(Problem) -> Response {
        var request = try jobRequest(body)
        request.job.key =
            try IdempotencyKey.agreed(
                header: header, member: request.job.key, length: EventLimits.keyLength)
            ?? request.order.key
        let (job, isNew) = try await enqueue(request.job, request.order)
        return job.response(isNew ? .created : .ok)
    }

    private func jobRequest(_ body: [UInt8]) throws(Problem) -> JobRequest {
        try JSONBody.read(body) { input throws(InputError) in
            var kind: String?
            var order: [UInt8]?
            var job = Self.newJob("")
            try input.object(
                of: "kind, input, key, priority, delay_seconds and max_attempts"
            ) { input, field throws(InputError) in
                switch field {
                case "kind": kind = try input.string()
                case "input": order = try input.value()
                case "key": job.key = try input.key()
                case "priority": job.priority = try input.integer(in: 1...4)
                case "delay_seconds":
                    job.delay = Int64(try input.number(in: 0...31_536_000) * 1000)
                case "max_attempts":
                    job.maximumAttempts = try input.integer(in: 1...100)
                default: return false
                }
                return true
            }
            guard let kind else { throw .missing("kind", "what is to be done") }
            guard let order else { throw .missing("input", "what it is to be done with") }
            let isExternal = settings.externalKinds.contains(kind)
            let named = NewJob(
                kind: kind, isExternal: isExternal, input: order, key: job.key,
                priority: job.priority, delay: job.delay, maximumAttempts: job.maximumAttempts)
            if isExternal {
                return JobRequest(job: named, order: PlainOrder(input: order))
            }
            guard let pipeline = pipelines[kind] else { throw unknownKind(kind) }
            return JobRequest(job: named, order: try Self.order(order, pipeline))
        }
    }

    /// Reads an order from the member `input`; its problems point into that member.
    private static func order(
        _ input: [UInt8], _ pipeline: any Pipeline
    ) throws(InputError) -> any Order {
        do throws(InputError) {
            let order = try InputReader.read(input) { input throws(InputError) in
                try pipeline.order(from: &input)
            }
            return PointedOrder(order: order, base: "/input")
        } catch {
            throw error.pointing(into: "/input")
        }
    }

    private func unknownKind(_ kind: String) -> InputError {
        let known = (Array(pipelines.keys) + settings.externalKinds).sorted()
        return InputError(
            "There is no kind \(kind); there are \(known.joined(separator: ", ")). A kind for workers "
                + "outside is named in --external-kinds.", at: "/kind")
    }

    func listJobs(_ head: RequestHead) async throws(Problem) -> Response {
        let page = try PageRequest(head, knows: ["state", "kind"])
        var state: JobState?
        if let name = page.items.first("state") {
            state = JobState(rawValue: name)
            if state == nil {
                let names = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.badRequest, "state is one of \(names).")
            }
        }
        return try await list(JobList(state: state, kind: page.items.first("kind")), page)
    }

    /// Answers with the result of a job as a document.
    ///
    /// - Throws: 404 when there is no such job, when its kind has no page, and until it has
    ///   succeeded.
    func page(of id: String) async throws(Problem) -> Response {
        let job = try await find(StoredJob.self, id)
        guard let result = job.contents.result, job.record.state == .succeeded else {
            throw Problem(
                .notFound,
                "The job \(id) has no page before it has succeeded; it is "
                    + "\(job.record.state.rawValue).")
        }
        guard let page = pipelines[job.record.kind]?.page(of: result, input: job.contents.input)
        else {
            throw Problem(.notFound, "Jobs of the kind \(job.record.kind) have no page.")
        }
        return SandboxedPage.response(page)
    }

    func cancelJob(_ id: String) async throws(Problem) -> Response {
        let job = try await write(CancelJob(id: id, pipelines: pipelines))
        runner.activity.note()
        await runner.abandon(id)
        return job.response()
    }

    func restartJob(_ id: String) async throws(Problem) -> Response {
        let job = try await write(RestartJob(id: id, pipelines: pipelines))
        runner.wake()
        return job.response()
    }

    // MARK: Articles

    /// Answers with how far an article is, in the names of the system that polled for it.
    ///
    /// - Throws: 404 when no article has this session hash.
    func articleStatus(_ hash: String) async throws(Problem) -> Response {
        guard let article = try await read(FindArticle(hash: hash)) else {
            throw noArticle(hash)
        }
        var json = JSONWriter()
        article.write(to: &json)
        return .api(.ok, json.bytes)
    }

    func cancelArticle(_ hash: String) async throws(Problem) -> Response {
        _ = try await cancelJob(try await article(hash))
        return try await articleStatus(hash)
    }

    func restartArticle(_ hash: String) async throws(Problem) -> Response {
        _ = try await restartJob(try await article(hash))
        return try await articleStatus(hash)
    }

    /// Returns the identifier of an article's job.
    private func article(_ hash: String) async throws(Problem) -> String {
        guard let article = try await read(FindArticle(hash: hash)) else {
            throw noArticle(hash)
        }
        return article.job.id
    }

    private func noArticle(_ hash: String) -> Problem {
        Problem(
            .notFound,
            "No article has the session hash \(hash); what became of one is kept for "
                + "\(settings.resultAge / 1000) seconds (--result-age).")
    }
}

/// An order from a part of a body; its problems point into that part.
private struct PointedOrder: Order {
    let order: any Order
    let base: String

    var key: String? { order.key }

    func admit(
        job: String, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<[UInt8], Problem> {
        try order.admit(job: job, in: records, announcing: &events)
            .mapError { $0.pointing(into: base) }
    }
}

extension Problem {
    fileprivate func pointing(into base: String) -> Problem {
        guard let pointer else { return self }
        var problem = self
        problem.pointer = base + pointer
        return problem
    }
}

extension InputReader {
    private static let maximumValue = 256 << 10

    /// Reads a member that may be any JSON value of up to 256 KiB.
    ///
    /// - Returns: the value as compact JSON.
    mutating func value() throws(InputError) -> [UInt8] {
        let value = try copy()
        guard value.count <= Self.maximumValue else {
            throw fault(
                "\(pointer) has \(value.count) bytes; at most \(Self.maximumValue) are taken.",
                .tooLarge)
        }
        return value
    }
}
