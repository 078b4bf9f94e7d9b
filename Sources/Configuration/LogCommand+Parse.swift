extension LogCommand {
    private static let dataVariable = "MARTLET_DATA"

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
        let given = try command.read(Array(arguments.dropFirst()))
        if !given.contains(LogFlag.data.name), let folder = environment[dataVariable],
            !folder.isEmpty
        {
            try command.set(LogFlag.data, to: folder, source: dataVariable)
        }
        return .log(command)
    }

    /// Parses the arguments behind the command's name.
    ///
    /// - Returns: the names of the flags that were given.
    private mutating func read(_ arguments: [String]) throws(UsageError) -> Set<String> {
        var given: Set<String> = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-"), argument != "-", argument != "--" else {
                guard action == .import, input == nil, argument != "--", !argument.isEmpty else {
                    throw error("unexpected argument \(argument.shown).")
                }
                input = argument
                continue
            }
            let (name, attached) = Self.cut(argument)
            guard let flag = LogFlag.all(of: action).first(where: { $0.names.contains(name) })
            else { throw unknown(argument) }
            let value: String
            if let attached {
                guard flag.placeholder != nil else { throw error("\(name) takes no value.") }
                value = attached
            } else if flag.placeholder == nil {
                value = ""
            } else if let next = rest.first, !next.hasPrefix("--") {
                value = next
                rest.removeFirst()
            } else {
                throw error("\(name) needs a value: \(name) \(flag.placeholder ?? "").")
            }
            try set(flag, to: value, source: name)
            given.insert(flag.name)
        }
        if input == "-" { input = nil }
        if output == "-" { output = nil }
        return given
    }

    /// Splits `--name=value` and `-nvalue` into name and value.
    ///
    /// - Returns: `nil` for the value when it is not attached to the name.
    private static func cut(_ argument: String) -> (name: String, value: String?) {
        guard argument.hasPrefix("--") else {
            return argument.count == 2
                ? (argument, nil) : (String(argument.prefix(2)), String(argument.dropFirst(2)))
        }
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
    }

    private mutating func set(
        _ flag: LogFlag, to text: String, source: String
    ) throws(UsageError) {
        if let expected = flag.read(text, &self) {
            throw error("\(source) must be \(expected), not \(text.shown).")
        }
    }

    private func unknown(_ argument: String) -> UsageError {
        let (name, _) = Self.cut(argument)
        let nearest = name.nearest(in: LogFlag.all(of: action).map { "--\($0.name)" })
        return error(
            "there is no flag \(name.shown).",
            hint: nearest.map { "Did you mean \($0)?" })
    }

    private func error(_ problem: String, hint: String? = nil) -> UsageError {
        UsageError(problem, hint: hint, command: "martlet log \(action.rawValue)")
    }
}
