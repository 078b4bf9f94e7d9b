import HTTP
import Hub
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A list of resources` {
    @Test(arguments: [
        ("resources=post:1", ["post:1"]), ("resources=post:1,user:*", ["post:1", "user:*"]),
        ("resources=post:1&resources=user:2,post:1", ["post:1", "user:2"]),
        ("resources=post%3A1%2Cuser%3A2", ["post:1", "user:2"]), ("resources=a:1+2", ["a:1+2"]),
        ("a=b&resources=a:1", ["a:1"]), ("resources=a:%C3%A9", ["a:é"]),
        ("resources=a:b=c", ["a:b=c"]), ("resources=a:%25", ["a:%"]),
    ])
    func `is decoded, split at commas, and each name taken once`(
        query: String, names: [String]
    ) throws {
        let list = try SelectorList(head("GET /stream?" + query))
        #expect(list.selectors.map(\.description) == names)
    }

    @Test(arguments: [
        "", "resources", "resources=", "resource=a:1", "resources=a:1,", "resources=,a:1",
        "resources=a:1,,b:2", "resources=*", "resources=a", "resources=a:1%0A", "resources=a:%zz",
        "resources=a:%C3", "resources=a:1%20,b:2", "resources=a:1&resources=",
    ])
    func `is refused with 400 when a name is wrong or there is none`(query: String) {
        #expect(problem { try SelectorList(head("GET /stream?" + query)) }?.status == .badRequest)
    }

    @Test func `has at most 100 names, doubled ones counted once`() throws {
        func query(_ count: Int) -> RequestHead {
            let names = (0..<count).map { "a:\($0)" } + ["a:0"]
            return head("GET /stream?resources=" + names.joined(separator: ","))
        }
        #expect(try SelectorList(query(100)).selectors.count == 100)
        #expect(problem { try SelectorList(query(101)) }?.status == .badRequest)
    }

    @Test func `that is counted holds no patterns`() throws {
        let list = try SelectorList(head("GET /presence?resources=a:1,b:2"))
        #expect(try list.resources() == [resource("a:1"), resource("b:2")])
        let pattern = try SelectorList(head("GET /presence?resources=a:1,b:*"))
        #expect(problem { try pattern.resources() }?.status == .badRequest)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A request for a stream` {
    @Test func `has defaults`() throws {
        let request = try StreamRequest(head("GET /stream?resources=post:1"))
        #expect(request.names.map(\.description) == ["post:1"])
        #expect(request.selectors == request.names)
        #expect(request.watched.isEmpty)
        #expect(request.filter == nil)
        #expect(request.cursor == nil)
        #expect(request.wantsSnapshot)
    }

    @Test func `parts what is delivered from what is counted`() throws {
        let request = try StreamRequest(
            head("GET /stream?resources=presence:post:1,post:1,presence:a:b:c,presencex:1"))
        #expect(request.selectors.map(\.description) == ["post:1", "presencex:1"])
        #expect(request.watched.map(\.name) == ["post:1", "a:b:c"])
        #expect(request.names.count == 4)
    }

    @Test func `says who it is, and whether it wants to know who others are`() throws {
        func request(_ query: String) throws -> StreamRequest {
            try StreamRequest(head("GET /stream?resources=a:1" + query))
        }
        #expect(try request("&member=u1&members=true").member?.text == "u1")
        #expect(try request("&members=true").wantsMembers)
        for none in ["", "&member=", "&members=false"] {
            #expect(try request(none).member == nil)
            #expect(try !request(none).wantsMembers)
        }
        let long = String(repeating: "x", count: 256)
        #expect(try request("&member=" + long).member?.text == long)
        #expect(try request("&member=%C3%BC%20%2C").member?.text == "ü ,")
        for wrong in ["member=a%00", "member=%C2%85", "member=\(long)x", "members=yes", "members="]
        {
            #expect(problem { try request("&" + wrong) }?.status == .badRequest, "\(wrong)")
        }
    }

    @Test func `of raw events may say who it is, and is not told who others are`() throws {
        let raw = "GET /stream?resources=a:1&format=raw&"
        #expect(try StreamRequest(head(raw + "member=u1")).member?.text == "u1")
        let refusal = problem { try StreamRequest(head(raw + "members=true")) }
        #expect(refusal?.status == .badRequest && refusal?.detail.hasPrefix("members") == true)
    }

    @Test(arguments: ["presence:*", "presence:post", "presence:post:*", "presence::1"])
    func `counts streams by resource alone`(name: String) {
        let problem = problem { try StreamRequest(head("GET /stream?resources=\(name)")) }
        #expect(problem?.status == .badRequest)
    }

    @Test(
        arguments: [
            ("", nil, nil), ("&last_event_id=a-1", nil, "a-1"), ("", "a-2", "a-2"),
            ("&last_event_id=a-1", "a-2", "a-2"), ("&last_event_id=%3F", nil, "?"),
            ("&last_event_id=a-1", "", "a-1"), ("&last_event_id=", nil, nil), ("", "", nil),
            ("&lastEventId=a-3", nil, "a-3"), ("&lastEventID=a-4", nil, "a-4"),
            ("&Last-Event-ID=a-5", nil, "a-5"), ("&Last-Event-ID=a-5&lastEventID=a-4", nil, "a-4"),
            ("&lastEventID=a-4&lastEventId=a-3&last_event_id=", nil, "a-3"),
            ("&last_event_id=&last_event_id=a-1", nil, "a-1"), ("&lastEventId=a-3", "a-2", "a-2"),
        ] as [(String, String?, String?)])
    func `takes the header's cursor before the query's`(
        query: String, field: String?, cursor: String?
    ) throws {
        let target = "GET /stream?resources=a:1" + query
        let request = try StreamRequest(
            field.map { head(target, "Last-Event-ID: \($0)") } ?? head(target))
        #expect(request.cursor == cursor)
    }

    @Test(
        arguments: [
            ("&events=a,b", ["a", "b"]), ("&events=a&events=b,a", ["a", "b"]),
            ("&events=a%2Cb", ["a", "b"]),
        ] as [(String, Set<String>)])
    func `filters by names`(query: String, names: Set<String>) throws {
        let request = try StreamRequest(head("GET /stream?resources=a:1" + query))
        #expect(request.filter == names)
    }

    @Test(
        arguments: [
            ("", nil), ("&keepalive=", nil), ("&keepalive=1", 1000), ("&keepalive=300", 300_000),
            ("&keepalive=2.5", 2500), ("&keepalive=1.0004", 1000),
        ] as [(String, Int?)])
    func `may have a keep-alive interval of its own`(query: String, milliseconds: Int?) throws {
        let request = try StreamRequest(head("GET /stream?resources=a:1" + query))
        #expect(request.keepalive == milliseconds)
    }

    @Test(
        arguments: [
            ("", nil, nil), ("&batch=10", 10, nil), ("&batch=10000&rewind=1", 10_000, 1),
            ("&rewind=1000", nil, 1_000), ("&batch=100&batch=x", 100, nil),
        ] as [(String, Int?, Int?)])
    func `may ask for batches and for the past`(query: String, batch: Int?, rewind: Int?) throws {
        let request = try StreamRequest(head("GET /stream?resources=a:1" + query))
        #expect(request.batch == batch)
        #expect(request.rewind == rewind)
    }

    @Test func `may do without the snapshot`() throws {
        for (value, expected) in [("true", true), ("false", false)] {
            let request = try StreamRequest(head("GET /stream?resources=a:1&snapshot=\(value)"))
            #expect(request.wantsSnapshot == expected)
        }
    }

    @Test(arguments: [
        "&events=9", "&events=a,b%20c", "&snapshot=1", "&snapshot=", "&snapshot=TRUE",
        "&keepalive=0.99", "&keepalive=300.1", "&keepalive=-1", "&keepalive=x", "&keepalive=nan",
        "&keepalive=inf", "&keepalive=5s", "&batch=9", "&batch=10001", "&batch=10.5", "&batch=",
        "&batch=nan", "&batch=-inf", "&rewind=0", "&rewind=1001", "&rewind=1e99", "&rewind=",
        "&batch=100&format=raw",
    ])
    func `is refused with 400 when a parameter is wrong`(query: String) {
        let problem = problem { try StreamRequest(head("GET /stream?resources=a:1" + query)) }
        #expect(problem?.status == .badRequest)
    }

    @Test(arguments: [
        ("text/event-stream", true), ("*/*", true), ("text/*", true),
        ("text/html, */*;q=0.1", true),
        ("application/json", false), ("text/html", false), ("*/*;q=0", false),
        ("text/event-stream;q=0, */*", false),
    ])
    func `is 406 when it does not accept events`(accept: String, isAccepted: Bool) {
        let problem = problem {
            try StreamRequest(head("GET /stream?resources=a:1", "Accept: \(accept)"))
        }
        #expect(problem?.status == (isAccepted ? nil : .notAcceptable))
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A change of a stream` {
    @Test(arguments: [
        (#"{"add":["post:9","a:*"],"remove":["post:4"]}"#, ["post:9", "a:*"], ["post:4"]),
        ("{}", [], []), (#"{"remove":[],"add":["presence:a:1"]}"#, ["presence:a:1"], []),
    ])
    func `adds and removes`(body: String, added: [String], removed: [String]) throws {
        let change = try StreamChange(Array(body.utf8))
        #expect(change.added.map(\.description) == added)
        #expect(change.removed.map(\.description) == removed)
    }

    @Test(arguments: [
        ("[]", ""), ("null", ""), (#"{"add":"a:1"}"#, "/add"), (#"{"add":[1]}"#, "/add/0"),
        (#"{"add":["a:1","b"]}"#, "/add/1"), (#"{"remove":["*"]}"#, "/remove/0"),
        (#"{"add":[],"add":[]}"#, "/add"), (#"{"set":[]}"#, "/set"), (#"{"a/b":[]}"#, "/a~1b"),
        (#"{"add":["presence:post:*"]}"#, "/add/0"), (#"{"add":["presence:*"]}"#, "/add/0"),
    ])
    func `is 422 when it breaks a rule, and says where`(body: String, pointer: String) {
        let problem = problem { try StreamChange(Array(body.utf8)) }
        #expect(problem?.status == .unprocessableContent)
        #expect(problem?.pointer == pointer)
    }

    @Test(arguments: ["", "{", #"{"add":["a:1",]}"#, #"{"set":1,"#, "{} {}"])
    func `is 400 when it is no JSON`(body: String) {
        #expect(problem { try StreamChange(Array(body.utf8)) }?.status == .badRequest)
    }
}
