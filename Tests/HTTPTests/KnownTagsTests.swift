import HTTP
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `What If-None-Match names` {
    @Test(arguments: [
        "\"a-1\"", "W/\"a-1\"", "\"b\", \"a-1\"", "\"b\",W/\"a-1\"", " , \"b\" ,, \"a-1\" ,", "*",
        "\"a,b\", \"a-1\"", "\"\", \"a-1\"", "b, \"a-1\"", "\"b\"x, \"a-1\"",
    ])
    func `is known`(field: String) {
        #expect(KnownTags(field).include("\"a-1\""))
    }

    @Test(arguments: [
        "\"a\"", "\"a-1 \"", "\"xa-1\"", "a-1", "'a-1'", "\"a-1", "w/\"a-1\"", "\"\"", "", "**",
        "\"*\"", "\"x, \\\"a-1\\\"\"", "\"A-1\"", "x\"a-1\"", "\"a-1\"x", "*, \"b\"", "W/ \"a-1\"",
    ])
    func `is not known`(field: String) {
        #expect(!KnownTags(field).include("\"a-1\""))
    }

    @Test func `is nothing without the field`() {
        #expect(!KnownTags(nil).include("\"a-1\""))
    }

    @Test func `may hold a comma`() {
        #expect(KnownTags("\"x\", \"a,b\"").include("\"a,b\""))
        #expect(!KnownTags("\"a,b\"").include("\"a\""))
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `The key of a request` {
    @Test(
        arguments: [
            (nil, nil, nil), ("k", nil, "k"), (nil, "k", "k"), ("k", "k", "k"),
            (String(repeating: "k", count: 256), nil, String(repeating: "k", count: 256)),
        ] as [(String?, String?, String?)])
    func `is what the two places say`(header: String?, member: String?, key: String?) throws {
        let agreed = try IdempotencyKey.agreed(header: header, member: member, length: 1...256)
        #expect(agreed == key)
    }

    @Test(
        arguments: [
            ("k", "l", "/key"), ("", nil, nil), (String(repeating: "k", count: 257), nil, nil),
            ("e\u{301}", "\u{E9}", "/key"),
        ] as [(String, String?, String?)])
    func `is refused when it is too long or is two`(
        header: String, member: String?, pointer: String?
    ) {
        do throws(Problem) {
            _ = try IdempotencyKey.agreed(header: header, member: member, length: 1...256)
            Issue.record("it was taken")
        } catch {
            #expect(error.status == .unprocessableContent && error.pointer == pointer)
        }
    }
}
