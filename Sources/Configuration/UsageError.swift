/// A command line that cannot be carried out; its description is for people and ends the
/// process with exit code 64 (`EX_USAGE` of sysexits.h).
package struct UsageError: Error, Equatable, CustomStringConvertible {
    /// One or more lines without a line feed at the end, for standard error.
    package let description: String

    init(_ problem: String, hint: String? = nil, command: String = "martlet serve") {
        let hint = hint.map { " " + $0 } ?? ""
        self.description = "martlet: \(problem)\(hint)\nSee '\(command) --help'."
    }

    /// No command at all: what there is says more than a complaint.
    init(overview: String) {
        self.description = overview
    }
}
