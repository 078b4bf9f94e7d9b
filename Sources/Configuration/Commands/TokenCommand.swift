/// A command of `martlet token` with its arguments.
package struct TokenCommand: Sendable, Equatable {
    /// The commands behind `martlet token`.
    package enum Action: String, Sendable, CaseIterable {
        case mint
        case explain
    }

    package let action: Action
    /// The file with the token to explain; `nil` is standard input.
    package fileprivate(set) var file: String?
    /// The keys and rules of a hub, as its flags say.
    package fileprivate(set) var hub = ServeConfiguration()
    package fileprivate(set) var privateKeyFile: String?
    package fileprivate(set) var algorithm: String?
    package fileprivate(set) var keyID: String?
    package fileprivate(set) var subject: String?
    package fileprivate(set) var grants = GrantSettings()
    package fileprivate(set) var expires = Expiry.after(3600)

    fileprivate init(_ action: Action) {
        self.action = action
    }
}

typealias TokenFlag = CommandFlag<TokenCommand>

extension TokenFlag {
    static func all(of action: TokenCommand.Action) -> [TokenFlag] {
        switch action {
        case .explain:
            return (CredentialFlags.tokenKeys + CredentialFlags.tokenRules).map { serve($0, \.hub) }
        case .mint:
            let rules = CredentialFlags.tokenRules.filter { !$0.isSwitch }.map { serve($0, \.hub) }
            return keys + rules + grants(\.grants) + [expires]
        }
    }

    private static var keys: [TokenFlag] {
        [
            TokenFlag(
                name: "jwt-secret-file", placeholder: "FILE",
                help: "The secret to sign with, the same as that of 'martlet serve'. "
                    + "[MARTLET_JWT_SECRET_FILE]",
                variable: "MARTLET_JWT_SECRET_FILE"
            ) { text, command in
                command.hub.credentials.jwtSecretFile = text
                return text.isEmpty || text.utf8.contains(0) ? "a file" : nil
            },
            text(
                "private-key-file", "FILE", \.privateKeyFile,
                "The private key to sign with instead, in PEM without a passphrase."),
            text(
                "algorithm", "NAME", \.algorithm,
                "The algorithm, for example HS512 or PS256. [the first that fits the key]"),
            text("kid", "TEXT", \.keyID, "The kid of the header. [none]"),
            text("subject", "TEXT", \.subject, "The sub of the token. [none]"),
        ]
    }

    private static var expires: TokenFlag {
        TokenFlag(
            name: "expires-in", placeholder: "SPAN",
            help: "How long the token is good: seconds, or a span such as 12h or 90d. [3600]"
        ) { text, command in
            guard let expiry = Expiry(text) else { return Expiry.expected }
            command.expires = expiry
            return nil
        }
    }
}

extension TokenCommand {
    /// Parses the arguments behind `martlet token`.
    static func parse(
        arguments: [String], environment: [String: String]
    ) throws(UsageError) -> Command {
        let asksForHelp = arguments.contains { $0 == "--help" || $0 == "-h" }
        guard let name = arguments.first else { throw UsageError(overview: Help.token) }
        if name == "help" { return .help(Help.token(named: arguments.dropFirst().first)) }
        guard let action = Action(rawValue: name) else {
            if asksForHelp { return .help(Help.token) }
            let nearest = name.nearest(in: Action.allCases.map(\.rawValue))
            throw UsageError(
                "there is no command \(name.shown).",
                hint: nearest.map { "Did you mean 'token \($0)'?" }, command: "martlet token")
        }
        if asksForHelp { return .help(Help.token(action)) }
        var command = TokenCommand(action)
        let reader = CommandReader(
            command: "martlet token \(action.rawValue)", flags: TokenFlag.all(of: action)
        ) { argument, command in
            guard command.action == .explain, command.file == nil,
                !looksLikeToken(argument)
            else { return false }
            command.file = argument
            return true
        }
        if action == .explain, arguments.dropFirst().contains(where: looksLikeToken) {
            // Not repeated here: what was typed is in the list of processes already.
            throw reader.error(
                "a token is no argument, since everybody on this machine can read those; give it "
                    + "on standard input or name a file.")
        }
        try reader.read(
            Array(arguments.dropFirst()), environment: environment, into: &command)
        if command.file == "-" { command.file = nil }
        let credentials = command.hub.credentials
        if action == .mint {
            guard (command.privateKeyFile == nil) != (credentials.jwtSecretFile == nil) else {
                throw reader.error("give either --jwt-secret-file or --private-key-file.")
            }
        } else if credentials.jwtSecretFile == nil, credentials.jwtKeysFile == nil,
            credentials.jwtKeySetURLs.isEmpty
        {
            throw reader.error(
                "there are no keys: give --jwt-secret-file, --jwt-keys-file or --jwt-jwks-url.")
        }
        return .token(command)
    }

    /// Whether an argument is a token itself: two full stops, and the start that every header has.
    private static func looksLikeToken(_ argument: String) -> Bool {
        argument.hasPrefix("eyJ") && argument.utf8.count { $0 == UInt8(ascii: ".") } >= 2
    }
}
