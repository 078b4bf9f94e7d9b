/// Why a generator could not deliver, and whether trying again can help.
package struct GenerationError: Error, Hashable {
    /// What a caller does about it.
    package enum Retry: Sendable, Hashable {
        /// Trying again gives the same.
        case never
        /// Trying again later may work.
        case later
        /// The provider said when, in seconds from now.
        case after(Double)
        /// The task was cancelled; nobody waits for a result.
        case cancelled
    }

    package var retry: Retry
    /// A sentence for the person who waits: what happened, with which provider, and what helps;
    /// never a key.
    package var message: String
    /// Nothing of an answer came in time: the request may have stood behind others at the provider.
    package var isSilence: Bool

    package init(_ message: String, retry: Retry, isSilence: Bool = false) {
        self.message = message
        self.retry = retry
        self.isSilence = isSilence
    }

    package static let cancelled = GenerationError("The work was cancelled.", retry: .cancelled)
}
