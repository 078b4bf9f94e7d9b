internal import HTTP
internal import Hub
internal import JSON
internal import Storage

extension JobAPI {
    /// What `POST /jobs` asks for.
    private struct JobRequest {
        var job: NewJob
        let order: Order
    }

    func createJob(_ body: [UInt8], key header: String?) async throws(Problem) -> Response {
        var request = try jobRequest(body)
        request.job.key = try IdempotencyKey.agreed(
            header: header, member: request.job.key, length: EventLimits.keyLength)
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
                return JobRequest(job: named) { _, _ in .success(Admission(input: order)) }
            }
            guard let pipeline = pipelines[kind] else { throw unknownKind(kind) }
            return JobRequest(job: named, order: try Self.order(order, pipeline))
        }
    }

    /// Reads an order out of `input`; its problems point into it.
    private static func order(
        _ input: [UInt8], _ pipeline: any Pipeline
    ) throws(InputError) -> Order {
        do throws(InputError) {
            let order = try InputReader.read(input) { input throws(InputError) in
                try pipeline.order(from: &input)
            }
            return { job, records throws(StoreError) in
                try order(job, records).mapError { $0.pointing(into: "/input") }
            }
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
        let (wanted, kind) = (state, page.items.first("kind"))
        let jobs = try await read { records throws(StoreError) -> Result<[StoredJob], Problem> in
            try page.rows({ id throws(StoreError) in try records.jobs.find(id)?.number }) {
                before, limit throws(StoreError) in
                var jobs: [StoredJob] = []
                for job in try records.jobs.list(
                    state: wanted, kind: kind, before: before, limit: limit)
                {
                    jobs.append(try StoredJob(job, in: records))
                }
                return jobs
            }
        }.get()
        return page.response("jobs", jobs, id: \.record.id) { $0.write(to: &$1) }
    }

    func job(_ id: String) async throws(Problem) -> Response {
        let job = try await read { records throws(StoreError) in
            try records.jobs.find(id).map { job throws(StoreError) in
                try StoredJob(job, in: records)
            }
        }
        guard let job else { throw .noSuch("job", id) }
        return job.response()
    }

    func cancelJob(_ id: String) async throws(Problem) -> Response {
        let pipelines = pipelines
        let job = try await write {
            records throws(StoreError) -> (Result<StoredJob, Problem>, [Publication]) in
            guard var job = try records.jobs.find(id) else {
                return (.failure(.noSuch("job", id)), [])
            }
            guard job.cancel("The job was cancelled.", at: records.now) else {
                return (.failure(.ended(job, "cancelled")), [])
            }
            let told = try JobRunner.save(job, pipelines, in: records)
            return (.success(try StoredJob(job, in: records)), told)
        }
        await runner.abandon(id)
        return job.response()
    }

    func restartJob(_ id: String) async throws(Problem) -> Response {
        let pipelines = pipelines
        let job = try await write {
            records throws(StoreError) -> (Result<StoredJob, Problem>, [Publication]) in
            guard var job = try records.jobs.find(id) else {
                return (.failure(.noSuch("job", id)), [])
            }
            if let key = job.key, let other = try records.jobs.find(key: key), other.id != id {
                return (
                    .failure(
                        Problem(.conflict, "The job \(other.id) has the key \(key) by now.")), []
                )
            }
            guard job.restart(at: records.now) else {
                return (.failure(.ended(job, "restarted")), [])
            }
            let stored = try StoredJob(job, in: records)
            var told: [Publication]? = []
            if let pipeline = pipelines[job.kind] {
                told = try pipeline.reflect(
                    .restarted, of: job, input: stored.contents.input, in: records)
            }
            guard let told else {
                return (
                    .failure(
                        Problem(.conflict, "What the job \(id) worked for has gone on without it.")),
                    []
                )
            }
            try records.jobs.save(job)
            return (.success(stored), told + [.jobUpdate(job)])
        }
        runner.wake()
        return job.response()
    }
}

extension Problem {
    fileprivate static func ended(_ job: JobRecord, _ change: String) -> Problem {
        Problem(.conflict, "The job \(job.id) is \(job.state.rawValue) and cannot be \(change).")
    }

    fileprivate func pointing(into base: String) -> Problem {
        guard let pointer else { return self }
        var problem = self
        problem.pointer = base + pointer
        return problem
    }
}

extension InputReader {
    private static let longestValue = 256 << 10

    /// Reads a member that may be any JSON value; gives it compact.
    mutating func value() throws(InputError) -> [UInt8] {
        let value = try copy()
        guard value.count <= Self.longestValue else {
            throw fault(
                "\(pointer) has \(value.count) bytes; at most \(Self.longestValue) are taken.",
                .tooLarge)
        }
        return value
    }
}
