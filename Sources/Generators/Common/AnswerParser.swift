/// Reads a text as a provider streams it, line by line; a value without I/O.
protocol AnswerParser {
    /// Takes a line without its end and gives what it adds to the answer; `nil` for nothing.
    mutating func take(_ line: [UInt8]) throws(AnswerFault) -> AnswerPart?

    /// Takes note that no further line comes.
    mutating func end() throws(AnswerFault) -> AnswerPart?

    /// Set when nothing more need be read.
    var isComplete: Bool { get }

    /// What the provider said of the whole text.
    ///
    /// - Throws: `.truncated` when it did not say that the text is complete, `.brokenOff` when it
    ///   said that the text ended otherwise.
    func result() throws(AnswerFault) -> TextResult
}

/// What a line adds to an answer.
struct AnswerPart: Equatable {
    /// May begin with thinking in tags.
    var content = ""
    /// Bytes of what the model thinks aloud in a member of its own.
    var thinkingByteCount = 0

    /// `nil` when there is nothing in it.
    var orNil: AnswerPart? { content.isEmpty && thinkingByteCount == 0 ? nil : self }

    static func += (part: inout AnswerPart, other: AnswerPart) {
        part.content += other.content
        part.thinkingByteCount += other.thinkingByteCount
    }
}

/// What is wrong with an answer whose status was that of success.
enum AnswerFault: Error, Equatable {
    /// It ended in its midst.
    case truncated
    /// It ended for a reason that no whole text has, in the provider's words.
    case brokenOff(String)
    /// Its connection failed.
    case failed(GenerationError)
    /// It is not written as the provider's interface says.
    case malformed
    /// A line, or all of it, is longer than is taken.
    case tooLong
    /// The provider reported an error in its midst.
    case reported(ProviderMessage)
    /// The provider withheld it.
    case filtered
    /// The model declined, in these words.
    case declined(String)
    /// What was taken for the text was thinking that had no beginning.
    case openThinking
}
