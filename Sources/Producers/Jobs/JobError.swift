package import Generators
internal import Records

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

    /// What the work asks of the store breaks one of its rules, and would do so again.
    static func broken(_ error: LogUnavailable) -> JobError { .failed(message(of: error)) }

    static func message(of error: LogUnavailable) -> String {
        "What the job does in the store breaks one of its rules. \(error)"
    }
}
