import Generators
import Testing

@testable import Builtin

@Suite struct `The built-in writer of articles` {
    private func written(
        _ part: TextRequest.ArticlePart, _ language: String, seed: UInt64 = 1
    ) -> String {
        ArticleWriter("Bread at home", language: language, WriterRandom("Bread", seed: seed))
            .write(part)
    }

    @Test(arguments: ["en", "fa", "fa-IR"], [1, 8, 20])
    func `gives as many headings as are asked for, each once`(language: String, count: Int) {
        let lines = written(.headings(count), language).split(separator: "\n")
        #expect(Set(lines).count == count)
    }

    @Test(arguments: [
        TextRequest.ArticlePart.headings(3), .section(heading: "x"), .summary(outline: "x"),
        .description(outline: "x"), .questions(outline: "x"),
    ])
    func `writes Persian where that is asked for, and English else`(part: TextRequest.ArticlePart) {
        func isPersian(_ text: String) -> Bool {
            text.unicodeScalars.contains { (0x0600...0x06FF).contains($0.value) }
        }
        for language in ["fa", "FA", "fa-IR"] { #expect(isPersian(written(part, language))) }
        for language in ["en", "de", "fao"] { #expect(!isPersian(written(part, language))) }
        #expect(written(part, "fa") == written(part, "fa"), "the same for the same seed")
        #expect(!written(part, "en").contains("{subject}"))
    }

    @Test func `answers each of its questions`() {
        let lines = written(.questions(outline: ""), "fa").split(separator: "\n")
        #expect(lines.count == 8)
        for (index, line) in lines.enumerated() {
            #expect(line.hasPrefix(index % 2 == 0 ? "Q: " : "A: "))
        }
    }
}
