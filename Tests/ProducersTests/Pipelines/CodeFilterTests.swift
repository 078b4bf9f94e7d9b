import Testing

@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `The code in an answer` {
    private static let answers: [(answer: String, code: String)] = [
        ("<p>a</p>", "<p>a</p>"),
        ("\n\n  <p>a</p>\n\n", "<p>a</p>"),
        ("", ""), (" \n", ""), ("a", "a"), ("`a`", "`a`"), ("``", "``"),
        ("```html\n<p>a</p>\n```", "<p>a</p>"),
        ("```\na\n```\n", "a"),
        (" ```js\n\n  a;\n\n  b;\n\n```\n\nThat is all.\n```\nc\n```", "\n  a;\n\n  b;"),
        ("```js\nconst a = `x```;\nb\n```", "const a = `x```;\nb"),
        ("```js\nlet a = ``;\n`b`;\n```", "let a = ``;\n`b`;"),
        ("```\r\na\r\nb\r\n```\r\nc", "a\r\nb"),
        ("```css\na", "a"), ("```css\n", ""), ("```css", ""), ("```css\n```", ""),
        ("```\n```\na", ""),
        ("a\n```\nb\n```", "a\n```\nb\n```"),
        ("```js\né日本👩\u{200D}👩\u{301}\n```", "é日本👩\u{200D}👩\u{301}"),
    ]

    private func code(_ pieces: [String]) -> String {
        var filter = CodeFilter(isOn: true)
        return pieces.map { filter.take($0) }.joined() + filter.end()
    }

    @Test(arguments: 0..<20)
    func `is the same however the answer is cut`(index: Int) {
        let (answer, wanted) = Self.answers[index]
        #expect(code([answer]) == wanted)
        let scalars = Array(answer.unicodeScalars)
        #expect(code(scalars.map { String($0) }) == wanted)
        for cut in scalars.indices {
            let pieces = [scalars[..<cut], scalars[cut...]].map {
                String(String.UnicodeScalarView($0))
            }
            #expect(code(pieces) == wanted, "cut at \(cut)")
        }
    }

    @Test func `is listed here with all its answers`() {
        #expect(Self.answers.count == 20)
    }

    @Test func `comes as soon as it is certain`() {
        var filter = CodeFilter(isOn: true)
        #expect(filter.take("```js\nlet a") == "let a")
        #expect(filter.take(" = 1;\n") == " = 1;")
        #expect(filter.take("\n``") == "")
        #expect(filter.take("x") == "\n\n``x")
        #expect(filter.take("\n```\nmore") == "")
        #expect(filter.take("and more") == "" && filter.end() == "")
    }

    @Test func `is not looked for in words`() {
        var filter = CodeFilter(isOn: false)
        #expect(filter.take("  ```a") == "  ```a")
        #expect(filter.take("\n```\n") == "\n```\n" && filter.end() == "")
    }
}
