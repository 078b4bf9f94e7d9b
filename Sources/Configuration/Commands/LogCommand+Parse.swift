extension LogCommand {
    /// Parses the arguments behind `martlet log`.
    static func parse(
        arguments: [String], environment: [String: String]
    ) throws(UsageError) -> Command {
        let asksForHelp = arguments.contains { $0 == "--help" || $0 == "-h" }
        guard let name = arguments.first else { throw UsageError(overview: Help.log) }
        if name == "help" { return .help(Help.log(named: arguments.dropFirst().first)) }
        guard let action = Action(rawValue: name) else {
            if asksForHelp { return .help(Help.log) }
            let nearest = name.nearest(in: Action.allCases.map(\.rawValue))
            throw UsageError(
                "there is no command \(name.shown).",
                hint: nearest.map { "Did you mean 'log \($0)'?" }, command: "martlet log")
        }
        if asksForHelp { return .help(Help.log(action)) }
        var command = LogCommand(action)
        let reader = CommandReader(
            command: "martlet log \(action.rawValue)", flags: LogFlag.all(of: action)
        ) { argument, command in
            guard command.action == .import, command.input == nil else { return false }
            command.input = argument
            return true
        }
        try reader.read(
            Array(arguments.dropFirst()), environment: environment, into: &command)
        if command.input == "-" { command.input = nil }
        if command.output == "-" { command.output = nil }
        return .log(command)
    }
}
