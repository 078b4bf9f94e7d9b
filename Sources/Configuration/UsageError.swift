/// The error of an invalid command line, which ends the process with exit code 64 (`EX_USAGE` of
/// sysexits.h).
package struct UsageError: Error, Equatable, CustomStringConvertible {
    /// The message for standard error: one or more lines, without a line feed at the end.
    package let description: String
    /// What is wrong, in one sentence or two.
    package let problem: String

    init(_ problem: String, hint: String? = nil, command: String = "martlet serve") {
        let hint = hint.map { " " + $0 } ?? ""
        self.problem = problem + hint
        self.description = "martlet: \(problem)\(hint)\nSee '\(command) --help'."
    }

    /// Makes the error for a missing command, which shows what there is instead of a complaint.
    init(overview: String) {
        self.problem = "the command is missing"
        self.description = overview
    }
}
