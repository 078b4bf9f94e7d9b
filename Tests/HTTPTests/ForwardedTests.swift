import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(5)))
struct `The field Forwarded` {
    @Test(
        arguments: [
            ("for=192.0.2.43", [Forwarded(sender: "192.0.2.43")]),
            (
                "For=\"[2001:db8::17]:4711\";proto=HTTPS;host=a.test;by=_p",
                [Forwarded(sender: "[2001:db8::17]:4711", host: "a.test", scheme: "https")]
            ),
            ("for=a,for=b", [Forwarded(sender: "a"), Forwarded(sender: "b")]),
            ("for=a , ,\tfor=b,", [Forwarded(sender: "a"), Forwarded(sender: "b")]),
            ("for=\"a, for=b\"", [Forwarded(sender: "a, for=b")]),
            ("for=\"a\\\"b\"", [Forwarded(sender: "a\"b")]),
            ("secret=x;;for=a", [Forwarded(sender: "a")]),
            ("for=\"\"", [Forwarded(sender: "")]),
            ("", []), (",", []),
        ] as [(String, [Forwarded])])
    func `is a list of elements`(text: String, elements: [Forwarded]) {
        #expect(Forwarded.parse(text) == elements)
    }

    @Test(
        arguments: [
            "for", "for=", "=a", "for=a b", "for=\"a", "for=a\"", "for==a", "for=a;host",
            "for=[::1]",
            "host=a.test:80", "for=a;for=b", "for=a;FOR=b", "for=a, x", "for=a/b", "\"for\"=a",
        ])
    func `says nothing when any part is malformed`(text: String) {
        #expect(Forwarded.parse(text) == nil)
        #expect(Forwarded.parse("for=a, " + text) == nil)
    }
}
