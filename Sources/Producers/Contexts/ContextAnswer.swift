/// What is taken from a model's description of a database.
struct ContextAnswer {
    private static let maximumSummary = 400
    private static let maximumPrompt = 200
    private static let promptCount = 3...6

    let text: String

    /// The first paragraph that is no heading, cut to 400 characters.
    var summary: String {
        let paragraphs = text.split(separator: "\n", omittingEmptySubsequences: true)
            .map { $0.drop { $0 == " " } }
        let first = paragraphs.first { !$0.hasPrefix("#") && !$0.hasPrefix("-") } ?? ""
        return Self.cut(String(first), Self.maximumSummary)
    }

    /// The questions in the text's lists, filled up with some about the main tables.
    func prompts(about tables: [String]) -> [String] {
        var prompts: [String] = []
        for line in text.split(separator: "\n") {
            let words = line.drop { " -*•0123456789.)\"".contains($0) }
            let isItem = words.startIndex != line.startIndex
            let question = words.last == "\"" ? words.dropLast() : words
            guard isItem, question.hasSuffix("?") else { continue }
            let prompt = Self.cut(String(question), Self.maximumPrompt)
            if !prompts.contains(prompt) { prompts.append(prompt) }
        }
        prompts = Array(prompts.prefix(Self.promptCount.upperBound))
        let main = SchemaText.name(tables.first ?? "main")
        let others = [
            "How many rows does the table \(main) have?",
            "Which tables name a row of \(main)?",
            "What changed last in \(main)?",
        ]
        for other in others where prompts.count < Self.promptCount.lowerBound {
            prompts.append(other)
        }
        return prompts
    }

    private static func cut(_ text: String, _ count: Int) -> String {
        text.count <= count ? text : text.prefix(count - 1) + "…"
    }
}
