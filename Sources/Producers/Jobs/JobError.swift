package import Generators

/// Why a run ends before its time.
package enum JobError: Error {
    /// The work failed, for good or for now.
    case failed(GenerationError)
    /// The job is someone else's now: it was cancelled, or its attempt was given up.
    case lost

    /// A failure that trying again does not mend.
    package static func failed(_ message: String) -> JobError {
        .failed(GenerationError(message, retry: .never))
    }
}
