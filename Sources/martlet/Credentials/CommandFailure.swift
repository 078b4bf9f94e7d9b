internal import Reactor

/// The error that a command cannot do what it was asked to, with its exit code.
struct CommandFailure: Error, CustomStringConvertible {
    let code: Int32
    let description: String

    init(_ code: Int32, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Prints why a command fails.
    ///
    /// - Returns: the exit code; `code` for an error that has none of its own.
    static func report(_ error: any Error, otherwise code: Int32) -> Int32 {
        Process.printError("martlet: \(error)")
        return (error as? CommandFailure)?.code ?? code
    }
}
