import Testing

@testable import HTTP

@Suite("Queries and media types", .timeLimit(.minutes(5)))
struct FieldValueTests {
    @Test(
        arguments: [
            ("", ""), ("abc", "abc"), ("a+b", "a+b"), ("a%20b", "a b"), ("%c3%A9", "é"),
            ("%25%32%35", "%25"), ("é%2C", "é,"), ("%00", "\0"), ("%F0%9F%90%A6", "🐦"),
            ("%", nil), ("a%", nil), ("%4", nil), ("%4g", nil), ("%g4", nil), ("%%41", nil),
            ("%+1", nil), ("%ff", nil), ("%c3", nil), ("%c3%28", nil), ("%ed%a0%80", nil),
            ("%c0%80", nil), ("%f4%90%80%80", nil),
        ] as [(String, String?)])
    func `percent-decoding takes well-formed escapes of UTF-8`(_ text: String, _ decoded: String?) {
        #expect(PercentEncoding.decode(text) == decoded)
        #expect(PercentEncoding.decode(("x" + text).dropFirst()) == decoded)
    }

    @Test func `a query is pairs in order`() throws {
        let items = try QueryItems("a=1&b=&&c&a=2%263&=x&d=e=f&a%62=%61&a=1+1")
        #expect(items.names == ["a", "b", "c", "a", "", "d", "ab", "a"])
        #expect(items.values("a") == ["1", "2&3", "1+1"])
        #expect(items.first("b") == "")
        #expect(items.first("c") == "")
        #expect(items.first("d") == "e=f")
        #expect(items.first("ab") == "a")
        #expect(items.first("x") == nil)
        #expect(items.values("x").isEmpty)
    }

    @Test(arguments: [nil, "", "&&"])
    func `a query without pairs is empty`(_ query: String?) throws {
        #expect(try QueryItems(query).names.isEmpty)
    }

    @Test(arguments: [
        ("a=1&limit=%zz", "'limit'"), ("na%me=1", "'na%me'"), ("a%20b=%ff", "'a b'"),
    ])
    func `a malformed query names the parameter`(_ query: String, _ name: String) {
        let error = #expect(throws: RequestError.self) { try QueryItems(query) }
        #expect(error?.status == .badRequest)
        #expect(error?.detail.contains(name) == true)
    }

    @Test(
        arguments: [
            (nil, true), ("", true), ("text/event-stream", true), ("TEXT/Event-Stream", true),
            ("text/*", true), ("*/*", true), ("text/html", false),
            ("application/json, text/html", false),
            ("text/html, */*;q=0.1", true), ("text/event-stream;q=0", false),
            ("text/event-stream;q=0.000", false), ("text/event-stream;q=0.001", true),
            ("*/*, text/event-stream;q=0", false), ("text/event-stream;q=0, */*", false),
            ("text/*;q=0, */*", false), ("text/*;q=0, text/event-stream", true),
            ("*/*;q=0, text/*", true), ("text/event-stream ; q=0.5", true),
            ("text/event-stream;charset=utf-8", true),
            ("text/event-stream;charset=\"UTF-8\"", true),
            ("text/event-stream;charset=latin1", false), ("text/event-stream;level=1", false),
            ("text/event-stream;q=0, text/event-stream;charset=utf-8", true),
            ("text/event-stream;q=0.5;ext=1", true),
            ("text/html;a=\"x, text/event-stream\"", false),
            ("text/html, image/gif, *; q=.2, */*; q=.2", true), ("nonsense", true),
            ("*/html", true),
            ("text/", true), ("/", true), (",,,", true), ("text/html;q=x", true),
            ("text/html;q=2, text/css", false), ("text/html/x, text/event-stream", true),
            ("text/event-stream;q=", true), ("text/event-stream;q=, text/html", false),
            ("text/event-stream;;q=0", false), ("text/html;a=\"", true),
        ] as [(String?, Bool)])
    func `Accept allows by the most specific range`(_ header: String?, _ allowed: Bool) {
        #expect(Accept.allows(header, type: "text", subtype: "event-stream") == allowed)
    }

    @Test(arguments: [
        ("application/json", true, false), ("Application/JSON", true, false),
        ("application/json; charset=utf-8", true, false),
        ("application/json;charset=\"UTF-8\"", true, false),
        ("application/json ; x=y ; charset=UTF-8", true, false),
        ("application/json;", true, false), ("application/json; charset=latin1", false, false),
        ("application/x-ndjson", false, true), ("application/x-ndjson;charset=UTF-8", false, true),
        ("application/x-ndjson;charset=utf-16", false, false), ("text/json", false, false),
        ("application/json+x", false, false), ("application/jsonx", false, false),
    ])
    func `a content type is told by type, subtype and charset`(
        _ text: String, _ isJSON: Bool, _ isNDJSON: Bool
    ) {
        let type = ContentType.parse(text)
        #expect(type?.isJSON == isJSON)
        #expect(type?.isNDJSON == isNDJSON)
    }

    @Test(arguments: [
        "", "application", "application/", "/json", "application/json x", "application /json",
        "application/json; charset", "application/json; charset=", "application/json, text/html",
        "application/json; a=\"b", "application/json; =b",
    ])
    func `a malformed content type is none`(_ text: String) {
        #expect(ContentType.parse(text) == nil)
    }

    @Test func `parameters keep their values`() throws {
        let type = try #require(
            ContentType.parse("multipart/Form-Data; Boundary=\"a\\\"b; c\";x=Y"))
        #expect(type.type == "multipart")
        #expect(type.subtype == "form-data")
        #expect(type.parameter("boundary") == "a\"b; c")
        #expect(type.parameter("x") == "Y")
        #expect(type.parameter("z") == nil)
    }
}
