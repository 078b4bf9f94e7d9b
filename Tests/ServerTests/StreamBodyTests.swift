import HTTP
import Hub
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A stream that is asked for by a body` {
    @Test func `has defaults`() throws {
        let request = try request(#"{"resources":["post:1","presence:post:1","user:*"]}"#)
        #expect(request.names.map(\.description) == ["post:1", "presence:post:1", "user:*"])
        #expect(request.selectors.map(\.description) == ["post:1", "user:*"])
        #expect(request.watched == [resource("post:1")])
        #expect(request.filter == nil && request.cursor == nil && request.keepalive == nil)
        #expect(request.wantsSnapshot)
    }

    @Test func `says all that a query says`() throws {
        let request = try request(
            #"{"snapshot":false,"keepalive":2.5,"events":["a","b"],"last_event_id":"k-1","#
                + #""resources":["a:1","a:1"]}"#)
        #expect(request.names.map(\.description) == ["a:1"])
        #expect(request.filter == ["a", "b"])
        #expect(request.cursor == "k-1")
        #expect(request.keepalive == 2500)
        #expect(!request.wantsSnapshot)
    }

    @Test(
        arguments: [
            ("null", nil), ("\"\"", nil), ("\"a-1\"", "a-1"), ("null", "a-2"), ("\"a-1\"", "a-2"),
        ] as [(String, String?)])
    func `takes the header's cursor before the body's, and none from an empty one`(
        value: String, cursor: String?
    ) throws {
        let body = "{\"resources\":[\"a:1\"],\"last_event_id\":\(value)}"
        let field = cursor == "a-2" ? "Last-Event-ID: a-2" : "Last-Event-ID:"
        #expect(try request(body, field).cursor == cursor)
    }

    @Test func `says who it is, and whether it wants to know who others are`() throws {
        func body(_ fields: String) -> String { "{\"resources\":[\"a:1\"],\(fields)}" }
        let given = try request(body(#""member":"u1","members":true"#))
        #expect(given.member?.text == "u1" && given.wantsMembers)
        for none in [#""member":"""#, #""member":null,"members":null"#, #""members":false"#] {
            let request = try request(body(none))
            #expect(request.member == nil && !request.wantsMembers)
        }
        for wrong in [#""member":7"#, #""member":"\n""#, #""members":"true""#] {
            #expect(problem { try request(body(wrong)) }?.status == .unprocessableContent)
        }
        let raw = problem { try request(body(#""members":true,"format":"raw""#)) }
        #expect(raw?.status == .badRequest)
    }

    @Test func `takes null for what is not given`() throws {
        let request = try request(
            #"{"resources":["a:1"],"last_event_id":null,"events":null,"keepalive":null,"snapshot":null}"#
        )
        #expect(request.cursor == nil && request.filter == nil && request.keepalive == nil)
        #expect(request.wantsSnapshot)
    }

    @Test func `names up to 100 resources, doubled ones counted once`() throws {
        func body(_ count: Int) -> String {
            let names = (0..<count).map { "\"a:\($0)\"" } + ["\"a:0\""]
            return "{\"resources\":[\(names.joined(separator: ","))]}"
        }
        #expect(try request(body(100)).selectors.count == 100)
        let problem = problem { try request(body(101)) }
        #expect(problem?.status == .unprocessableContent && problem?.pointer == "/resources")
    }

    @Test(arguments: [
        ("[]", ""), ("null", ""), ("{}", "/resources"), (#"{"resources":[]}"#, "/resources"),
        (#"{"resources":null}"#, "/resources"), (#"{"resources":"a:1"}"#, "/resources"),
        (#"{"resources":["a:1",1]}"#, "/resources/1"),
        (#"{"resources":["a:1","*"]}"#, "/resources/1"),
        (#"{"resources":["presence:a:*"]}"#, "/resources/0"),
        (#"{"resources":["a:1"],"resources":["a:1"]}"#, "/resources"),
        (#"{"resources":["a:1"],"lastEventId":"x"}"#, "/lastEventId"),
        (#"{"resources":["a:1"],"last_event_id":1}"#, "/last_event_id"),
        (#"{"resources":["a:1"],"events":["a","b c"]}"#, "/events/1"),
        (#"{"resources":["a:1"],"events":"a"}"#, "/events"),
        (#"{"resources":["a:1"],"keepalive":0.5}"#, "/keepalive"),
        (#"{"resources":["a:1"],"keepalive":"5"}"#, "/keepalive"),
        (#"{"resources":["a:1"],"keepalive":301}"#, "/keepalive"),
        (#"{"resources":["a:1"],"snapshot":"true"}"#, "/snapshot"),
        (#"{"resources":["a:1"],"a/b":1}"#, "/a~1b"),
    ])
    func `is 422 when it breaks a rule, and says where`(body: String, pointer: String) {
        let problem = problem { try request(body) }
        #expect(problem?.status == .unprocessableContent)
        #expect(problem?.pointer == pointer)
    }

    @Test(arguments: ["", "{", #"{"resources":["a:1",]}"#, #"{"resources":["a:1"]} x"#])
    func `is 400 when it is no JSON`(body: String) {
        #expect(problem { try request(body) }?.status == .badRequest)
    }

    @Test func `is 406 when it does not accept events`() {
        let problem = problem { try request(#"{"resources":["a:1"]}"#, "Accept: application/json") }
        #expect(problem?.status == .notAcceptable)
    }

    private func request(
        _ body: String, _ field: String = "Accept: */*"
    ) throws -> StreamRequest {
        try StreamRequest(head("POST /stream", field), body: Array(body.utf8))
    }
}
