/// Reads a text as a provider streams it, line by line; a value without I/O.
protocol AnswerParser {
    /// Takes a line without its end and gives what it adds to the text.
    mutating func take(_ line: [UInt8]) throws(AnswerFault) -> String?

    /// Takes note that no further line comes.
    mutating func end() throws(AnswerFault) -> String?

    /// Set when nothing more need be read.
    var isComplete: Bool { get }

    /// What the provider said of the whole text.
    ///
    /// - Throws: `.truncated` when it did not say that the text is complete.
    func result() throws(AnswerFault) -> TextResult
}

/// What is wrong with an answer whose status was that of success.
enum AnswerFault: Error, Equatable {
    /// It ended in its midst.
    case truncated
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
}
