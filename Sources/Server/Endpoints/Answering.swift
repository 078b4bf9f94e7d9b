internal import HTTP
internal import Hub
internal import Telemetry

extension Worker {
    /// Answers a complete request, at once or later.
    func answer(_ request: Request, on connection: Connection) {
        do throws(Problem) {
            switch request.route.endpoint {
            case .page: respond(Page.response, on: connection)
            case .stream: try openStream(request.head, on: connection)
            case .postedStream:
                try open(
                    StreamRequest(request.head, body: request.body), request.head, on: connection)
            case .changeStream(let name): try changeStream(name, request, on: connection)
            case .broadcast, .broadcastLines: try broadcast(request, on: connection)
            case .presence: try countPresence(request, on: connection)
            case .state: try showState(request, on: connection)
            case .poll: try poll(request, on: connection)
            case .status: respond(on: connection) { await $0.statusResponse() }
            case .description: respond(Page.description, on: connection)
            case .metrics: respond(on: connection) { await $0.metricsResponse() }
            case .health(let part): respond(part.response(trouble: trouble), on: connection)
            case .web: try serveWeb(request.head, on: connection)
            case .api(let call): try callAPI(call, request, on: connection)
            case .jobStream(let id, let hasText):
                try openJobStream(id, hasText: hasText, request.head, on: connection)
            case .options(let allow):
                respond(
                    Response(
                        .noContent,
                        fields: [("Allow", allow)] + CORS.preflight(request.head, methods: allow)),
                    on: connection)
            }
        } catch {
            respond(error.response(), on: connection)
        }
    }
}

extension Worker {
    private func serveWeb(_ head: RequestHead, on connection: Connection) throws(Problem) {
        guard let web = settings.web else {
            throw Problem(
                .notFound, "There is no web app here; start the hub with --web and its folder.")
        }
        guard head.path != "/app" else {
            return respond(
                Response(.permanentRedirect, fields: [("Location", WebApp.prefix)]), on: connection)
        }
        respond(
            try web.response(to: head.path, known: KnownTags(head)), on: connection)
    }

    /// Why the hub takes no work now; `nil` when it does.
    private var trouble: String? {
        isStopping ? "The hub is stopping; ask another one." : broker.healthProblem?.outline
    }
}
