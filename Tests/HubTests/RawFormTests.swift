import JSON
import Telemetry
import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `The raw form of an event` {
    private let encoding = EventEncoding(epoch: epoch)
    private let time = Timestamp(milliseconds: 1_795_222_923_456)
    private let ledger = FormLedger()

    private func event(_ data: String, name: String = "message") -> Publication {
        Publication(
            resources: [resource("a:1"), resource(#"c:"3]}"#)], name: EventName(known: name),
            data: Array(data.utf8))
    }

    private func raw(_ frame: EventFrame) -> String {
        frame.form(for: .raw, counting: ledger).blockText
    }

    private func raw(_ data: String) -> String {
        raw(encoding.frame(event(data), sequence: 7, at: time))
    }

    @Test(arguments: [
        (#""""#, "data: \n"), (#""a b""#, "data: a b\n"), (#"" a""#, "data:  a\n"),
        (#""a\nb""#, "data: a\ndata: b\n"), (#""\n""#, "data: \ndata: \n"),
        (#""a\r\nb\rc\n\rd""#, "data: a\ndata: b\ndata: c\ndata: \ndata: d\n"),
        (#""\r\r\n\n""#, "data: \ndata: \ndata: \ndata: \n"),
        (#""a\r\u000Ab\u000d""#, "data: a\ndata: b\ndata: \n"),
        (#""a\r b\n""#, "data: a\ndata:  b\ndata: \n"),
        (#""\"\\\/\b\f\t""#, "data: \"\\/\u{8}\u{C}\t\n"),
        (#""data: x\n\nid: 9\nevent: y""#, "data: data: x\ndata: \ndata: id: 9\ndata: event: y\n"),
        (#""\u0000\u2028\u0085é""#, "data: \u{0}\u{2028}\u{85}é\n"),
        ("\"\u{2029}\"", "data: \u{2029}\n"),
        (#""\ud83d\ude00\uD83D\uDE00""#, "data: 😀😀\n"),
        (#""\ud83d""#, "data: \u{FFFD}\n"), (#""\ude00\ud83d""#, "data: \u{FFFD}\u{FFFD}\n"),
        (#""\ud83d\ud83d\ude00""#, "data: \u{FFFD}😀\n"),
        (#""\ud83d\n""#, "data: \u{FFFD}\ndata: \n"),
        (#""\ud83d\\u""#, "data: \u{FFFD}\\u\n"),
        ("null", "data: null\n"), ("-1.50", "data: -1.50\n"),
        (#"{"a":["x\n"]}"#, #"data: {"a":["x\n"]}"# + "\n"),
        (#"["a\r"]"#, #"data: ["a\r"]"# + "\n"),
    ])
    func `is the data as it is`(data: String, lines: String) {
        #expect(raw(data) == "\(lines)id: \(epoch)-7\n\n")
    }

    @Test func `has the name unless it is that of events without one`() {
        let named = encoding.frame(event("1", name: "go"), sequence: 7, at: time)
        #expect(raw(named) == "event: go\ndata: 1\nid: \(epoch)-7\n\n")
        let transient = encoding.frame(event("1", name: "go"), sequence: nil, at: time)
        #expect(raw(transient) == "event: go\ndata: 1\n\n")
    }

    @Test func `of a snapshot's event has no id`() {
        let state = encoding.stateFrame(event(#""x""#), sequence: 7, at: time)
        #expect(raw(state) == "data: x\n\n")
    }

    @Test func `is made once, and is no other form`() {
        let frame = encoding.frame(event("1"), sequence: 7, at: time)
        let form = frame.form(for: .raw, counting: ledger)
        #expect(frame.form(for: .raw, counting: ledger) === form)
        #expect(form.form(for: .raw, counting: ledger) === form)
        let narrow = EventView(naming: { $0.name == "a:1" })
        #expect(frame.form(for: narrow, counting: ledger) !== form)
        #expect(form.sequence == 7 && form.resources == frame.resources)
    }

    @Test func `leaves the hub's own events as they are`() {
        let closing = EventFrame(Array("event: closing\ndata: {}\n\n".utf8), content: .control)
        #expect(closing.form(for: .raw, counting: ledger) === closing)
    }

    /// What an EventSource makes of a block (WHATWG HTML, "Interpreting an event stream").
    private func interpreted(_ block: String) -> [String] {
        let lines = block.unicodeScalars.split(omittingEmptySubsequences: false) {
            $0 == "\n" || $0 == "\r"
        }
        var (events, data): ([String], [String]) = ([], [])
        for line in lines.map({ String(String.UnicodeScalarView($0)) }) {
            if line.isEmpty, !data.isEmpty {
                events.append(data.joined(separator: "\n"))
                data = []
            } else if line.utf8.starts(with: "data: ".utf8) {
                data.append(String(decoding: line.utf8.dropFirst(6), as: UTF8.self))
            }
        }
        return events
    }

    @Test func `of a random text is one event with that text`() {
        var generator = SeededNumbers(seed: 15)
        let marks = ["\r", "\n", "\r\n", "\u{0}", "\u{2028}", ": ", "data: ", "\"", "\\", "😀"]
        for _ in 0..<3_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                text.unicodeScalars.append(
                    contentsOf: Bool.random(using: &generator)
                        ? marks.randomElement(using: &generator)!.unicodeScalars
                        : String.UnicodeScalarView([
                            Unicode.Scalar(UInt32.random(in: 0...0xD7FF, using: &generator))!
                        ]))
            }
            var json: [UInt8] = []
            appendJSONString(text, to: &json)
            let block = raw(String(decoding: json, as: UTF8.self))
            var expected = String.UnicodeScalarView()
            var last: Unicode.Scalar?
            for scalar in text.unicodeScalars {
                let isSecondHalf = scalar == "\n" && last == "\r"
                if !isSecondHalf { expected.append(scalar == "\r" ? "\n" : scalar) }
                last = scalar
            }
            #expect(interpreted(block).map { Array($0.utf8) } == [Array(String(expected).utf8)])
        }
    }
}
