internal import Generators

/// Writes the parts of an article about the subject of a prompt, in Persian or in English.
struct ArticleWriter {
    private let subject: String
    private let phrases: ArticlePhrases
    private var random: WriterRandom

    init(_ prompt: String, language: String, _ random: WriterRandom) {
        let isPersian = language.prefix { $0 != "-" }.lowercased() == "fa"
        phrases = isPersian ? .persian : .english
        let line = prompt.split(whereSeparator: \.isNewline).first.map(String.init) ?? prompt
        subject = String(line.prefix(60)).trimmed
        self.random = random
    }

    func write(_ part: TextRequest.ArticlePart) -> String {
        var writer = self
        return switch part {
        case .headings(let count): writer.headings(count)
        case .section(let heading): writer.section(heading)
        case .summary: writer.fill(phrases.summaries)
        case .description: writer.fill(phrases.descriptions)
        case .questions: writer.questions()
        }
    }

    /// Writes as many headings as are asked for, each of them once.
    private mutating func headings(_ count: Int) -> String {
        var found = random.some(count, of: phrases.headings)
        var number = 2
        while found.count < count {
            found.append("\(phrases.headings[found.count % phrases.headings.count]) (\(number))")
            number += 1
        }
        return found.map { filled($0) }.joined(separator: "\n")
    }

    private mutating func section(_ heading: String) -> String {
        let sentences = random.some(6, of: phrases.sentences).map { filled($0) }
        return [sentences[..<3], sentences[3...]].map { $0.joined(separator: " ") }
            .joined(separator: "\n\n")
    }

    private mutating func questions() -> String {
        random.some(4, of: phrases.questions)
            .map { "Q: \(filled($0.question))\nA: \(filled($0.answer))" }
            .joined(separator: "\n\n")
    }

    private mutating func fill(_ choices: [String]) -> String { filled(random.one(of: choices)) }

    private func filled(_ phrase: String) -> String { phrase.replacing("{subject}", with: subject) }
}

/// The sentences of articles in one language; `{subject}` stands for what the article is about.
struct ArticlePhrases: Sendable {
    /// At least twelve.
    let headings: [String]
    /// At least twelve, which stand in any order.
    let sentences: [String]
    let summaries: [String]
    let descriptions: [String]
    /// At least four.
    let questions: [(question: String, answer: String)]
}

extension String {
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
