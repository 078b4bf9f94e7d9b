/// A source of texts: a model behind a network interface, or the built-in grammar.
package protocol TextGenerator: Sendable {
    /// The provider's name in jobs, limits and logs, such as `ollama`.
    var provider: String { get }

    /// The model that answers, as the provider names it.
    var model: String { get }

    /// Generates one text and hands out each piece as it comes.
    ///
    /// The pieces in order are the text, without the model's thinking before it.
    ///
    /// The next piece is not asked for before `receive` has returned. Cancelling the task ends the
    /// provider's transfer at once.
    ///
    /// - Throws: `GenerationError`, also when the task is cancelled (`.cancelled`).
    func generate(
        _ request: TextRequest, receive: (TextPiece) async -> Void
    ) async throws(GenerationError) -> TextResult
}

/// A text to generate.
package struct TextRequest: Sendable, Hashable {
    /// The purpose of the text, which guides the built-in grammar; models read only the
    /// instructions.
    package enum Purpose: Sendable, Hashable {
        /// A made-up person as a JSON object: `name`, `age`, `occupation`, `city`, `bio`, `voice`,
        /// `interests` (a list).
        case persona
        /// A post in the voice of a persona: plain text, two or three paragraphs.
        case story
        /// The body of a small web app, as the prompt wishes it: HTML without a document around it.
        case html
        /// The style sheet of such an app.
        case css
        /// The script of such an app.
        case javaScript
        /// A part of an article in a language, whose code is like `fa`.
        case article(ArticlePart, language: String)
        /// A description in Markdown of the database whose schema is the prompt.
        case context
        /// Anything else: plain text.
        case text
    }

    /// A part of an article.
    package enum ArticlePart: Sendable, Hashable {
        /// So many headings, one a line.
        case headings(Int)
        /// The paragraphs under one of them.
        case section(heading: String)
        /// A paragraph; `outline` has the headings, one a line.
        case summary(outline: String)
        /// A sentence or two for search engines.
        case description(outline: String)
        /// Questions, each on a line after `Q:`, and its answer on the next after `A:`.
        case questions(outline: String)
    }

    package var purpose: Purpose
    /// What the model is told about its role; empty for nothing.
    package var instructions: String
    package var prompt: String
    /// A JSON Schema that the text must satisfy, as JSON; `nil` for plain text.
    package var schema: String?
    /// The most tokens to generate, thinking included; at least 1.
    package var maximumTokens: Int
    /// The same seed and request give the same text where the provider can do that.
    package var seed: UInt64

    package init(
        purpose: Purpose, instructions: String = "", prompt: String, schema: String? = nil,
        maximumTokens: Int = 1_024, seed: UInt64 = 0
    ) {
        self.purpose = purpose
        self.instructions = instructions
        self.prompt = prompt
        self.schema = schema
        self.maximumTokens = maximumTokens
        self.seed = seed
    }
}

/// A piece of a text as it is generated.
package struct TextPiece: Sendable, Hashable {
    /// The text, which is empty while the model thinks, as thoughts are never handed out.
    package var text: String
    /// How many tokens the piece has; about one if the provider does not tell.
    package var tokens: Int
    /// How many tokens of thinking came with the piece, which are not among `tokens`.
    package var thinkingTokens: Int

    package init(_ text: String, tokens: Int = 1, thinkingTokens: Int = 0) {
        self.text = text
        self.tokens = tokens
        self.thinkingTokens = thinkingTokens
    }
}

/// What a provider reports at the end of a text.
package struct TextResult: Sendable, Hashable {
    /// Why the text ended.
    package enum Ending: String, Sendable, Hashable {
        /// The text is complete.
        case stop
        /// The limit of tokens was reached, so the text is cut.
        case length
    }

    package var ending: Ending
    /// Tokens of the prompt; `nil` when the provider does not tell.
    package var inputTokens: Int?
    /// Tokens of the text and of the thinking before it; `nil` when the provider does not tell.
    package var outputTokens: Int?
    /// How many of the generated tokens were thinking, as the provider counts them, or else by
    /// pieces.
    package var thinkingTokens: Int
    /// The rate that the provider measured; `nil` when it does not tell.
    package var tokensPerSecond: Double?

    package init(
        ending: Ending, inputTokens: Int? = nil, outputTokens: Int? = nil,
        thinkingTokens: Int = 0, tokensPerSecond: Double? = nil
    ) {
        self.ending = ending
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.thinkingTokens = thinkingTokens
        self.tokensPerSecond = tokensPerSecond
    }
}
