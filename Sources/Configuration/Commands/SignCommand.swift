/// `martlet sign` with its arguments.
package struct SignCommand: Sendable, Equatable {
    package fileprivate(set) var secretFile = ""
    /// The value of the query parameter `resources`, not percent-encoded.
    package fileprivate(set) var resources = ""
    package fileprivate(set) var expires = Expiry.after(0)

    fileprivate init() {}
}

typealias SignFlag = CommandFlag<SignCommand>

extension SignFlag {
    static var all: [SignFlag] {
        [
            SignFlag(
                name: "url-secret-file", placeholder: "FILE",
                help: "The secret, the same as that of 'martlet serve'. "
                    + "[MARTLET_URL_SECRET_FILE]",
                variable: "MARTLET_URL_SECRET_FILE"
            ) { text, command in
                command.secretFile = text
                return text.isEmpty || text.utf8.contains(0) ? "a file" : nil
            },
            SignFlag(
                name: "resources", placeholder: "LIST",
                help: "The resources and kinds of the stream, between commas."
            ) { text, command in
                command.resources = text
                return text.isEmpty ? "resources between commas" : nil
            },
            SignFlag(
                name: "expires-in", placeholder: "SPAN",
                help: "How long the URL is good: seconds, or a span such as 12h or 90d."
            ) { text, command in
                guard let expiry = Expiry(text) else { return Expiry.expected }
                command.expires = expiry
                return nil
            },
        ]
    }
}

extension SignCommand {
    /// Parses the arguments behind `martlet sign`.
    static func parse(
        arguments: [String], environment: [String: String]
    ) throws(UsageError) -> Command {
        if arguments.contains(where: { $0 == "--help" || $0 == "-h" }) { return .help(Help.sign) }
        var command = SignCommand()
        let reader = CommandReader(command: "martlet sign", flags: SignFlag.all)
        try reader.read(arguments, environment: environment, into: &command)
        if command.secretFile.isEmpty { throw reader.missing("url-secret-file") }
        if command.resources.isEmpty { throw reader.missing("resources") }
        if command.expires == .after(0) { throw reader.missing("expires-in") }
        return .sign(command)
    }
}
