internal import HTTP
internal import Hub
internal import JSON
internal import Telemetry

extension Worker {
    /// Answers a complete request, at once or later.
    func answer(_ request: Request, on connection: Connection) {
        do throws(Problem) {
            switch request.route.endpoint {
            case .page: respond(Page.response, on: connection)
            case .stream: try openStream(request.head, on: connection)
            case .changeStream(let name): try changeStream(name, request, on: connection)
            case .broadcast, .broadcastLines: try broadcast(request, on: connection)
            case .presence: try countPresence(request, on: connection)
            case .state: try showState(request, on: connection)
            case .poll: try poll(request, on: connection)
            case .status: respond(on: connection) { await $0.statusResponse() }
            case .description: respond(Page.description, on: connection)
            case .metrics: respond(on: connection) { await $0.metricsResponse() }
            case .health(let part): respond(part.response(trouble: trouble), on: connection)
            case .options(let allow):
                respond(
                    Response(
                        .noContent, fields: [("Allow", allow)] + CORS.preflight(methods: allow)),
                    on: connection)
            }
        } catch {
            respond(error.response(), on: connection)
        }
    }
}

extension Worker {
    /// Why the hub takes no work now; `nil` when it does.
    private var trouble: String? {
        isAccepting ? broker.trouble?.description : "The hub is stopping; ask another one."
    }
}

extension Response {
    /// A JSON answer that is not to be cached.
    static func json(_ status: Status = .ok, _ write: (inout JSONWriter) -> Void) -> Self {
        var json = JSONWriter()
        json.beginObject()
        write(&json)
        json.endObject()
        return Self(
            status, fields: [("Cache-Control", "no-store")], body: json.bytes,
            contentType: "application/json")
    }
}
