internal import HTTP
internal import Hub
internal import Producers
internal import Records

/// Hands each request to the value that answers for its endpoint.
struct Endpoints: Sendable {
    let hub: HubAccess

    /// Returns what is to be done for a complete request.
    ///
    /// - Throws: the problem of a request that breaks a rule or cannot be served.
    func answer(_ request: Request) throws(Problem) -> Answer {
        switch request.route.endpoint {
        case .page: .response(Page.response)
        case .stream: try open(try StreamRequest(request.head), request)
        case .postedStream:
            try open(try StreamRequest(request.head, body: request.body), request)
        case .changeStream(let name): try ChangeEndpoint(hub: hub).answer(request, to: name)
        // The body of an upload is taken in pieces, and answered when it has come.
        case .upload: throw Problem(.badRequest, "An upload needs a body.")
        case .broadcast, .broadcastLines:
            .publish(try broadcast(request))
        case .forget(let name): try ForgetEndpoint(hub: hub).answer(request, resource: name)
        case .presence: try PresenceEndpoint(hub: hub).answer(request)
        case .state: try StateEndpoint(hub: hub).answer(request)
        case .poll: .poll(try PollRequest(request.head, caller: request.caller))
        case .tickets: try TicketEndpoint(hub: hub).answer(request)
        case .openSession: .response(try SessionEndpoint(hub: hub).open(request))
        case .endSession: SessionEndpoint(hub: hub).end(request)
        case .disconnect: try DisconnectEndpoint(hub: hub).answer(request)
        case .status: StatusEndpoint(hub: hub).status
        case .description: .response(Page.description)
        case .metrics: StatusEndpoint(hub: hub).metrics
        case .health(let part): .response(part.response(problem: healthProblem(of: request)))
        case .web: .response(try webResponse(request.head))
        case .api(let call): try answer(call, request)
        case .jobStream(let id, let hasText, let names):
            try JobStreamEndpoint(hub: hub, hasText: hasText, names: names)
                .answer(request, job: id)
        case .options(let allow):
            .response(
                Response(
                    .noContent,
                    fields: [("Allow", allow)]
                        + CORS.preflight(
                            request.head, request.origin, methods: allow)))
        }
    }

    /// Checks that the caller may receive all that it asks for; nothing is opened by halves.
    private func open(_ stream: StreamRequest, _ request: Request) throws(Problem) -> Answer {
        try request.caller.checkSubscribing(to: stream.names)
        try request.caller.checkMember(stream.member)
        let plan = StreamPlan(request: stream, caller: request.caller)
        guard stream.endsWithResources else { return .stream(plan) }
        return UntilEndEndpoint(hub: hub).answer(plan, request)
    }

    private func broadcast(_ request: Request) throws(Problem) -> Broadcast {
        var broadcast = try Broadcast(
            request.body, idempotencyKey: request.head.field("idempotency-key"),
            maximumData: hub.settings.maximumEventBytes)
        try broadcast.sign(by: request.caller)
        return broadcast
    }

    /// Answers `/api/v1` and `/media`: the producers find the answer while the connection waits.
    private func answer(_ call: APICall, _ request: Request) throws(Problem) -> Answer {
        let api = try hub.jobAPI
        var isClaim: Bool { if case .claimJob = call { true } else { false } }
        return .later(endsWithPeer: isClaim) { () async throws(Problem) in
            .response(try await api.answer(call, request.head, body: request.body))
        }
    }

    private func webResponse(_ head: RequestHead) throws(Problem) -> Response {
        guard let web = hub.settings.web else {
            throw Problem(
                .notFound, "There is no web app here; start the hub with --web and its folder.")
        }
        guard head.path != "/app" else {
            return Response(.permanentRedirect, fields: [("Location", WebApp.prefix)])
        }
        return try web.response(to: head.path, known: KnownTags(head))
    }

    /// Returns why the hub takes no work now; `nil` when it does.
    private func healthProblem(of request: Request) -> String? {
        request.unavailability == .shutdown
            ? "The hub is stopping; ask another one." : hub.broker.healthProblem?.outline
    }
}
