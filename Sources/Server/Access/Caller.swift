internal import Access
internal import HTTP
internal import Hub

/// The sender of a request and what it is allowed to do.
///
/// It is an object because each request hands it on several times.
final class Caller: Sendable {
    /// `nil` in an open hub, where every caller may do everything.
    private let gate: Gate?
    /// Who it is; `nil` in an open hub, and for a ticket that was spent before.
    let identity: Identity?
    /// The ticket or signature with which it came.
    let proof: String?

    static let anyone = Caller()

    private init() {
        gate = nil
        identity = nil
        proof = nil
    }

    init(gate: Gate, identity: Identity?, proof: String?) {
        self.gate = gate
        self.identity = identity
        self.proof = proof
    }

    private var grants: Grants { identity?.grants ?? .none }

    /// Whether nothing is asked of the caller, because the hub is open.
    var isAnyone: Bool { gate == nil }

    /// The name under which its events are kept; `nil` when nobody is named.
    var publisher: String? { identity?.publisher }

    /// Returns what the caller may see of an event; `nil` when that is all.
    ///
    /// - Parameter job: The resource of the job whose own stream is meant, which the right to read
    ///   jobs allows; `nil` for all else.
    /// - Returns: the view.
    func view(ofJob job: Resource? = nil) -> EventView? {
        guard gate != nil, !grants.subscribe.coversAll else { return nil }
        let subscribe = grants.subscribe
        return EventView(naming: { $0 == job || subscribe.covers($0.name) })
    }

    // MARK: Checks

    /// Checks what an endpoint needs besides grants for resources.
    ///
    /// - Throws: 401 or 403.
    func check(_ endpoint: Route.Endpoint) throws(Problem) {
        guard let gate, let need = endpoint.need(gate.exceptions) else { return }
        switch need {
        case .credentials: if isAnonymous { throw gate.problem(.missing, subject: nil) }
        case .admin: if !grants.isAdmin { throw lacking("admin", gate) }
        case .jobs(let right):
            if !grants.jobs.contains(right) {
                throw lacking("jobs:" + right.names.joined(separator: ","), gate)
            }
        }
    }

    /// Checks that the credentials are still good, a while after they were accepted.
    ///
    /// - Throws: 401 when they have expired, or their API key was revoked or lost a grant or time.
    func checkCredentials() throws(Problem) {
        guard let gate, let identity,
            let refusal = gate.access.refusal(of: identity, at: UnixTime.now)
        else { return }
        throw gate.problem(refusal, subject: publisher)
    }

    /// Checks that the caller may receive all that the names stand for.
    ///
    /// - Throws: 401 when it has no credentials, 403 that names the first that is not allowed.
    func checkSubscribing(to names: [Selector]) throws(Problem) {
        guard let gate else { return }
        for name in names where !grants.maySubscribe(name.description) {
            throw refusal(to: "receive", name.description, gate)
        }
    }

    /// Checks that the caller may publish to all resources of an event.
    ///
    /// - Throws: 401 when it has no credentials, 403 that names the first that is not allowed.
    func checkPublishing(_ publication: Publication) throws(Problem) {
        guard let gate else { return }
        for resource in publication.resources where !grants.mayPublish(resource.name) {
            throw refusal(to: "publish to", resource.name, gate)
        }
    }

    /// Checks that the caller may publish to a resource.
    ///
    /// - Throws: 401 when it has no credentials, 403 when it is not allowed.
    func checkPublishing(to resource: Resource) throws(Problem) {
        guard let gate, !grants.mayPublish(resource.name) else { return }
        throw refusal(to: "publish to", resource.name, gate)
    }

    private var isAnonymous: Bool { identity?.kind == .anonymous }

    /// Makes the answer to a caller that may not do what it asks for: it is asked for credentials
    /// if it has none.
    private func refusal(
        _ reason: String, _ detail: String, resource: String? = nil, _ gate: Gate
    ) -> Problem {
        if isAnonymous { return gate.problem(.missing, subject: nil) }
        return gate.problem(reason, detail, resource: resource, subject: publisher)
    }

    private func lacking(_ scope: String, _ gate: Gate) -> Problem {
        refusal("scope", "These credentials do not have \(scope), which this needs.", gate)
    }

    private func refusal(to verb: String, _ resource: String, _ gate: Gate) -> Problem {
        refusal(
            "resource", "These credentials do not allow to \(verb) \(resource).",
            resource: resource, gate)
    }

    /// Makes the answer to a caller that may not receive a resource.
    func refusal(ofReceiving name: String) -> Problem {
        guard let gate else { return Problem(.forbidden, "\(name) is not allowed.") }
        return refusal(to: "receive", name, gate)
    }

    /// Makes the answer to a caller whose stream has the resources that were signed, and no others.
    func refusal(ofAdding name: Selector) -> Problem {
        guard let gate else { return StreamChange.unknownStream }
        return gate.problem(
            "resource",
            "The stream was opened by a signed URL, which allows no other resources.",
            resource: name.description, subject: publisher)
    }

    /// Makes the answer to a caller whose token has another subject than the member it names.
    func refusal(ofMember member: MemberName) -> Problem {
        let detail = "member is \(member.text), and the token's subject is another; leave it out."
        guard let gate else { return Problem(.forbidden, detail) }
        return refusal("scope", detail, gate)
    }

    /// Returns a caller with the rights of the credentials that opened a stream.
    func with(_ identity: Identity) -> Caller {
        guard let gate else { return self }
        return Caller(gate: gate, identity: identity, proof: proof)
    }

    /// Makes the answer to a caller that may not change a stream.
    func foreignStream() -> Problem {
        guard let gate else { return StreamChange.unknownStream }
        return refusal(
            "scope",
            "The stream was opened with other credentials; change it with a token of the same "
                + "subject, or with the ticket or signature that opened it.", gate)
    }
}
