/// Reads what a model has written of an article.
enum ArticleText {
    /// Returns the lines of a list, without empty ones and without what models put before an entry:
    /// dashes, stars, hashes and numbers, in the digits of any script.
    static func lines(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let trimmed = trim(line)
            let rest = trimmed.drop { $0.isNumber }
            let isMarked = rest.first.map { ".)-–:".contains($0) } ?? false
            let isNumbered = rest.startIndex != trimmed.startIndex && isMarked
            let entry = trim(isNumbered ? rest.dropFirst() : trimmed)
            return entry.isEmpty ? nil : String(entry)
        }
    }

    static func paragraphs(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map(String.init)
            .filter { !$0.allSatisfy(\.isWhitespace) }
    }

    /// Returns the questions, each on a line after `Q:`, with what follows after `A:`.
    static func questions(_ text: String) -> [Article.Question] {
        var found: [Article.Question] = []
        var question: String?
        for line in text.split(whereSeparator: \.isNewline).map(trim) {
            if let asked = rest(of: line, after: "Q") {
                question = asked
            } else if let answer = rest(of: line, after: "A"), let asked = question {
                found.append(Article.Question(question: asked, answer: answer))
                question = nil
            }
        }
        return found
    }

    private static func rest(of line: Substring, after letter: Character) -> String? {
        guard line.first == letter, line.dropFirst().first == ":" else { return nil }
        let rest = String(trim(line.dropFirst(2)))
        return rest.isEmpty ? nil : rest
    }

    private static func trim(_ text: Substring) -> Substring {
        let start = text.drop { $0.isWhitespace || "-–*#•".contains($0) }
        let last = start.lastIndex { !$0.isWhitespace && $0 != "*" }
        return last.map { start[...$0] } ?? ""
    }
}
