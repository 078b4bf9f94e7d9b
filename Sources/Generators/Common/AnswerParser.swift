/// Reads the lines of a text that a provider streams; a value without I/O.
protocol AnswerParser {
    /// Reads a line without its end, and returns what it adds to the answer; `nil` for nothing.
    mutating func take(_ line: [UInt8]) throws(AnswerFault) -> AnswerPart?

    /// Notes that no further line comes, and returns what that adds to the answer; `nil` for
    /// nothing.
    mutating func end() throws(AnswerFault) -> AnswerPart?

    /// Whether nothing more need be read.
    var isComplete: Bool { get }

    /// Returns what the provider reported about the whole text.
    ///
    /// - Throws: `.truncated` when the provider did not say that the text is complete, `.brokenOff`
    ///   when it said that the text ended in another way.
    func result() throws(AnswerFault) -> TextResult
}

/// The part of an answer that a line adds.
struct AnswerPart: Equatable {
    /// The text, which may begin with thinking in tags.
    var content = ""
    /// The bytes of thinking in a member of its own.
    var thinkingByteCount = 0

    /// This part; `nil` when it is empty.
    var orNil: AnswerPart? { content.isEmpty && thinkingByteCount == 0 ? nil : self }

    static func += (part: inout AnswerPart, other: AnswerPart) {
        part.content += other.content
        part.thinkingByteCount += other.thinkingByteCount
    }
}

/// What is wrong with an answer that has the status of a success.
enum AnswerFault: Error, Equatable {
    /// The answer ended before it was complete.
    case truncated
    /// The provider named a reason for the end that no complete text has.
    case brokenOff(String)
    /// The connection failed.
    case failed(GenerationError)
    /// The answer does not follow the provider's interface.
    case malformed
    /// A line, or the whole answer, is longer than the limit.
    case tooLong
    /// The provider reported an error within the answer.
    case reported(ProviderMessage)
    /// The provider withheld the text.
    case filtered
    /// The model declined, with these words.
    case declined(String)
    /// What was taken for text was thinking without a start tag.
    case openThinking
}
