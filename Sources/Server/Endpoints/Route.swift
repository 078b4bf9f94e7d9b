internal import HTTP
internal import Producers

/// The endpoint that a request's method and path lead to.
struct Route: Sendable {
    /// It is handed on several times for each request, so what comes with it lies apart.
    indirect enum Endpoint: Equatable, Sendable {
        case page
        case stream
        /// A stream whose parameters are in the request's body.
        case postedStream
        case changeStream(String)
        case broadcast
        case broadcastLines
        case presence
        case state
        case poll
        case status
        case metrics
        case description
        case health(Health)
        /// A file of the web app.
        case web
        case api(APICall)
        /// `POST /api/v1/uploads`.
        case upload
        /// The stream of one job, with the text that it generates or without, and with its
        /// figures under these names.
        case jobStream(String, hasText: Bool, names: FigureNames = .present)
        /// `DELETE /resources/{resource}`, with the resource as the path has it.
        case forget(String)
        /// `POST /tickets`.
        case tickets
        /// `POST /session`.
        case openSession
        /// `DELETE /session`.
        case endSession
        /// `POST /admin/disconnect`.
        case disconnect
        /// `OPTIONS`, with the methods that the path knows.
        case options(allow: String)
    }

    let endpoint: Endpoint

    /// How the body is taken, and how long it may be.
    var bodyPolicy: HTTP1.BodyPolicy {
        switch endpoint {
        case .broadcastLines, .upload: .pieces
        case .broadcast: .collect(maximum: 1 << 20)
        case .changeStream, .postedStream: .collect(maximum: 256 << 10)
        case .api(let call) where call.needsBody: .collect(maximum: 1 << 20)
        default: .collect(maximum: 16 << 10)
        }
    }

    /// Finds the route of a request.
    ///
    /// - Throws: 400 for the query, 404, 405 with `Allow`, 411, 415 or 422.
    init(_ head: RequestHead) throws(Problem) {
        let table = Self.table(of: head.path)
        guard !table.isEmpty else {
            throw Problem(.notFound, "There is nothing at \(head.path); " + Self.hint(head.path))
        }
        if head.method == .options {
            endpoint = .options(allow: Self.allow(table.map(\.method)))
            return
        }
        let method = head.method == .head ? .get : head.method
        guard let entry = table.first(where: { $0.method == method }) else {
            let allow = Self.allow(table.map(\.method))
            throw Problem(
                .methodNotAllowed, "\(head.method.name) is not for \(head.path); \(allow) are.",
                fields: [("Allow", allow)])
        }
        // Most requests have no query, and need no list of what may be in it.
        if head.query != nil { try entry.endpoint.parameters?.check(head) }
        try Self.checkCoding(head)
        endpoint = try Self.refined(entry.endpoint, head)
    }

    /// Where to look instead of a path that leads nowhere.
    private static func hint(_ path: String) -> String {
        switch path {
        // What other servers and many a proxy's configuration call it.
        case "/sse", "/sse/":
            "the stream is at /stream, and at /events as well: /stream?resources=post:1."
        default:
            "streams are at /stream, publishing is at /broadcast, and all else is listed at "
                + "/openapi.json."
        }
    }

    /// The table of `/broadcast`, made once because no path is requested more often.
    private static let publishing: [(method: Method, endpoint: Endpoint)] = [(.post, .broadcast)]

    private static func table(of path: String) -> [(method: Method, endpoint: Endpoint)] {
        switch path {
        case "/broadcast", "/events/broadcast": return publishing
        case "/": return [(.get, .page)]
        case "/stream", "/events": return [(.get, .stream), (.post, .postedStream)]
        case "/state": return [(.get, .state)]
        case "/poll": return [(.get, .poll)]
        case "/presence": return [(.get, .presence)]
        case "/tickets": return [(.post, .tickets)]
        case "/session": return [(.post, .openSession), (.delete, .endSession)]
        case "/admin/disconnect": return [(.post, .disconnect)]
        case "/events/status": return [(.get, .status)]
        case "/metrics": return [(.get, .metrics)]
        case "/openapi.json": return [(.get, .description)]
        case "/health": return [(.get, .health(.whole))]
        case "/health/live": return [(.get, .health(.live))]
        case "/health/ready": return [(.get, .health(.ready))]
        // `OPTIONS *` asks what the whole server can do (RFC 9110, 9.3.7). The table has one entry
        // for each method that some path takes. The decoder refuses this target with any other
        // method, so none of the endpoints is reached.
        case "*": return [(.get, .page), (.post, .broadcast), (.patch, .changeStream(""))]
        default:
            let resources = "/resources/"
            if path.hasPrefix(resources), path.utf8.count > resources.utf8.count {
                return [(.delete, .forget(String(path.dropFirst(resources.count))))]
            }
            let prefix = "/stream/"
            guard path.hasPrefix(prefix) else { return tableOfAPI(path) }
            let name = path.dropFirst(prefix.count)
            guard !name.isEmpty, !name.contains("/") else { return [] }
            return [(.patch, .changeStream(String(name)))]
        }
    }

    private static func tableOfAPI(_ path: String) -> [(method: Method, endpoint: Endpoint)] {
        if path == "/app" || path.hasPrefix(WebApp.prefix) { return [(.get, .web)] }
        if path == APICall.prefix + "uploads" { return [(.post, .upload)] }
        let alias = APICall.prefix + "ai/generation/"
        if path.hasPrefix(alias) { return streams(path.dropFirst(alias.count), .older) }
        let calls = APICall.table(of: path).map { ($0.method, Endpoint.api($0.call)) }
        let prefix = APICall.prefix + "jobs/"
        guard path.hasPrefix(prefix) else { return calls }
        return streams(path.dropFirst(prefix.count), .present) + calls
    }

    /// The streams of a job, by the part of the path that begins with its name.
    private static func streams(
        _ path: Substring, _ names: FigureNames
    ) -> [(method: Method, endpoint: Endpoint)] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        // What cannot be a job's name has no stream either, and so no methods of its own.
        guard parts.count == 2, APICall.isName(String(parts[0])) else { return [] }
        let id = String(parts[0])
        switch parts[1] {
        case "progress": return [(.get, .jobStream(id, hasText: false, names: names))]
        case "content": return [(.get, .jobStream(id, hasText: true, names: names))]
        default: return []
        }
    }

    /// Refuses a body with a content coding, as none is decoded here (RFC 9110, 8.4 and 15.5.16).
    private static func checkCoding(_ head: RequestHead) throws(Problem) {
        guard head.body != .none, let text = head.field("content-encoding") else { return }
        let codings = text.split(separator: ",").map {
            $0.lowercased().filter { $0 != " " && $0 != "\t" }
        }
        guard !codings.allSatisfy({ $0.isEmpty || $0 == "identity" }) else { return }
        throw Problem(
            .unsupportedMediaType,
            "The body has the Content-Encoding \"\(text)\", and none is undone here; send it as it is.",
            fields: [("Accept-Encoding", "identity")])
    }

    /// Checks the body's type, which also decides between the two endpoints for a broadcast.
    private static func refined(
        _ endpoint: Endpoint, _ head: RequestHead
    ) throws(Problem) -> Endpoint {
        switch endpoint {
        case .broadcast, .changeStream, .postedStream, .tickets, .disconnect, .upload: break
        case .api(let call) where call.needsBody: break
        default: return endpoint
        }
        guard head.body != .none else {
            throw Problem(
                .lengthRequired,
                "\(head.method.name) \(head.path) needs a body; send Content-Length or chunks.")
        }
        var types: String {
            switch endpoint {
            case .broadcast: "application/json or application/x-ndjson"
            case .upload: UploadIngest.type
            default: "application/json"
            }
        }
        // Nearly all requests have exactly this value, which needs no parsing.
        if endpoint != .upload, head.isField("content-type", "application/json") { return endpoint }
        guard let text = head.field("content-type") else {
            throw Problem(.unsupportedMediaType, "The Content-Type is missing; send \(types).")
        }
        let refusal = Problem(
            .unsupportedMediaType,
            "The Content-Type \"\(text)\" is not taken here; send \(types).")
        guard let type = ContentType.parse(text) else { throw refusal }
        if endpoint == .upload {
            guard UploadIngest.takes(text) else { throw refusal }
            return endpoint
        }
        if endpoint == .broadcast, type.isNDJSON {
            guard !head.hasField("idempotency-key") else {
                throw Problem(
                    .unprocessableContent,
                    "Idempotency-Key is for one event; in NDJSON give each line its key.")
            }
            return .broadcastLines
        }
        guard type.isJSON else { throw refusal }
        return endpoint
    }

    private static func allow(_ methods: [Method]) -> String {
        methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.name] }.joined(separator: ", ")
            + ", OPTIONS"
    }
}
