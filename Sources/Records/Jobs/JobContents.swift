/// What a job was given and what it gave.
package struct JobContents: Sendable, Equatable {
    /// Compact JSON.
    package let input: [UInt8]
    /// Compact JSON; `nil` unless it succeeded.
    package let result: [UInt8]?
    /// The text that it generated, when that is complete.
    package let content: String?

    package init(input: [UInt8], result: [UInt8]?, content: String?) {
        self.input = input
        self.result = result
        self.content = content
    }
}

/// What jobs of a kind and model took that succeeded lately.
package struct JobPast: Sendable, Equatable {
    /// Milliseconds, in the median.
    package let duration: Int64?
    /// Tokens, at the upper quartile.
    package let tokens: Int?

    package init(duration: Int64?, tokens: Int?) {
        self.duration = duration
        self.tokens = tokens
    }
}
