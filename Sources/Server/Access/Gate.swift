// The one point at which requests become callers: between the route and the endpoint.
//
// Problem: what a caller may do depends on its credentials, on the page that sends it, and on keys
//   that may have to be fetched first.
// Design: the gate reads what a request carries, asks `AccessControl`, and makes a `Caller`, which
//   each endpoint asks about the resources that its request names. An open hub does not ask the
//   gate: every caller is `Caller.anyone`, and nothing is read.

package import Access
internal import HTTP
internal import Reactor
package import Telemetry

/// Says who sends a request, and refuses what it may not do.
package final class Gate: Sendable {
    /// What the hub lets callers without the usual grant do.
    package struct Exceptions: Sendable {
        /// Whether pictures need `jobs:read` instead of nothing.
        package var isMediaPrivate = false
        /// Whether `/metrics` needs nothing instead of `admin`.
        package var areMetricsPublic = false

        package init() {}
    }

    package let access: AccessControl
    let exceptions: Exceptions
    private let logger: Log
    /// Counts what was refused, here and by the limits.
    let refusals = RefusalCounts()
    private let lines = Lock(RefusalLines(now: .now()))
    /// Has the keys of these sources fetched, if that is due; returns when they were or cannot be.
    let fetchKeys: @Sendable ([String]) async -> Void

    package init(
        _ access: AccessControl, exceptions: Exceptions = Exceptions(), logger: Log,
        fetchKeys: @escaping @Sendable ([String]) async -> Void = { _ in }
    ) {
        self.access = access
        self.exceptions = exceptions
        self.logger = logger
        self.fetchKeys = fetchKeys
    }

    /// A gate that lets everybody do everything.
    package static func open(logger: Log) -> Gate {
        Gate(AccessControl(AccessPolicy()), logger: logger)
    }

    /// Whether every caller may do everything.
    var isOpen: Bool { access.isOpen }

    /// Who sends a request, or what is missing to know it.
    enum Admission {
        case caller(Caller)
        /// The keys of these sources are to be fetched, and the gate to be asked again.
        case needsKeys([String])
    }

    /// Credentials of a connection that were accepted, so that the next request with the same ones
    /// need not be judged anew.
    struct Known {
        /// The value of `Authorization`.
        let authorization: [UInt8]
        let caller: Caller
        /// The policy by which they were judged.
        let generation: Int
    }

    /// Says who sends a request, and whether it may use the endpoint at all; an open hub does not
    /// ask.
    ///
    /// `known` is what the connection's last request came with, and is replaced.
    /// - Throws: 401 when its credentials are bad or missing, 403 when they do not allow it.
    func admit(
        _ head: RequestHead, to endpoint: Route.Endpoint, origin: OriginCheck, mayFetch: Bool,
        known: inout Known?
    ) throws(Problem) -> Admission {
        guard endpoint.asksForCredentials else { return .caller(.anyone) }
        let now = UnixTime.now
        if let known, head.isField("authorization", known.authorization),
            access.generation == known.generation, let identity = known.caller.identity,
            !identity.hasExpired(at: now)
        {
            try known.caller.check(endpoint)
            return .caller(known.caller)
        }
        let generation = access.generation
        let countsCookie = origin.allowsCookie(of: head, changes: endpoint.changesSomething)
        let presented = try Presented(
            head, inQuery: endpoint.takesCredentialsInQuery, countsCookie: countsCookie)
        // A ticket was spent when its stream was opened; here it says which stream is meant.
        if case .changeStream = endpoint, presented.authorization == nil,
            let ticket = presented.ticket
        {
            return .caller(Caller(gate: self, identity: nil, proof: ticket))
        }
        switch access.identify(presented, at: now, mayFetch: mayFetch) {
        case .identified(let identity):
            let proof: String? =
                switch identity.kind {
                case .ticket: presented.ticket
                case .signedURL: presented.signature
                default: nil
                }
            let caller = Caller(gate: self, identity: identity, proof: proof)
            known = presented.authorization.map {
                Known(authorization: Array($0.utf8), caller: caller, generation: generation)
            }
            try caller.check(endpoint)
            return .caller(caller)
        case .needsKeys(let sources): return .needsKeys(sources)
        case .refused(let refusal): throw problem(refusal, subject: nil)
        }
    }

    // MARK: Refusals

    /// Makes the answer 401, and logs its reason.
    func problem(_ refusal: Refusal, subject: String?) -> Problem {
        var problem = Problem(
            .unauthorized, refusal.detail, reason: refusal.reason.rawValue,
            fields: [("WWW-Authenticate", refusal.challenge)])
        name(&problem, subject: subject)
        return problem
    }

    /// Makes the answer 403, and logs its reason.
    func problem(
        _ reason: String, _ detail: String, resource: String? = nil, subject: String?
    ) -> Problem {
        var problem = Problem(.forbidden, detail, reason: reason)
        problem.resource = resource
        name(&problem, subject: subject)
        return problem
    }

    /// Counts the refusal of a request before its credentials were read.
    ///
    /// - Returns: the problem, with an id if it is 403.
    func counting(_ problem: Problem) -> Problem {
        if problem.status == .misdirectedRequest { refusals.add(problem.status.code, "host") }
        guard problem.status == .forbidden, problem.requestID == nil else { return problem }
        var problem = problem
        name(&problem, subject: nil)
        return problem
    }

    private func name(_ problem: inout Problem, subject: String?) {
        let id = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        problem.requestID = id
        refusals.add(problem.status.code, problem.reason ?? "none")
        guard mayLog() else { return }
        let (status, reason, detail) = (problem.status.code, problem.reason ?? "", problem.detail)
        logger.info(
            "Refused a request",
            [
                "request_id": id, "status": status, "reason": reason, "detail": detail,
                "subject": subject ?? "none", "resource": problem.resource ?? "none",
            ])
    }

    /// Returns whether one more refusal is logged.
    private func mayLog() -> Bool {
        guard logger.level <= .info else { return false }
        let now = Instant.now()
        switch lines.withLock({ $0.decide(at: now) }) {
        case .log: return true
        case .leaveOut(let count, let askAgain):
            if let count { logOmitted(count) }
            if let askAgain {
                let wait = Duration.milliseconds(askAgain.since(now))
                Task {
                    try await Task.sleep(for: wait)
                    logOmitted(lines.withLock { $0.takeOmitted(at: .now()) })
                }
            }
            return false
        }
    }

    /// Logs how many refusals were left out since the last such line, because the hub ends.
    func logOmitted() {
        logOmitted(lines.withLock { $0.takeOmitted(at: .now(), isLast: true) })
    }

    private func logOmitted(_ count: Int) {
        guard count > 0 else { return }
        logger.warning("Refusals were left out of the log", ["refusals": count])
    }
}
