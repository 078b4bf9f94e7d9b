package import Generators
internal import Records

/// Why an attempt at a job ended without a result.
package enum JobError: Error {
    /// The work failed. The error says whether another attempt makes sense.
    case failed(GenerationError)
    /// The attempt no longer holds the job's lease: the job was cancelled, or the attempt was given
    /// up.
    case lost

    /// Makes a failure that another attempt would repeat.
    package static func failed(_ message: String) -> JobError {
        .failed(GenerationError(message, retry: .never))
    }

    /// Makes a permanent failure of a read or write that breaks one of the store's rules.
    static func broken(_ error: LogUnavailable) -> JobError { .failed(message(of: error)) }

    static func message(of error: LogUnavailable) -> String {
        "What the job does in the store breaks one of its rules. \(error)"
    }
}
