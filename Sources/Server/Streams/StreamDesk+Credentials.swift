// The life of a stream's credentials: the client is warned before they end, may renew them by
// PATCH, and is told why the stream ends.

internal import Access
internal import HTTP
internal import Hub
internal import Producers
internal import Reactor
internal import Telemetry

extension StreamDesk {
    /// Milliseconds between two looks at the agenda, whose times are whole seconds.
    private static let agendaStep = 1000

    /// Keeps the credentials that opened a stream.
    func keepCredentials(of caller: Caller, for subscriber: Subscriber) {
        guard let identity = caller.identity else { return }
        show(what: caller.view(ofJob: job(of: subscriber)), to: subscriber)
        keep(identity, proof: caller.proof, for: subscriber)
    }

    /// Shows a stream what its credentials let it see; raw events name no resource.
    private func show(what view: EventView?, to subscriber: Subscriber) {
        guard !subscriber.isRaw else { return }
        let names = (subscriber.rule as? JobStreamRule)?.names ?? .present
        subscriber.view = names.view(over: view)
    }

    private func keep(_ identity: Identity, proof: String?, for subscriber: Subscriber) {
        credentials.set(
            StreamCredentials.Entry(
                identity: identity, end: identity.end(openedAt: UnixTime.now), proof: proof),
            for: subscriber.token)
        scheduleAgenda()
    }

    /// Ends a stream that is open now, if its API key was revoked or its session was ended since
    /// its credentials were checked.
    func endIfRevoked(_ subscriber: Subscriber) {
        guard let entry = credentials[subscriber.token], access.isRevoked(entry.identity) else {
            return
        }
        sendClosing(.revoked, to: subscriber)
    }

    /// Warns the streams whose credentials end soon, and ends those whose credentials have ended.
    func lookAtCredentials() {
        isAgendaScheduled = false
        let now = UnixTime.now
        for token in credentials.takeDue(at: now) {
            guard let subscriber = connections[token]?.subscriber,
                let entry = credentials[token], let end = entry.end
            else { continue }
            if now >= end {
                sendClosing(.tokenExpired, to: subscriber)
            } else {
                credentials.didWarn(token)
                let warning = broker.control.tokenExpiring(
                    at: Timestamp(milliseconds: Int64(end) * 1000), seconds: end - now)
                tell(warning, to: subscriber)
                flush(subscriber)
            }
        }
        scheduleAgenda()
    }

    private func scheduleAgenda() {
        guard credentials.hasAgenda, !isAgendaScheduled else { return }
        isAgendaScheduled = true
        clock.schedule(
            WorkerClock.Token.credentials, at: clock.now.advanced(milliseconds: Self.agendaStep))
    }

    /// Ends the streams that `match` names.
    ///
    /// - Returns: how many there were.
    func disconnect(_ match: StreamMatch) -> Int {
        var tokens = credentials.streams(match)
        if case .connection(let id) = match { tokens = [id.token] }
        var count = 0
        for token in tokens {
            guard let subscriber = connections[token]?.subscriber else { continue }
            if case .connection(let id) = match, subscriber.id != id { continue }
            count += 1
            sendClosing(.revoked, to: subscriber)
        }
        return count
    }

    // MARK: Changes by PATCH

    /// Checks that a caller may change a stream, and that it may receive what it adds.
    ///
    /// - Throws: 401 or 403.
    func check(
        _ change: StreamChange, to subscriber: Subscriber, by caller: Caller
    ) throws(Problem) {
        guard let entry = credentials[subscriber.token] else { return }
        let isProven = isProven(entry, by: caller)
        let isSame =
            caller.identity.map {
                entry.identity.kind == .anonymous || $0.isSameSubject(as: entry.identity)
            } ?? false
        guard isProven || isSame else { throw caller.foreignStream() }
        guard isProven else { return try caller.checkSubscribing(to: change.added) }
        let opener = caller.with(entry.identity)
        if let first = change.added.first, !entry.identity.allowsAdding {
            throw opener.refusal(ofAdding: first)
        }
        try opener.checkSubscribing(to: change.added)
    }

    /// Gives a stream the credentials of a caller whose change has been checked, unless it came
    /// with the ticket or signature that opened the stream.
    ///
    /// - Returns: what the stream asks for and the new credentials do not cover.
    func renew(_ subscriber: Subscriber, by caller: Caller) -> [Selector] {
        guard let entry = credentials[subscriber.token], !isProven(entry, by: caller),
            let identity = caller.identity
        else { return [] }
        return renew(subscriber, identity, caller)
    }

    private func isProven(_ entry: StreamCredentials.Entry, by caller: Caller) -> Bool {
        entry.proof != nil && caller.proof == entry.proof
    }

    private func renew(
        _ subscriber: Subscriber, _ identity: Identity, _ caller: Caller
    ) -> [Selector] {
        keep(identity, proof: nil, for: subscriber)
        let job = identity.grants.jobs.contains(.read) ? job(of: subscriber) : nil
        show(what: caller.view(ofJob: job), to: subscriber)
        return names(of: subscriber).filter {
            $0 != job.map(Selector.resource) && !identity.grants.maySubscribe($0.description)
        }
    }

    /// The resource of the job whose own stream this is.
    private func job(of subscriber: Subscriber) -> Resource? {
        (subscriber.rule as? JobStreamRule).map { Resource.job($0.job) }
    }
}
