internal import Generators

/// What a model is told about a part of an article.
enum ArticleInstructions {
    /// The most tokens of a part.
    static func maximumTokens(for part: TextRequest.ArticlePart) -> Int {
        switch part {
        case .section: 2048
        case .questions: 1536
        case .headings: 1024
        case .summary, .description: 768
        }
    }

    static func text(for part: TextRequest.ArticlePart, in language: String) -> String {
        let frame = "You write an article in \(language) about the subject that follows."
        return switch part {
        case .headings(let count):
            "\(frame) Answer with \(count) headings of its sections and nothing else: one a line, "
                + "without numbers, marks or quotes."
        case .section(let heading):
            "\(frame) Answer with the text of its section \"\(heading)\" and nothing else: two or "
                + "three paragraphs of plain text, without the heading."
        case .summary(let outline):
            "\(frame) Answer with its summary and nothing else: one paragraph of plain text. "
                + "Its headings are:\n\n\(outline)"
        case .description(let outline):
            "\(frame) Answer with its description for search engines and nothing else: one or two "
                + "sentences of at most 160 characters. Its headings are:\n\n\(outline)"
        case .questions(let outline):
            "\(frame) Answer with four questions that readers ask about it, and nothing else: each "
                + "on a line that begins with \"Q:\", and its answer on the next line, which "
                + "begins with \"A:\". Its headings are:\n\n\(outline)"
        }
    }
}
