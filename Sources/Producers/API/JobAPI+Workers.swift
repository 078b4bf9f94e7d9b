// Serves workers outside: services in any language that claim jobs of external kinds, renew their
// leases, and report.

internal import Generators
internal import HTTP
internal import Hub
internal import JSON
internal import Records
internal import Telemetry

extension JobAPI {
    private static let maximumWait = 55.0

    /// Claims the next job of some kinds for a worker, and waits for one if there is none.
    func claim(_ body: [UInt8]) async throws(Problem) -> Response {
        let (kinds, wait) = try claimRequest(body)
        let deadline = ContinuousClock.now.advanced(by: .seconds(wait))
        while true {
            let mark = board.signals
            if let claimed = try await claimNext(kinds) {
                guard Task.isCancelled else { return response(claimed) }
                // The worker has gone. The job is given back, so that the next worker need not wait
                // until the lease runs out.
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
                case "wait": wait = try input.number(in: 0...Self.maximumWait)
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
        let claimed = try await write(
            ClaimJob(kinds: kinds, leaseTime: leaseTime))
        if claimed != nil {
            runner.schedule()
            runner.activity.note()
        }
        return claimed
    }

    private func giveBack(_ job: StoredJob) async throws(Problem) {
        try await changeLeased(job.record.id, job.record.lease ?? "", .giveBack)
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
        try await changeLeased(id, lease, .heartbeat(leaseTime: leaseTime))
        return Response(.noContent)
    }

    func reportProgress(_ id: String, _ body: [UInt8]) async throws(Problem) -> Response {
        var change = FiguresChange()
        let lease = try Self.lease(body, of: "lease and \(FiguresChange.fields)") {
            input, field throws(InputError) in
            try change.read(field, from: &input)
        }
        try await changeLeased(
            id, lease, .report(change, leaseTime: leaseTime, reports))
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
        try await changeLeased(id, lease, .complete(result: result))
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
        try await changeLeased(
            id, lease, .fail(error, mayRetry: mayRetry, settings.retry))
        runner.wake()
        return Response(.noContent)
    }

    /// Reads a body that has a lease, and hands all other members to `read`.
    ///
    /// - Returns: the lease.
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

    private func changeLeased(
        _ id: String, _ lease: String, _ action: ChangeLeasedJob.Action
    ) async throws(Problem) {
        try await write(ChangeLeasedJob(job: id, lease: lease, action: action))
        if action.changesWork { runner.activity.note() }
    }

    /// Milliseconds for which a lease is valid.
    private var leaseTime: Int64 { Int64(settings.leaseSeconds * 1000) }
}
