import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `Text that is safe to be cut into lines` {
    private static let separators: [(String, String)] = [
        ("\u{85}", #"\u0085"#), ("\u{2028}", #"\u2028"#), ("\u{2029}", #"\u2029"#),
    ]

    @Test(arguments: 0...40)
    func `has an escape for each separator, wherever it stands`(place: Int) {
        for (separator, escape) in Self.separators {
            for filler in ["x", "é", "’", "日"] {
                let before = String(repeating: filler, count: place)
                for after in ["", "x", "\u{84}\u{2027}", "\u{2028}", "0123456789abcdef’"] {
                    check(before + separator + after, before + escape + Self.escaped(after))
                }
            }
        }
    }

    @Test(arguments: [
        "", "a", "\u{84}", "\u{86}", "\u{2027}", "\u{202A}", "\u{C2}", "\u{E2}", "’“”«»", "日本語🐦",
    ])
    func `is the same where there is no separator`(text: String) {
        for count in [1, 7, 8, 9] {
            check(String(repeating: text, count: count), String(repeating: text, count: count))
        }
    }

    @Test func `is appended to what was there`() {
        var bytes = Array("data: ".utf8)
        bytes.append(lineSafe: Array("\"\u{2028}\"".utf8))
        #expect(String(decoding: bytes, as: UTF8.self) == #"data: "\u2028""#)
    }

    /// Bytes that are no UTF-8 are never reached, and yet must not be read past.
    @Test(
        arguments: [[0xC2], [0xE2], [0xE2, 0x80], [0xE2, 0x80, 0x7F], [0x85, 0xA8]] as [[UInt8]])
    func `does not read past its end`(text: [UInt8]) {
        for count in 0...9 {
            var bytes: [UInt8] = []
            bytes.append(lineSafe: [UInt8](repeating: 120, count: count) + text)
            #expect(Array(bytes.dropFirst(count)) == text)
        }
    }

    private func check(
        _ text: String, _ expected: String, at place: SourceLocation = #_sourceLocation
    ) {
        var bytes: [UInt8] = []
        bytes.append(lineSafe: Array(text.utf8))
        #expect(String(decoding: bytes, as: UTF8.self) == expected, sourceLocation: place)
        #expect(Array(text.utf8).lineSafeCount == bytes.count, sourceLocation: place)
    }

    private static func escaped(_ text: String) -> String {
        text == "\u{2028}" ? #"\u2028"# : text
    }
}
