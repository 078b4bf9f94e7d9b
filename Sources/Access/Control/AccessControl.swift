// Says who a caller is. Every worker asks it, for each request.
//
// Invariants:
// - A policy is a value and is swapped whole, under the lock that also guards the cache of what it
//   accepted. Whoever verifies a token does so with a copy, outside the lock, and what was found is
//   kept only if the policy is still the same one.
// - Nothing here waits: when a key might be had from elsewhere, the answer says so, and the caller
//   fetches and asks again.
//
// Cost: credentials that were seen before take one lock and one look-up; others take a signature.

internal import Reactor
internal import Synchronization

/// The point at which credentials become an identity.
package final class AccessControl: Sendable {
    /// Whether every caller may do everything; this does not change with the policy.
    package let isOpen: Bool
    /// The identity of every caller of an open hub.
    package let openIdentity = Identity(kind: .anonymous, own: .all, anonymous: .none)
    private let state: Lock<State>
    private let swaps = Atomic<Int>(0)
    private let tickets = Lock(TicketStore())
    private let sessions = Lock(SessionStore())

    private struct State {
        var policy: AccessPolicy
        var anonymous: Identity
        /// Counts the swaps.
        var generation = 0
        /// What came in `Authorization`, by the field's value.
        var fields = CredentialCache()
        /// What came in a cookie; apart from the fields, since a sender chooses the whole value of
        /// a field, and could otherwise choose that of a cookie's key here.
        var cookies = CredentialCache()

        init(_ policy: AccessPolicy) {
            self.policy = policy
            anonymous = Identity(kind: .anonymous, own: .none, anonymous: policy.anonymous)
        }
    }

    package init(_ policy: AccessPolicy) {
        isOpen = policy.isOpen
        state = Lock(State(policy))
    }

    // MARK: - The policy

    /// The number of the policy: it changes with it.
    ///
    /// What was found by an earlier policy is to be judged anew.
    package var generation: Int { swaps.load(ordering: .acquiring) }

    package var policy: AccessPolicy { state.withLock { $0.policy } }

    /// Changes the policy as one step.
    ///
    /// - Returns: the names of the API keys that were revoked or that lost a grant or time, whose
    ///   streams must end with `revoked`.
    package func update(_ change: @Sendable (inout AccessPolicy) -> Void) -> [String] {
        state.withLock { state in
            var policy = state.policy
            change(&policy)
            let lost = (state.policy.apiKeys ?? APIKeySet())
                .names(reducedBy: policy.apiKeys ?? APIKeySet())
            let generation = state.generation + 1
            state = State(policy)
            state.generation = generation
            swaps.store(generation, ordering: .releasing)
            return lost
        }
    }

    /// Returns whether the API key behind an identity was revoked since, or its session was ended.
    ///
    /// A stream asks this once it can be ended by name: both may have happened between the check of
    /// its credentials and then.
    package func isRevoked(_ identity: Identity) -> Bool {
        if hasEnded(sessionOf: identity) { return true }
        guard let key = identity.key else { return false }
        return state.withLock { !($0.policy.apiKeys?.isLive(key) ?? false) }
    }

    /// Returns why credentials that were accepted before are good no longer; `nil` when they are.
    ///
    /// - Parameters:
    ///   - identity: What they were accepted as.
    ///   - now: Seconds since 1970.
    /// - Returns: the reason.
    package func refusal(of identity: Identity, at now: Int) -> Refusal? {
        if let key = identity.key,
            state.withLock({ $0.policy.apiKeys?.takesAway(from: key) ?? true })
        {
            return Refusal(
                .revoked, "The API key was revoked meanwhile, or lost a grant or time.")
        }
        if identity.hasExpired(at: now) {
            return Refusal(.expired, "The credentials have expired meanwhile; get new ones.")
        }
        if hasEnded(sessionOf: identity) {
            return Refusal(.revoked, "The session was ended meanwhile; log in again.")
        }
        return nil
    }

    /// Whether credentials came by a session that was ended since.
    private func hasEnded(sessionOf identity: Identity) -> Bool {
        guard let id = identity.sessionID else { return false }
        return !sessions.withLock { $0.has(id) }
    }

    // MARK: - Identifying

    /// The answer to a request's credentials.
    package enum Decision: Sendable {
        case identified(Identity)
        /// The request is answered `401`.
        case refused(Refusal)
        /// The token names a key that none of the sources has; these may have it by now. The caller
        /// has them fetched and asks again with `mayFetch: false`.
        case needsKeys(sources: [String])
    }

    /// Says who sends a request.
    ///
    /// The first credentials that are present decide: bad ones are refused and never fall to
    /// anonymous. A ticket is spent, whatever the answer.
    ///
    /// - Parameters:
    ///   - presented: What the request carries.
    ///   - now: Seconds since 1970.
    ///   - mayFetch: Whether the caller can fetch keys and ask again.
    /// - Returns: the identity, or what keeps the hub from knowing it.
    package func identify(
        _ presented: Presented, at now: Int, mayFetch: Bool = true
    ) -> Decision {
        if isOpen { return .identified(openIdentity) }
        if let authorization = presented.authorization {
            return bearer(authorization, at: now, mayFetch: mayFetch)
        }
        if let ticket = presented.ticket { return redeem(ticket, at: now) }
        if presented.expires != nil || presented.signature != nil {
            return signedURL(presented, at: now)
        }
        if presented.cookie != nil { return cookie(presented, at: now, mayFetch: mayFetch) }
        return anonymous
    }

    private var anonymous: Decision { .identified(state.withLock { $0.anonymous }) }

    private func bearer(_ authorization: String, at now: Int, mayFetch: Bool) -> Decision {
        decide(authorization, AccessPolicy.Arrival(), at: now, mayFetch: mayFetch) {
            () throws(Refusal) in try Presented.bearer(authorization)
        }
    }

    private func cookie(_ presented: Presented, at now: Int, mayFetch: Bool) -> Decision {
        var arrival = AccessPolicy.Arrival(isFromCookie: true)
        if let id = presented.cookie(named: AccessPolicy.sessionCookie) {
            guard let session = sessions.withLock({ $0.find(id, at: now) }) else {
                return .refused(
                    Refusal(.expired, "The session has ended; log in again (POST /session)."))
            }
            arrival.sessionID = id
            arrival.sessionEnd = session.end
            return decide("session:\(id)", arrival, at: now, mayFetch: mayFetch) {
                session.credential
            }
        }
        let name = state.withLock { $0.policy.cookieName }
        guard let token = presented.cookie(named: name) else { return anonymous }
        return decide("cookie:\(token)", arrival, at: now, mayFetch: mayFetch) { token }
    }

    /// Takes the answer from the cache or judges the credential.
    ///
    /// - Parameters:
    ///   - cacheKey: A text that nothing has but this credential, among those that come in a field
    ///     or among those that come in a cookie.
    ///   - arrival: How the credential came.
    ///   - now: Seconds since 1970.
    ///   - mayFetch: Whether the caller can fetch keys and ask again.
    ///   - credential: Returns the JWT or API key.
    /// - Returns: the answer to the credential.
    private func decide(
        _ cacheKey: String, _ arrival: AccessPolicy.Arrival, at now: Int, mayFetch: Bool,
        _ credential: () throws(Refusal) -> String
    ) -> Decision {
        // No credential is so long; and what is no ASCII is slow to look up.
        guard cacheKey.utf8.count <= Token.maximumBytes + 64 else {
            return .refused(
                Refusal(.malformed, "A token has at most \(Token.maximumBytes) bytes."))
        }
        let known = state.withLock { state in
            arrival.isFromCookie
                ? state.cookies.find(cacheKey, at: now) : state.fields.find(cacheKey, at: now)
        }
        if let known { return .identified(known) }
        let (policy, generation) = state.withLock { ($0.policy, $0.generation) }
        let text: String
        do throws(Refusal) { text = try credential() } catch { return .refused(error) }
        switch policy.judge(text, arrival, at: now, mayFetch: mayFetch) {
        case .accepted(let identity, let notBefore):
            state.withLock { state in
                guard state.generation == generation else { return }
                if arrival.isFromCookie {
                    state.cookies.insert(identity, notBefore: notBefore, for: cacheKey)
                } else {
                    state.fields.insert(identity, notBefore: notBefore, for: cacheKey)
                }
            }
            return .identified(identity)
        case .refused(let refusal): return .refused(refusal)
        case .needsKeys(let sources): return .needsKeys(sources: sources)
        }
    }

    private func signedURL(_ presented: Presented, at now: Int) -> Decision {
        let policy = policy
        do throws(Refusal) {
            let (grants, end) = try SignedURL.check(
                resources: presented.resources, expires: presented.expires,
                signature: presented.signature, secret: policy.urlSecret, at: now)
            return .identified(
                Identity(
                    kind: .signedURL, own: grants, anonymous: policy.anonymous, expires: end))
        } catch {
            return .refused(error)
        }
    }

    // MARK: - Tickets

    /// Makes a ticket, which a stream, a poll or a state call may use once.
    ///
    /// - Parameters:
    ///   - identity: Who asks; the ticket's bearer has the same subject and end.
    ///   - names: The resources and patterns that it is for; all that the caller may receive when
    ///     `nil`.
    ///   - ttl: Seconds within which it must be used, 1 to `TicketStore.maximumTTL`.
    ///   - now: Seconds since 1970.
    /// - Returns: the ticket.
    /// - Throws: `TicketStore.Fault` when a name is not allowed or there are too many tickets.
    package func makeTicket(
        for identity: Identity, subscribe names: [String]?, ttl: Int, at now: Int
    ) throws(TicketStore.Fault) -> TicketStore.Ticket {
        if let name = names.flatMap({ identity.grants.first(notSubscribable: $0) }) {
            throw .notAllowed(resource: name)
        }
        let subscribe = names.map { PatternSet($0) } ?? identity.grants.subscribe
        let bearer = Identity(
            kind: .ticket, subject: identity.subject, key: identity.key,
            own: Grants(subscribe: subscribe), anonymous: policy.anonymous,
            expires: identity.expires, leeway: identity.leeway,
            arrival: AccessPolicy.Arrival(sessionID: identity.sessionID))
        return try tickets.withLock { tickets throws(TicketStore.Fault) in
            try tickets.make(for: bearer, ttl: ttl, at: now)
        }
    }

    private func redeem(_ ticket: String, at now: Int) -> Decision {
        do throws(Refusal) {
            let identity = try tickets.withLock { tickets throws(Refusal) in
                try tickets.take(ticket, at: now)
            }
            if identity.hasExpired(at: now) {
                throw Refusal(.expired, "The token that the ticket was made with has expired.")
            }
            if isRevoked(identity) {
                throw Refusal(
                    .revoked,
                    "The API key or the session that the ticket was made with has been ended.")
            }
            return .identified(identity)
        } catch {
            return .refused(error)
        }
    }

    // MARK: - Sessions

    /// Opens a session for the credentials of `Authorization`, which a cookie then stands for.
    ///
    /// The credentials are kept and judged anew with each request, so the session ends with them.
    ///
    /// - Parameters:
    ///   - authorization: The field's value, which was identified as `identity`.
    ///   - identity: Who asks.
    ///   - now: Seconds since 1970.
    /// - Returns: the value of the cookie, and the second at which the session ends.
    /// - Throws: a refusal for another scheme than Bearer.
    package func openSession(
        authorization: String, for identity: Identity, at now: Int
    ) throws(Refusal) -> SessionStore.Opened {
        let credential = try Presented.bearer(authorization)
        return sessions.withLock { sessions in
            sessions.open(credential, until: identity.end(openedAt: now), at: now)
        }
    }

    /// Ends the session of a `Cookie` field, if it names one.
    ///
    /// - Returns: the id of the session, whose streams must end with `revoked`; it need not have
    ///   been open.
    package func endSession(cookie: String) -> String? {
        guard let id = Presented(cookie: cookie).cookie(named: AccessPolicy.sessionCookie) else {
            return nil
        }
        sessions.withLock { $0.end(id) }
        return id
    }
}
