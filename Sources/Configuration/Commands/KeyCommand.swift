internal import Telemetry

/// A command of `martlet key` with its arguments.
package struct KeyCommand: Sendable, Equatable {
    /// The commands behind `martlet key`.
    package enum Action: String, Sendable, CaseIterable {
        case create
        case list
        case revoke
    }

    package let action: Action
    package fileprivate(set) var file = ""
    /// The name of the key to create or revoke.
    package fileprivate(set) var name = ""
    package fileprivate(set) var grants = GrantSettings()
    package fileprivate(set) var expires: Expiry?
    /// Whether to write JSON instead of lines for people.
    package fileprivate(set) var isJSON = false

    fileprivate init(_ action: Action) {
        self.action = action
    }
}

/// The end of a key or token: a time, or a span from now.
package enum Expiry: Sendable, Equatable {
    /// Seconds since 1970.
    case at(Int)
    /// Seconds from now.
    case after(Int)

    /// What a text has to be, in words that follow "must be".
    static let expected =
        "a span from now such as 3600, 12h or 90d, or a time such as 2027-01-31T00:00:00Z"

    /// Reads a span of 1 second to 100 years, or a time; `nil` for any other text.
    init?(_ text: String) {
        if let time = Timestamp(text) {
            self = .at(Int(time.milliseconds / 1000))
            return
        }
        let units: [(suffix: String, seconds: Int)] = [
            ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
        ]
        let unit = units.first { text.hasSuffix($0.suffix) }
        let digits = unit == nil ? text : String(text.dropLast())
        guard let count = Int(digits: digits), count <= 3_153_600_000 else { return nil }
        let seconds = count * (unit?.seconds ?? 1)
        guard (1...3_153_600_000).contains(seconds) else { return nil }
        self = .after(seconds)
    }

    /// Returns the second since 1970 that is meant at `now`.
    package func seconds(at now: Int) -> Int {
        switch self {
        case .at(let time): time
        case .after(let span): now + span
        }
    }
}

// MARK: - Parsing

typealias KeyFlag = CommandFlag<KeyCommand>

extension KeyFlag {
    static func all(of action: KeyCommand.Action) -> [KeyFlag] {
        let file = KeyFlag(
            name: "api-keys-file", placeholder: "FILE",
            help: "The file of the keys, the same as that of 'martlet serve'. "
                + "[MARTLET_API_KEYS_FILE]",
            variable: "MARTLET_API_KEYS_FILE"
        ) { text, command in
            guard !text.isEmpty, !text.utf8.contains(0) else { return "a file" }
            command.file = text
            return nil
        }
        switch action {
        case .create:
            return [file, name] + grants(\.grants) + [expires]
        case .list: return [file, toggle("json", \.isJSON, "JSON instead of lines for people.")]
        case .revoke: return [file]
        }
    }

    private static var name: KeyFlag {
        KeyFlag(
            name: "name", placeholder: "NAME",
            help: "The name by which the key is known: letters, digits, _, - and ."
        ) { text, command in
            command.name = text
            return text.isEmpty ? "a name" : nil
        }
    }

    private static var expires: KeyFlag {
        KeyFlag(
            name: "expires", placeholder: "WHEN",
            help: "When the key ends: a span such as 90d, or a time such as "
                + "2027-01-31T00:00:00Z. [never]"
        ) { text, command in
            command.expires = Expiry(text)
            return command.expires == nil ? Expiry.expected : nil
        }
    }
}

extension KeyCommand {
    /// Parses the arguments behind `martlet key`.
    static func parse(
        arguments: [String], environment: [String: String]
    ) throws(UsageError) -> Command {
        let asksForHelp = arguments.contains { $0 == "--help" || $0 == "-h" }
        guard let name = arguments.first else { throw UsageError(overview: Help.key) }
        if name == "help" { return .help(Help.key(named: arguments.dropFirst().first)) }
        guard let action = Action(rawValue: name) else {
            if asksForHelp { return .help(Help.key) }
            let nearest = name.nearest(in: Action.allCases.map(\.rawValue))
            throw UsageError(
                "there is no command \(name.shown).",
                hint: nearest.map { "Did you mean 'key \($0)'?" }, command: "martlet key")
        }
        if asksForHelp { return .help(Help.key(action)) }
        var command = KeyCommand(action)
        let reader = CommandReader(
            command: "martlet key \(action.rawValue)", flags: KeyFlag.all(of: action)
        ) { argument, command in
            guard command.action == .revoke, command.name.isEmpty else { return false }
            command.name = argument
            return true
        }
        try reader.read(
            Array(arguments.dropFirst()), environment: environment, into: &command)
        if command.file.isEmpty { throw reader.missing("api-keys-file") }
        if action == .create, command.name.isEmpty { throw reader.missing("name") }
        if action == .create, command.grants == GrantSettings() {
            throw reader.error(
                "the key would allow nothing: give it --grant-publish, --grant-subscribe, --jobs "
                    + "or --admin.")
        }
        if action == .revoke, command.name.isEmpty {
            throw reader.error("the name of the key is missing: martlet key revoke NAME.")
        }
        return .key(command)
    }
}
