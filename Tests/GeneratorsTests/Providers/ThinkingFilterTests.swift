import Testing

@testable import Generators

@Suite(.timeLimit(.minutes(5)))
struct `Thinking before a text` {
    /// What is left of a content that comes in these pieces.
    private func text(_ pieces: [String]) throws -> String {
        var filter = ThinkingFilter()
        var text = ""
        for piece in pieces { text += try filter.take(piece) }
        return text + (try filter.end())
    }

    private static let contents = [
        ("<think>Hm <b>, über\u{1F309}.</think>\n\nDa.", "Da."),
        (" \n<THINK>Hm</Think> Da. ", "Da. "), ("<think></think>Da</think>", "Da</think>"),
        ("<think>a</think>\n<think>b</think>\nDa", "Da"), ("<think>a<think>b</think>c", "c"),
        ("<thinking>a</think></thinking>c", "c"), ("<thought>a</thought>c", "c"),
        ("<reasoning>a</reasoning>c", "c"), ("<seed:think>a</seed:think>c", "c"),
        ("[THINK]a[/THINK]c", "c"), ("<think>never", ""), ("<think>a</think", ""),
        ("<think>a</think> \n", ""), ("<think>a</think><th", "<th"), ("", ""), (" ", " "),
        ("<", "<"), ("<thin", "<thin"), (" \n<thin", " \n<thin"), ("<thinker>a", "<thinker>a"),
        ("A <think>b</think> c", "A <think>b</think> c"), ("<b>a</b>", "<b>a</b>"),
        ("\u{1F309}</thin> a", "\u{1F309}</thin> a"),
    ]

    @Test(arguments: contents)
    func `is left out wherever it is cut`(content: String, left: String) throws {
        let scalars = content.unicodeScalars.map { String($0) }
        #expect(try text([content]) == left)
        #expect(try text(scalars) == left)
        for cut in 0...scalars.count {
            let pieces = [scalars[..<cut].joined(), scalars[cut...].joined()]
            #expect(try text(pieces) == left, "cut at \(cut)")
        }
    }

    @Test(arguments: [
        "So the user wants this.</think>\n\nDa.", "</think>", "a</THINK>b", "a\n</think>\n<think>",
    ])
    func `that ends and never began is a fault wherever it is cut`(content: String) {
        let letters = content.map { String($0) }
        #expect(throws: AnswerFault.openThinking) { try text([content]) }
        #expect(throws: AnswerFault.openThinking) { try text(letters) }
    }

    @Test func `shows while it lasts`() throws {
        var filter = ThinkingFilter()
        let states = try ["<thi", "nk>", "a", "</think>", "\n", "b", "</think>"].map { piece in
            _ = try filter.take(piece)
            return filter.isThinking
        }
        #expect(states == [false, true, true, true, true, false, false])
    }

    @Test func `is counted apart from the text`() throws {
        let lines = ["<think>", "Hm", "</think>", "Da", "."].map {
            #"{"message":{"content":"\#($0)"},"done":false}"# + "\n"
        }
        var answer = StreamedAnswer(OllamaAnswer(), limit: 1 << 20)
        answer.append(Array((lines.joined() + #"{"done":true}"#).utf8))
        var pieces: [TextPiece] = []
        while let piece = try answer.next() { pieces.append(piece) }
        if let last = try answer.end() { pieces.append(last) }
        #expect(pieces.map(\.text).joined() == "Da.")
        #expect(pieces.map(\.tokens).reduce(0, +) == 2)
        #expect(pieces.map(\.thinkingTokens).reduce(0, +) == 3)
        #expect(try answer.result().thinkingTokens == 3)
    }
}
