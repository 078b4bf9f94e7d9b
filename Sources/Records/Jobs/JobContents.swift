/// The input, the result and the text of a job.
package struct JobContents: Sendable, Equatable {
    /// The job's input, as compact JSON.
    package let input: [UInt8]
    /// The job's result, as compact JSON; `nil` unless it succeeded.
    package let result: [UInt8]?
    /// The text that the job generated; `nil` until it is complete.
    package let content: String?

    package init(input: [UInt8], result: [UInt8]?, content: String?) {
        self.input = input
        self.result = result
        self.content = content
    }
}

/// The time and tokens that the last successful jobs of a kind and model took; `nil` without any.
package struct JobPast: Sendable, Equatable {
    /// The median duration in milliseconds.
    package let duration: Int64?
    /// The upper quartile of the output tokens.
    package let tokens: Int?

    package init(duration: Int64?, tokens: Int?) {
        self.duration = duration
        self.tokens = tokens
    }
}
