import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(5)))
struct `Log lines` {
    private static let time = Timestamp(milliseconds: 1_795_222_923_456)

    private static func line(_ fields: Log.Fields, _ format: Log.Format = .text) -> String {
        LogLine(time: time, level: .info, message: "Listening", fields: fields)
            .rendered(as: format)
    }

    @Test func `text is time, level, message and fields in their order`() {
        #expect(
            Self.line(["url": "http://127.0.0.1:8080/", "workers": 2])
                == "2026-11-21T01:02:03.456Z info    Listening url=http://127.0.0.1:8080/ workers=2\n"
        )
    }

    @Test func `JSON keeps numbers and booleans as such`() {
        let fields: Log.Fields = [
            "port": 8080, "part": 0.5, "endless": Double.infinity, "tls": false, "host": "a b",
        ]
        #expect(
            Self.line(fields, .json) == """
                {"time":"2026-11-21T01:02:03.456Z","level":"info","message":"Listening",\
                "port":8080,"part":0.5,"endless":"inf","tls":false,"host":"a b"}\n
                """)
    }

    @Test(arguments: [
        ("plain", "plain"),
        ("", #""""#),
        ("two words", #""two words""#),
        ("a=b", #""a=b""#),
        (#"say "hi""#, #""say \"hi\"""#),
        (#"back\slash"#, #""back\\slash""#),
        ("line\nforged level=error", #""line\nforged level=error""#),
        ("\r\t\u{0}\u{1B}[31m\u{7F}\u{9B}", #""\r\t\u0000\u001b[31m\u007f\u009b""#),
        ("\u{2028}\u{202E}", #""\u2028\u202e""#),
        ("größe→", "größe→"),
    ])
    func `a value cannot forge a line or a field`(value: String, shown: String) {
        #expect(Self.line(["v": value]).hasSuffix(" Listening v=\(shown)\n"))
    }

    @Test func `an error or any other value is shown by its description`() {
        struct Full: Error, CustomStringConvertible { let description = "disk full" }
        let error: any Error = Full()
        #expect(Self.line(["error": error]).hasSuffix(" error=\"disk full\"\n"))
    }

    @Test(arguments: Log.Format.allCases)
    func `a long value is cut between characters`(format: Log.Format) {
        let line = Self.line(["v": String(repeating: "ö", count: 5000), "after": 1], format)
        #expect(line.utf8.count < 1024 + 120)
        #expect(line.contains("ö…\""))
        #expect(line.contains("after"))
    }

    @Test(arguments: Log.Format.allCases)
    func `a line never exceeds what a pipe takes in one piece`(format: Log.Format) {
        let long = String(repeating: "\u{1}", count: 1000)
        let line = Self.line(["a": long, "b": long, "c": long, "d": long, "e": 1], format)
        #expect(line.utf8.count <= 4096)
        let end = format == .json ? #","truncated":true}"# : " truncated=true"
        #expect(line.hasSuffix(end + "\n"))
        #expect(line.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
    }
}
