import HTTP
import Hub
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `The body of a broadcast` {
    @Test func `is one event with its defaults`() throws {
        let broadcast = try read(#"{"resource":"post:1","data":null}"#)
        #expect(!broadcast.isArray)
        let event = try #require(broadcast.publications.first)
        #expect(broadcast.publications.count == 1)
        #expect(event.resources == [resource("post:1")])
        #expect(event.name == .message)
        #expect(event.text == "null")
        #expect(!event.isRetained && !event.isTransient)
        #expect(event.coalesceKey == nil && event.key == nil)
    }

    @Test func `is one event with all that it may have`() throws {
        let broadcast = try read(
            #" {"key":"k","coalesce":"c","transient":false,"retain":true,"data":{"b":1},"#
                + #""event":"post_update","resources":["post:1","user:2","post:1"]} "#)
        let event = try #require(broadcast.publications.first)
        #expect(event.resources == [resource("post:1"), resource("user:2")])
        #expect(event.name.description == "post_update")
        #expect(event.isRetained && !event.isTransient)
        #expect(event.coalesceKey == "c" && event.key == "k")
    }

    @Test(arguments: [
        ("{ \"b\" : 1 , \"a\" : [ 1.0 , 2e0 ] , \"b\" : 3 }", #"{"b":1,"a":[1.0,2e0],"b":3}"#),
        (#""\u00e9\/ \ud800""#, #""\u00e9\/ \ud800""#), ("-0", "-0"), ("1E400", "1E400"),
        ("\"é😀\"", "\"é😀\""), ("true", "true"), (" [ ] ", "[]"),
    ])
    func `keeps its data but for the spaces around`(data: String, kept: String) throws {
        #expect(try read("{\"resource\":\"a:1\",\"data\":\(data)}").publications[0].text == kept)
    }

    @Test func `is an array of up to 1000 events`() throws {
        let event = #"{"resource":"a:1","data":1}"#
        #expect(try read("[]").publications.isEmpty)
        #expect(try read("[]").isArray)
        #expect(try read("[\(event)]").isArray)
        let most = try read("[" + repeated(event, 1_000) + "]")
        #expect(most.publications.count == 1_000)
        let problem = problem { try read("[" + repeated(event, 1_001) + "]") }
        #expect(problem?.status == .unprocessableContent)
        #expect(problem?.detail.contains("1000") == true)
    }

    @Test func `names up to 100 resources, doubled ones counted once`() throws {
        func body(_ count: Int) -> String {
            let names = (0..<count).map { "\"a:\($0)\"" } + ["\"a:0\""]
            return "{\"resources\":[\(names.joined(separator: ","))],\"data\":1}"
        }
        #expect(try read(body(100)).publications[0].resources.count == 100)
        let problem = problem { try read(body(101)) }
        #expect(problem?.status == .unprocessableContent)
        #expect(problem?.pointer == "/resources")
    }

    @Test(arguments: ["coalesce", "key"])
    func `has keys of up to 256 bytes`(field: String) throws {
        func body(_ key: String) -> String {
            "{\"resource\":\"a:1\",\"data\":1,\"\(field)\":\"\(key)\"}"
        }
        let (ascii, other) = (
            String(repeating: "k", count: 256), String(repeating: "é", count: 128)
        )
        for key in ["k", " ", ascii, other] {
            let event = try read(body(key)).publications[0]
            #expect((field == "key" ? event.key : event.coalesceKey) == key)
        }
        for key in ["", ascii + "k", other + "é"] {
            let problem = problem { try read(body(key)) }
            #expect(problem?.status == .unprocessableContent)
            #expect(problem?.pointer == "/\(field)")
        }
    }

    @Test func `has data of up to 256 KiB`() throws {
        func body(_ bytes: Int) -> String {
            let text = String(repeating: "x", count: bytes - 2)
            return "{\"resource\":\"a:1\",\"data\": \"\(text)\" }"
        }
        #expect(try read(body(262_144)).publications[0].data.count == 262_144)
        let problem = problem { try read(body(262_145)) }
        #expect(problem?.status == .contentTooLarge)
        #expect(problem?.pointer == "/data")
    }

    @Test func `has data of up to what is set, in the form in which it is sent`() throws {
        func read(_ text: String) throws(Problem) -> Int {
            let body = "{\"resource\":\"a:1\",\"data\":\"\(text)\"}"
            return try Broadcast(Array(body.utf8), idempotencyKey: nil, maximumData: 1024)
                .publications[0].data.count
        }
        #expect(try read(String(repeating: "x", count: 1022)) == 1024)
        #expect(
            problem { try read(String(repeating: "x", count: 1023)) }?.status == .contentTooLarge)
        for mark in ["\u{85}", "\u{2028}"] {
            #expect(try read(String(repeating: mark, count: 170)) < 1024)
            let problem = problem { try read(String(repeating: mark, count: 171)) }
            #expect(problem?.status == .contentTooLarge)
            #expect(problem?.detail.contains("1028") == true)
        }
    }

    @Test func `has data of up to 64 levels`() throws {
        func body(_ depth: Int) -> String {
            let open = String(repeating: "[", count: depth)
            let close = String(repeating: "]", count: depth)
            return "[{\"resource\":\"a:1\",\"data\":\(open)\(close)}]"
        }
        #expect(try read(body(64)).publications[0].data.count == 128)
        let problem = problem { try read(body(65)) }
        #expect(problem?.status == .unprocessableContent)
        #expect(problem?.pointer == "/0/data")
    }

    private func read(_ body: String, key: String? = nil) throws(Problem) -> Broadcast {
        try Broadcast(Array(body.utf8), idempotencyKey: key)
    }

    private func repeated(_ event: String, _ count: Int) -> String {
        Array(repeating: event, count: count).joined(separator: ",")
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `The header Idempotency-Key` {
    private let event = #"{"resource":"a:1","data":1}"#

    @Test func `is the key of the one event`() throws {
        #expect(try read(event, key: "k").publications[0].key == "k")
        #expect(try read(event, key: nil).publications[0].key == nil)
        let same = #"{"resource":"a:1","data":1,"key":"k"}"#
        #expect(try read(same, key: "k").publications[0].key == "k")
        let long = String(repeating: "k", count: 256)
        #expect(try read(event, key: long).publications[0].key == long)
    }

    @Test func `is refused beside another key, with an array, or when it is none`() {
        let other = problem { try read(#"{"resource":"a:1","data":1,"key":"j"}"#, key: "k") }
        #expect(other?.status == .unprocessableContent)
        #expect(other?.pointer == "/key")
        for body in ["[\(event)]", "[]"] {
            #expect(problem { try read(body, key: "k") }?.status == .unprocessableContent)
        }
        for key in ["", String(repeating: "k", count: 257)] {
            #expect(problem { try read(event, key: key) }?.status == .unprocessableContent)
        }
    }

    private func read(_ body: String, key: String?) throws(Problem) -> Broadcast {
        try Broadcast(Array(body.utf8), idempotencyKey: key)
    }
}

/// What breaks a rule, with the member that is wrong.
@Suite(.timeLimit(.minutes(5)))
struct `A broadcast is refused` {
    @Test(arguments: [
        ("1", ""), ("null", ""), (#""x""#, ""), ("true", ""), ("{}", "/resource"),
        (#"{"resource":"a:1"}"#, "/data"), (#"{"data":1}"#, "/resource"),
        (#"{"resource":"a:1","resources":["a:2"],"data":1}"#, "/resource"),
        (#"{"resource":"a","data":1}"#, "/resource"),
        (#"{"resource":"","data":1}"#, "/resource"),
        (#"{"resource":"a:*","data":1}"#, "/resource"),
        (#"{"resource":"*","data":1}"#, "/resource"),
        (#"{"resource":"a:b,c","data":1}"#, "/resource"),
        (#"{"resource":"presence:a:1","data":1}"#, "/resource"),
        (#"{"resource":5,"data":1}"#, "/resource"),
        (#"{"resource":null,"data":1}"#, "/resource"),
        (#"{"resource":["a:1"],"data":1}"#, "/resource"),
        (#"{"resource":"a:\ud800","data":1}"#, "/resource"),
        (#"{"resources":[],"data":1}"#, "/resources"),
        (#"{"resources":"a:1","data":1}"#, "/resources"),
        (#"{"resources":["a:1",5],"data":1}"#, "/resources/1"),
        (#"{"resources":["a:1","b"],"data":1}"#, "/resources/1"),
        (#"{"resources":["a:*"],"data":1}"#, "/resources/0"),
        (#"{"resources":["a:1",["b:2"]],"data":1}"#, "/resources/1"),
        (#"{"resource":"a:1","data":1,"event":""}"#, "/event"),
        (#"{"resource":"a:1","data":1,"event":"a b"}"#, "/event"),
        (#"{"resource":"a:1","data":1,"event":null}"#, "/event"),
        (#"{"resource":"a:1","data":1,"retain":"true"}"#, "/retain"),
        (#"{"resource":"a:1","data":1,"retain":null}"#, "/retain"),
        (#"{"resource":"a:1","data":1,"transient":1}"#, "/transient"),
        (#"{"resource":"a:1","data":1,"retain":true,"transient":true}"#, "/retain"),
        (#"{"resource":"a:1","data":1,"coalesce":7}"#, "/coalesce"),
        (#"{"resource":"a:1","data":1,"key":false}"#, "/key"),
        (#"{"resource":"a:1","data":1,"data":2}"#, "/data"),
        (#"{"resource":"a:1","data":1,"typo":2}"#, "/typo"),
        (#"{"resource":"a:1","data":1,"Data":2}"#, "/Data"),
        (#"{"resource":"a:1","data":1,"":2}"#, "/"),
        (#"{"resource":"a:1","data":1,"a/b~c":2}"#, "/a~1b~0c"),
        (#"[{"resource":"a:1","data":1},{"resource":"a:1"}]"#, "/1/data"),
        (#"[{"resource":"a:1","data":1},7]"#, "/1"),
        (#"[[]]"#, "/0"),
    ])
    func `with 422 and where it breaks a rule`(body: String, pointer: String) {
        let problem = refused(body)
        #expect(problem?.status == .unprocessableContent)
        #expect(problem?.pointer == pointer)
        #expect(problem?.detail.isEmpty == false)
    }

    @Test(arguments: EventName.reserved.union(EventName.ofConnection).sorted())
    func `with 422 when it takes a name of the hub's own`(name: String) {
        let problem = refused("{\"resource\":\"a:1\",\"data\":1,\"event\":\"\(name)\"}")
        #expect(problem?.status == .unprocessableContent)
        #expect(problem?.pointer == "/event")
        #expect(problem?.detail.contains(name) == true)
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", #"{"resource"}"#, #"{"resource":}"#, "nul", "\u{FEFF}{}",
        "{'a':1}",
        #"{"resource":"a:1","data":1}x"#, #"{"resource":"a:1","data":1},"#,
        #"{"resource":"a:1","data":01}"#, #"{"resource":"a:1","data":1,}"#,
        #"{"resource":"a:1" "data":1}"#, #"{"resource":"a:1","data":"\x"}"#,
        "{\"resource\":\"a:1\",\"data\":\"a\nb\"}", #"[{"resource":"a:1","data":1},]"#,
    ])
    func `with 400 when it is no JSON`(body: String) {
        let problem = refused(body)
        #expect(problem?.status == .badRequest)
        #expect(problem?.detail.contains("byte") == true)
    }

    @Test(arguments: [
        #"{"typo":1,"data":}"#, #"{"resource":5,"data":"\x"}"#, #"[{"resource":"a"},{]"#,
        #"{"resource":"a:1"} x"#, #"{"data":1,"data":2"#, #"[7,8"#, #"{"resource":"a:\ud800","#,
        #"{"\ud800":1,"#, #"{"resource":"a:1","data":1,"event":"live"}}"#, "1 2",
        #"{"resources":[5,}"#,
    ])
    func `with 400 when it breaks a rule and is no JSON further on`(body: String) {
        #expect(refused(body)?.status == .badRequest)
    }

    @Test func `with 400 when it is not UTF-8`() {
        let bytes = Array(#"{"resource":"a:1","data":""#.utf8) + [0xC3, 0x28] + Array("\"}".utf8)
        let problem = problem { try Broadcast(bytes, idempotencyKey: nil) }
        #expect(problem?.status == .badRequest)
    }

    private func refused(_ body: String) -> Problem? {
        problem { try Broadcast(Array(body.utf8), idempotencyKey: nil) }
    }
}
