import HTTP
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A parameter` {
    @Test(arguments: [
        "resources=a:1", "last_event_id=x", "lastEventId=x", "lastEventID=x", "Last-Event-ID=x",
        "events=a", "keepalive=5", "snapshot=true", "_=1", "utm_source=x", "x", "", "&&", "t=5",
        "after=x", "access_token=x", "retry=1", "event_ids=1", "resources[]=a:1",
    ])
    func `of a stream is known, or left to third parties`(query: String) throws {
        for path in ["/stream", "/events"] { _ = try Route(head("GET \(path)?\(query)")) }
    }

    @Test(arguments: [
        ("event", "events"), ("Events", "events"), ("evnets", "events"), ("resource", "resources"),
        ("RESOURCES", "resources"), ("re-sources", "resources"), ("resourcess", "resources"),
        ("lasteventid", "last_event_id"), ("last-event-id", "last_event_id"),
        ("LAST_EVENT_ID", "last_event_id"), ("lastEventIds", "last_event_id"),
        ("last_event_idx", "last_event_id"), ("last_evnt_id", "last_event_id"),
        ("keep_alive", "keepalive"), ("keepAlive", "keepalive"), ("keepalives", "keepalive"),
        ("snapshots", "snapshot"), ("snapsh0t", "snapshot"), ("%65vent", "events"),
        ("Member", "member"), ("MEMBERS", "members"), ("memebr", "member"), ("mem-bers", "members"),
        ("membrs", "members"), ("membr", "member"),
    ])
    func `that is a slip of a stream's is refused with the right one`(name: String, right: String) {
        let problem = problem { try Route(head("GET /stream?resources=a:1&\(name)=x")) }
        #expect(problem?.status == .badRequest)
        #expect(problem?.detail.contains("did you mean \(right)?") == true)
    }

    @Test(arguments: [
        "/poll?wait", "/poll?_", "/poll?after_", "/poll?snapshot", "/state?events", "/state?after",
        "/presence?kind", "/presence?utm_source", "/poll?people", "/state?users", "/health?a",
        "/health/live?a", "/metrics?format",
        "/events/status?a", "/openapi.json?a", "/api/v1/jobs/1?a", "/api/v1/jobs/1/progress?events",
        "/api/v1/jobs/1/content?resources", "/media/1?w",
    ])
    func `that is unknown is refused by name elsewhere`(target: String) {
        let problem = problem { try Route(head("GET \(target)=1")) }
        #expect(problem?.status == .badRequest)
        let name = String(target.split(separator: "?")[1])
        #expect(problem?.detail.hasPrefix("\(name) is no parameter here; ") == true)
    }

    @Test(arguments: [
        "POST /broadcast?retain=true", "PATCH /stream/a?add=x", "POST /api/v1/jobs?kind=a",
    ])
    func `is refused where a body says it all`(request: String) {
        let problem = problem {
            try Route(head(request, "Content-Type: application/json", "Content-Length: 2"))
        }
        #expect(problem?.status == .badRequest)
    }

    @Test(arguments: [
        ("resources", true), ("keepalive", true), ("lasteventid", true), ("event", true),
        ("_", false), ("utm_source", false),
    ])
    func `of a posted stream stands in its body`(name: String, isRefused: Bool) {
        let problem = problem {
            try Route(
                head(
                    "POST /stream?\(name)=x", "Content-Type: application/json", "Content-Length: 2")
            )
        }
        #expect(problem?.status == (isRefused ? .badRequest : nil))
        #expect(problem?.detail.contains("body") != false)
    }

    @Test(arguments: [
        "/poll?resources=a:1&after=x&events=a&timeout=1&limit=2&lastEventId=x&Last-Event-ID=x",
        "/state?resources=a:1", "/presence?resources=a:1", "/?anything=1", "/app/?a=1",
        "/api/v1/jobs/1/progress?last_event_id=x&keepalive=5&lastEventID=x", "/health?",
    ])
    func `that an endpoint knows is taken`(target: String) throws {
        _ = try Route(head("GET \(target)"))
    }

    @Test func `is not looked at where only the methods are asked for`() throws {
        _ = try Route(head("OPTIONS /poll?unknown=1"))
    }

    @Test func `whose escapes are malformed is refused whatever the endpoint`() {
        for target in ["/health?a=%zz", "/stream?%C3=1", "/poll?resources=%"] {
            #expect(problem { try Route(head("GET \(target)")) }?.status == .badRequest)
        }
    }

    @Test(arguments: [
        ("events", "events", true), ("event", "events", true), ("xevents", "events", true),
        ("eventz", "events", true), ("eevnts", "events", true), ("evenst", "events", true),
        ("evets", "events", true), ("e-v_e-n-t-s", "events", true), ("vntes", "events", false),
        ("snetve", "events", false), ("even", "events", false), ("eventses", "events", false),
        ("", "events", false), ("abc", "abcd", false), ("ABCD", "abcd", true),
        ("aftr", "after", true),
    ])
    func `is like another within one edit`(name: String, known: String, isSlip: Bool) {
        #expect(ParameterName.isSlip(name, of: known) == isSlip)
    }
}
