// Separates a text from a model's thinking before it.
//
// Problem: many servers send a model's thinking within the content, as `<think>…</think>` before
//   the text, cut anywhere. Thinking is no part of the text, and must not be shown as text even for
//   a moment.
// Algorithm: white space and the possible beginning of a tag are held back until it is clear what
//   they are. Everything within tags is dropped. Only tags before the text count, as later ones are
//   part of the text. Templates that put the start tag into the prompt leave only the end tag in
//   the content. By then the thinking has been handed out as text, so that is a fault.

/// Removes the thinking in tags before a model's text; a value without I/O.
struct ThinkingFilter {
    private struct Tag {
        let start: [UInt8]
        let end: [UInt8]

        init(_ start: String, _ end: String) {
            (self.start, self.end) = (Array(start.utf8), Array(end.utf8))
        }
    }

    /// The tags in lower case, which are recognised in any case.
    private static let tags =
        ["think", "thinking", "thought", "reasoning", "seed:think"].map {
            Tag("<\($0)>", "</\($0)>")
        } + [Tag("[think]", "[/think]")]
    private static let strayTag = Tag("<think>", "</think>")

    private enum Phase {
        /// No part of the text has come.
        case before
        case thinking(Tag)
        /// The text has begun. `tail` has its last bytes while it may still turn out to be
        /// thinking.
        case text(tail: [UInt8]?)
    }

    private var phase = Phase.before
    /// Bytes that cannot be classified yet, or the end of the thinking, which may be the beginning
    /// of the end tag.
    private var held: [UInt8] = []
    private var hasThought = false

    /// Whether the model is thinking, or has just done so and its text has not begun.
    var isThinking: Bool {
        switch phase {
        case .before: hasThought
        case .thinking: true
        case .text: false
        }
    }

    /// Returns the part of `piece`, and of what was held back, that is certainly text.
    ///
    /// - Throws: `.openThinking` when an end tag shows that the text so far was thinking.
    mutating func take(_ piece: String) throws(AnswerFault) -> String {
        guard case .text = phase else {
            held += piece.utf8
            while try step() {}
            guard case .text = phase else { return "" }
            let text = held
            held = []
            return try checked(String(decoding: text, as: UTF8.self))
        }
        return try checked(piece)
    }

    /// Returns what was held back, when nothing more comes.
    mutating func end() throws(AnswerFault) -> String {
        guard case .before = phase else { return "" }
        let rest = hasThought ? Array(Self.trimmed(held)) : held
        held = []
        return try checked(String(decoding: rest, as: UTF8.self))
    }

    /// Goes on to the next phase if the held bytes allow it.
    ///
    /// - Returns: `false` when more bytes must come.
    private mutating func step() throws(AnswerFault) -> Bool {
        switch phase {
        case .before:
            let rest = Self.trimmed(held)
            guard !rest.isEmpty else { return false }
            let beginning = rest.prefix(16).map(Self.lowercased)
            if let tag = Self.tags.first(where: { beginning.starts(with: $0.start) }) {
                hasThought = true
                held = Array(rest.dropFirst(tag.start.count))
                phase = .thinking(tag)
                return true
            }
            if Self.tags.contains(where: { $0.start.starts(with: beginning) }) { return false }
            // White space at the beginning is part of the text, unless it follows thinking.
            if hasThought { held = Array(rest) }
            phase = .text(tail: hasThought ? nil : [])
            return false
        case .thinking(let tag):
            guard let end = held.map(Self.lowercased).firstRange(of: tag.end) else {
                held = held.suffix(tag.end.count - 1)
                return false
            }
            held = Array(held[end.upperBound...])
            phase = .before
            return true
        case .text:
            return false
        }
    }

    /// Throws when an end tag comes without a start tag.
    private mutating func checked(_ text: String) throws(AnswerFault) -> String {
        guard case .text(let tail?) = phase else { return text }
        let bytes = tail + text.utf8.map(Self.lowercased)
        let start = bytes.firstRange(of: Self.strayTag.start)?.lowerBound ?? .max
        let end = bytes.firstRange(of: Self.strayTag.end)?.lowerBound ?? .max
        if end < start { throw .openThinking }
        phase = .text(tail: start == .max ? bytes.suffix(Self.strayTag.end.count - 1) : nil)
        return text
    }

    private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.drop { $0 == 0x20 || 0x09...0x0D ~= $0 }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }
}
