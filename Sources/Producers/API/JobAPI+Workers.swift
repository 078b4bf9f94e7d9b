// Workers outside: services in any language that claim jobs of external kinds, keep their lease
// alive, and report.

internal import Generators
internal import HTTP
internal import Hub
internal import JSON
internal import Storage
internal import Telemetry

extension JobAPI {
    private static let longestWait = 55.0

    /// Gives a worker the next job of its kinds, and waits for one if there is none.
    func claim(_ body: [UInt8]) async throws(Problem) -> Response {
        let (kinds, wait) = try claimRequest(body)
        let deadline = ContinuousClock.now.advanced(by: .seconds(wait))
        while true {
            let mark = board.signals
            if let claimed = try await claimNext(kinds) {
                guard Task.isCancelled else { return response(claimed) }
                // Whoever asked is gone: the next one shall not have to wait for the lease to run
                // out.
                try await giveBack(claimed)
                return Response(.noContent)
            }
            guard ContinuousClock.now < deadline, !Task.isCancelled, !board.isClosed else {
                return Response(.noContent, fields: [("Cache-Control", "no-store")])
            }
            await board.wait(after: mark, until: deadline)
        }
    }

    private func claimRequest(_ body: [UInt8]) throws(Problem) -> (kinds: [String], wait: Double) {
        try JSONBody.read(body) { input throws(InputError) in
            var given: [String]?
            var wait = 0.0
            try input.object(of: "kinds and wait") { input, field throws(InputError) in
                switch field {
                case "kinds": given = try input.strings()
                case "wait": wait = try input.number(in: 0...Self.longestWait)
                default: return false
                }
                return true
            }
            guard let kinds = given else {
                throw .missing("kinds", "a list of the kinds that you work at")
            }
            guard !kinds.isEmpty else {
                throw input.fault(
                    "kinds is empty; name at least one kind that you work at.", at: "kinds")
            }
            for (index, kind) in kinds.enumerated() where !settings.externalKinds.contains(kind) {
                throw InputError(
                    "\(kind) is no kind for workers outside; start the hub with "
                        + "--external-kinds \(kind).", at: "/kinds/\(index)")
            }
            return (kinds, wait)
        }
    }

    private func claimNext(_ kinds: [String]) async throws(Problem) -> StoredJob? {
        let seconds = settings.leaseSeconds
        let claimed = try await write {
            records throws(StoreError) -> (Result<StoredJob?, Problem>, [Publication]) in
            let until = records.now + Int64(seconds * 1000)
            guard var job = try records.jobs.next(kinds: kinds),
                job.claim(lease: records.makeID(), until: until, model: nil, at: records.now)
            else { return (.success(nil), []) }
            try records.jobs.save(job)
            return (.success(try StoredJob(job, in: records)), [.jobUpdate(job)])
        }
        if claimed != nil { runner.look() }
        return claimed
    }

    private func giveBack(_ job: StoredJob) async throws(Problem) {
        try await changeHeld(job.record.id, lease: job.record.lease ?? "") { job, lease, records in
            job.interrupt(lease: lease, at: records.now)
        }
        runner.wake()
    }

    private func response(_ job: StoredJob) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("job")
        job.write(to: &json)
        json.key("lease")
        json.beginObject()
        json.member("token", job.record.lease)
        json.member("seconds", settings.leaseSeconds)
        json.endObject()
        json.endObject()
        return .api(.ok, json.bytes)
    }

    // MARK: With a lease

    func heartbeat(_ id: String, _ body: [UInt8]) async throws(Problem) -> Response {
        let lease = try Self.lease(body, of: "lease") { _, _ in false }
        let seconds = settings.leaseSeconds
        try await changeHeld(id, lease: lease, isTold: { _ in false }) { job, lease, records in
            job.heartbeat(lease: lease, until: records.now + Int64(seconds * 1000))
        }
        return Response(.noContent)
    }

    func reportProgress(_ id: String, _ body: [UInt8]) async throws(Problem) -> Response {
        var change = FiguresChange()
        let lease = try Self.lease(body, of: "lease and \(FiguresChange.fields)") {
            input, field throws(InputError) in
            try change.read(field, from: &input)
        }
        let (figures, seconds) = (change, settings.leaseSeconds)
        let isTold: @Sendable (JobRecord) -> Bool = { [reports] job in
            reports.isTold(job.id, lease: lease)
        }
        try await changeHeld(id, lease: lease, isTold: isTold) { job, lease, records in
            let until = records.now + Int64(seconds * 1000)
            return job.report(figures.applied(to: job, at: records.now), lease: lease)
                && job.heartbeat(lease: lease, until: until)
        }
        return Response(.noContent)
    }

    func complete(_ id: String, _ body: [UInt8]) async throws(Problem) -> Response {
        var result: [UInt8]?
        let lease = try Self.lease(body, of: "lease and result") {
            input, field throws(InputError) in
            guard field == "result" else { return false }
            result = try input.value()
            return true
        }
        let given = result
        try await changeHeld(id, lease: lease, result: given) { job, lease, records in
            job.succeed(lease: lease, at: records.now)
        }
        return Response(.noContent)
    }

    func fail(_ id: String, _ body: [UInt8]) async throws(Problem) -> Response {
        var error: String?
        var mayRetry = true
        let lease = try Self.lease(body, of: "lease, error and retry") {
            input, field throws(InputError) in
            switch field {
            case "error": error = try input.string()
            case "retry": mayRetry = try input.boolean()
            default: return false
            }
            return true
        }
        guard let error, !error.isEmpty else {
            throw Problem(
                .unprocessableContent, "error is missing: a sentence that says what went wrong.",
                pointer: "/error")
        }
        let (retry, doesRetry) = (settings.retry, mayRetry)
        try await changeHeld(id, lease: lease) { job, lease, records in
            let delay = retry.delay(
                after: job.attempt, doesRetry ? .later : .never, random: .random(in: 0..<1))
            return job.fail(
                error, retryAt: delay.map { records.now + Int64($0 * 1000) }, lease: lease,
                at: records.now)
        }
        runner.wake()
        return Response(.noContent)
    }

    /// Reads a body that has a lease and what `read` takes.
    private static func lease(
        _ body: [UInt8], of fields: String,
        _ read: (inout InputReader, String) throws(InputError) -> Bool
    ) throws(Problem) -> String {
        try JSONBody.read(body) { input throws(InputError) in
            var lease: String?
            try input.object(of: fields) { input, field throws(InputError) in
                guard field == "lease" else { return try read(&input, field) }
                lease = try input.string()
                return true
            }
            guard let lease else { throw .missing("lease", "the token that the claim gave") }
            return lease
        }
    }

    /// Changes a job that the lease is for, and tells of it where `isTold` says so.
    private func changeHeld(
        _ id: String, lease: String,
        isTold: @escaping @Sendable (JobRecord) -> Bool = { _ in true },
        result: [UInt8]? = nil,
        _ change: @escaping @Sendable (inout JobRecord, String, RecordStore) -> Bool
    ) async throws(Problem) {
        try await write { records throws(StoreError) -> (Result<Void, Problem>, [Publication]) in
            guard var job = try records.jobs.find(id) else {
                return (.failure(.noSuch("job", id)), [])
            }
            guard job.isExternal, change(&job, lease, records) else {
                return (
                    .failure(
                        Problem(
                            .conflict,
                            "The lease is not the job's, which is \(job.state.rawValue): it ran out, "
                                + "or the job was cancelled. Stop, and claim another.")), []
                )
            }
            try records.jobs.save(job)
            if let result { try records.jobs.setResult(result, of: job) }
            return (.success(()), isTold(job) ? [.jobUpdate(job)] : [])
        }
    }
}
