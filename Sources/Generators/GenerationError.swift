/// Why a generator gave no result, and whether another attempt can help.
package struct GenerationError: Error, Hashable {
    /// Whether and when to try again.
    package enum Retry: Sendable, Hashable {
        /// Another attempt would fail in the same way.
        case never
        /// A later attempt may succeed.
        case later
        /// The provider named the time for another attempt, in seconds from now.
        case after(Double)
        /// The task was cancelled, and nobody waits for a result.
        case cancelled
    }

    package var retry: Retry
    /// A sentence for the person who waits: what happened, with which provider, and what helps.
    ///
    /// It never contains a key.
    package var message: String
    /// Whether no part of an answer came in time, so that the request may have stood behind others.
    package var isSilence: Bool

    package init(_ message: String, retry: Retry, isSilence: Bool = false) {
        self.message = message
        self.retry = retry
        self.isSilence = isSilence
    }

    package static let cancelled = GenerationError("The work was cancelled.", retry: .cancelled)
}
