import HTTP
import Producers
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A route` {
    @Test(
        arguments: [
            ("GET /", .page), ("HEAD /", .page), ("GET /stream", .stream),
            ("HEAD /stream", .stream),
            ("GET /events", .stream), ("GET /stream?resources=post:1", .stream),
            ("GET /state", .state), ("GET /poll", .poll), ("GET /presence", .presence),
            ("GET /events/status", .status), ("GET /health", .health(.whole)),
            ("GET /health/live", .health(.live)), ("GET /health/ready", .health(.ready)),
            ("GET /api/v1/jobs/a/progress", .jobStream("a", hasText: false)),
            ("GET /api/v1/jobs/a/content", .jobStream("a", hasText: true)),
            (
                "GET /api/v1/ai/generation/a/progress",
                .jobStream("a", hasText: false, names: .older)
            ),
            (
                "HEAD /api/v1/ai/generation/a/content",
                .jobStream("a", hasText: true, names: .older)
            ),
            ("GET /api/v1/jobs/a/page", .api(.jobPage("a"))),
        ] as [(String, Route.Endpoint)])
    func `is found by method and path`(request: String, endpoint: Route.Endpoint) throws {
        #expect(try Route(head(request)).endpoint == endpoint)
    }

    @Test(
        arguments: [
            ("POST /broadcast", "application/json", .broadcast),
            ("POST /events/broadcast", "application/json", .broadcast),
            ("POST /broadcast", "Application/JSON; charset=UTF-8", .broadcast),
            ("POST /broadcast", "application/x-ndjson", .broadcastLines),
            ("POST /events/broadcast", "application/x-ndjson;charset=utf-8", .broadcastLines),
            ("PATCH /stream/abc", "application/json", .changeStream("abc")),
            ("POST /stream", "application/json", .postedStream),
            ("POST /events", "application/json; charset=utf-8", .postedStream),
        ] as [(String, String, Route.Endpoint)])
    func `with a body is found by its type too`(
        request: String, type: String, endpoint: Route.Endpoint
    ) throws {
        for framing in ["Content-Length: 2", "Transfer-Encoding: chunked"] {
            let route = try Route(head(request, "Content-Type: \(type)", framing))
            #expect(route.endpoint == endpoint)
            #expect((route.bodyPolicy == .pieces) == (endpoint == .broadcastLines))
        }
    }

    @Test(arguments: [
        "GET /nothing", "GET //", "GET /Stream", "GET /stream/", "PATCH /stream/",
        "PATCH /stream/a/b", "OPTIONS /nothing",
        "GET /health/", "GET /health/other", "GET /events/", "GET /broadcast/", "GET /index.html",
        "POST /api/v1/jobs/%C2%A9/progress", "GET /api/v1/jobs/%C2%A9/progress",
        "GET /api/v1/ai/generation/a", "GET /api/v1/ai/generation/a/status",
        "GET /api/v1/ai/generation/a.b/content", "GET /api/v1/ai/generation//progress",
        "GET /api/v1/jobs/a.b/content", "OPTIONS /api/v1/jobs//content",
    ])
    func `that is nowhere is 404`(request: String) {
        #expect(problem { try Route(head(request)) }?.status == .notFound)
    }

    @Test(arguments: [
        "GET /sse", "GET /sse/", "HEAD /sse", "POST /sse", "OPTIONS /sse",
        "GET /sse?resources=post:1", "GET /sse?stream=messages",
    ])
    func `to what others call the stream is 404 and names its paths`(request: String) {
        let problem = problem { try Route(head(request)) }
        #expect(problem?.status == .notFound)
        let words = problem?.detail.split(whereSeparator: { " ,:?;".contains($0) }) ?? []
        #expect(words.contains("/stream") && words.contains("/events"), "\(words)")
    }

    @Test(arguments: ["GET /ss", "GET /sse2", "GET /SSE", "GET /sse/events"])
    func `that is only like the others' name is told of all paths`(request: String) {
        let problem = problem { try Route(head(request)) }
        #expect(problem?.status == .notFound)
        #expect(problem?.detail.contains("/openapi.json") == true)
    }

    @Test(arguments: [
        ("PUT /stream", "GET, HEAD, POST, OPTIONS"),
        ("DELETE /events", "GET, HEAD, POST, OPTIONS"),
        ("GET /broadcast", "POST, OPTIONS"), ("HEAD /broadcast", "POST, OPTIONS"),
        ("PUT /events/broadcast", "POST, OPTIONS"), ("GET /stream/abc", "PATCH, OPTIONS"),
        ("HEAD /stream/abc", "PATCH, OPTIONS"), ("POST /", "GET, HEAD, OPTIONS"),
        ("BREW /health", "GET, HEAD, OPTIONS"), ("get /health", "GET, HEAD, OPTIONS"),
        ("PATCH /presence", "GET, HEAD, OPTIONS"),
    ])
    func `with another method is 405 with those that are allowed`(request: String, allow: String) {
        let problem = problem { try Route(head(request)) }
        #expect(problem?.status == .methodNotAllowed)
        #expect(problem?.field("Allow") == allow)
        #expect(problem?.detail.contains(allow) == true)
    }

    @Test(arguments: [
        ("OPTIONS /stream", "GET, HEAD, POST, OPTIONS"), ("OPTIONS /broadcast", "POST, OPTIONS"),
        ("OPTIONS /stream/abc", "PATCH, OPTIONS"),
        ("OPTIONS *", "GET, HEAD, POST, PATCH, OPTIONS"),
    ])
    func `says its methods when asked for its options`(request: String, allow: String) throws {
        #expect(try Route(head(request)).endpoint == .options(allow: allow))
    }

    @Test(arguments: [
        "POST /broadcast", "POST /events/broadcast", "PATCH /stream/abc", "POST /stream",
    ])
    func `that needs a body is 411 without one`(request: String) {
        let problem = problem { try Route(head(request, "Content-Type: application/json")) }
        #expect(problem?.status == .lengthRequired)
    }

    @Test(
        arguments: ["POST /broadcast", "PATCH /stream/abc", "POST /events"],
        [
            "", "Content-Type:", "Content-Type: text/plain", "Content-Type: json",
            "Content-Type: application/x-www-form-urlencoded", "Content-Type: application/jsonx",
            "Content-Type: application/json; charset=latin1",
            "Content-Type: application/json, text/x",
            "Content-Type: application/ndjson",
        ])
    func `that takes JSON is 415 with another type`(request: String, field: String) {
        let fields = [field].filter { !$0.isEmpty }
        let problem = problem {
            try Route(
                fields.isEmpty
                    ? head(request, "Content-Length: 2")
                    : head(request, "Content-Length: 2", fields[0]))
        }
        #expect(problem?.status == .unsupportedMediaType)
        #expect(problem?.detail.contains("application/json") == true)
    }

    @Test(
        arguments: [
            "POST /broadcast", "PATCH /stream/a", "POST /stream", "POST /api/v1/jobs/1/cancel",
        ],
        ["gzip", "br", "GZIP", "identity, gzip", "gzip,identity", "?"])
    func `with a coded body is 415, and says that none is taken`(request: String, coding: String) {
        let problem = problem {
            try Route(
                head(
                    request, "Content-Type: application/json", "Content-Length: 2",
                    "Content-Encoding: \(coding)"))
        }
        #expect(problem?.status == .unsupportedMediaType)
        #expect(problem?.field("Accept-Encoding") == "identity")
        #expect(problem?.detail.contains(coding) == true)
    }

    @Test(arguments: ["identity", "Identity", "", "identity , IDENTITY"])
    func `takes a body that says it is not coded`(coding: String) throws {
        let type = "Content-Type: application/json"
        _ = try Route(
            head("POST /broadcast", type, "Content-Length: 2", "Content-Encoding: \(coding)"))
        // Without a body there is nothing that could be coded.
        _ = try Route(head("GET /health", "Content-Encoding: gzip"))
    }

    @Test func `that changes a stream takes no lines`() {
        let problem = problem {
            try Route(
                head("PATCH /stream/a", "Content-Type: application/x-ndjson", "Content-Length: 2"))
        }
        #expect(problem?.status == .unsupportedMediaType)
    }

    @Test func `for lines refuses a key that is meant for one event`() {
        let problem = problem {
            try Route(
                head(
                    "POST /broadcast", "Content-Type: application/x-ndjson", "Content-Length: 2",
                    "Idempotency-Key: k"))
        }
        #expect(problem?.status == .unprocessableContent)
    }

    @Test func `bounds the bodies that are gathered and not those that are streamed`() throws {
        func policy(_ request: String, _ type: String) throws -> HTTP1.BodyPolicy {
            try Route(head(request, "Content-Type: \(type)", "Content-Length: 2")).bodyPolicy
        }
        #expect(try policy("POST /broadcast", "application/json") == .collect(maximum: 1 << 20))
        #expect(try policy("POST /broadcast", "application/x-ndjson") == .pieces)
        #expect(try policy("PATCH /stream/a", "application/json") == .collect(maximum: 256 << 10))
        #expect(try policy("POST /stream", "application/json") == .collect(maximum: 256 << 10))
        #expect(try policy("GET /health", "application/json") == .collect(maximum: 16 << 10))
    }
}
