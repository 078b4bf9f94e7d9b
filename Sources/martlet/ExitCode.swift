/// The exit codes of the process (sysexits.h).
enum ExitCode {
    static let ok: Int32 = 0
    /// The answer is no: a token is refused, a name is taken or unknown.
    static let no: Int32 = 1
    /// A wrong flag or value.
    static let usage: Int32 = 64
    /// The address is taken.
    static let unavailable: Int32 = 69
    /// Anything else that keeps the hub from running.
    static let software: Int32 = 70
    /// The store cannot be opened.
    static let store: Int32 = 74
}
