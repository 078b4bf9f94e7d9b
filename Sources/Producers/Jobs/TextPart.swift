internal import JSON

/// A part of a text that a job writes in several steps, and its place in what the job's streams are
/// sent.
package struct TextPart: Sendable {
    /// What stands before the part.
    let opening: String
    /// What stands behind it.
    let closing: String
    /// The part's share of all tokens that such a job generates, from 0 to 1.
    let share: Double
    /// Whether the part is code, of which the fences are left out that models put around it.
    let isCode: Bool

    /// A part in words.
    package static func prose(opening: String = "", closing: String = "\n\n", share: Double) -> Self
    {
        Self(opening: opening, closing: closing, share: share, isCode: false)
    }

    /// A part in a programming language, which stands between fences as in Markdown.
    package static func code(_ language: String, share: Double) -> Self {
        Self(opening: "```\(language)\n", closing: "\n```\n\n", share: share, isCode: true)
    }
}

/// A finished part of a text, in the form in which the step that writes it is stored.
struct WrittenText: Sendable, Equatable {
    let text: String
    /// How many tokens it has.
    let tokens: Int

    init(text: String, tokens: Int) {
        self.text = text
        self.tokens = tokens
    }

    init(json: [UInt8]) {
        text = RecordJSON.member("text", of: json) ?? ""
        tokens = RecordJSON.integer("tokens", of: json) ?? 0
    }

    var json: [UInt8] {
        RecordJSON.object { json in
            json.member("text", text)
            json.member("tokens", tokens)
        }
    }
}
