internal import Telemetry

/// The command that a command line asks for.
package enum Command: Sendable, Equatable {
    case serve(ServeConfiguration)
    case log(LogCommand)
    case token(TokenCommand)
    case key(KeyCommand)
    case sign(SignCommand)
    case verb(VerbCommand)
    /// A text for standard output, without a line feed at the end.
    case help(String)
    /// A text for standard output, without a line feed at the end.
    case version(String)
}

extension Command {
    /// Parses a command line.
    ///
    /// A flag wins over its environment variable, and a later flag over an earlier one. An empty
    /// variable counts as none. `--help` and `--version` win over everything that is wrong.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - environment: by name; variables that belong to no flag are ignored.
    ///   - file: Returns the text of the file at a path, for `--config`.
    /// - Returns: the command, with all values checked.
    /// - Throws: `UsageError`, whose description names the flag and what would be right.
    package static func parse(
        arguments: [String], environment: [String: String],
        file: (String) throws -> String = { _ in throw NoFiles() }
    ) throws(UsageError) -> Command {
        guard let command = arguments.first else { throw UsageError(overview: Help.overview) }
        let rest = arguments.dropFirst()
        if let action = VerbCommand.Action(rawValue: command) {
            return try VerbCommand.parse(
                action, arguments: Array(rest), environment: environment)
        }
        if command == "help", let action = rest.first.flatMap(VerbCommand.Action.init) {
            return .help(Help.verb(action))
        }
        switch command {
        case "serve":
            if rest.contains(where: { $0 == "--help" || $0 == "-h" }) { return .help(Help.serve) }
            return .serve(
                try ServeConfiguration(arguments: Array(rest), environment: environment, file: file)
            )
        case "log":
            return try LogCommand.parse(arguments: Array(rest), environment: environment)
        case "token":
            return try TokenCommand.parse(arguments: Array(rest), environment: environment)
        case "key": return try KeyCommand.parse(arguments: Array(rest), environment: environment)
        case "sign": return try SignCommand.parse(arguments: Array(rest), environment: environment)
        case "help" where rest.first == "serve": return .help(Help.serve)
        case "help" where rest.first == "log":
            return .help(Help.log(named: rest.dropFirst().first))
        case "help" where rest.first == "token":
            return .help(Help.token(named: rest.dropFirst().first))
        case "help" where rest.first == "key":
            return .help(Help.key(named: rest.dropFirst().first))
        case "help" where rest.first == "sign": return .help(Help.sign)
        case "help", "--help", "-h": return .help(Help.overview)
        case "version", "--version": return .version("martlet \(Build.version)")
        default: throw unknown(command)
        }
    }

    /// The error of a caller that reads no files.
    package struct NoFiles: Error {
        package init() {}
    }

    private static func unknown(_ command: String) -> UsageError {
        guard !command.hasPrefix("-") else {
            return UsageError(
                "the command is missing before \(command.shown).", hint: "Did you mean 'serve'?",
                command: "martlet")
        }
        let verbs = VerbCommand.Action.allCases.map(\.rawValue)
        let nearest = command.nearest(
            in: ["serve", "log", "token", "key", "sign", "help", "version"] + verbs)
        return UsageError(
            "there is no command \(command.shown).", hint: nearest.map { "Did you mean '\($0)'?" },
            command: "martlet")
    }
}

extension String {
    /// The text as a message quotes it: at most 60 characters, on one line.
    var shown: String {
        let flat = unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
        let short = flat.prefix(60)
        return "'" + String(String.UnicodeScalarView(short))
            + (short.count < flat.count ? "…" : "") + "'"
    }

    /// Returns the candidate that a mistyped name most likely means, if any is near.
    func nearest(in candidates: [String]) -> String? {
        let rated = candidates.map { (name: $0, distance: distance(to: $0)) }
        let best = rated.min { $0.distance < $1.distance }
        guard let best, best.distance <= Swift.max(1, best.name.count / 3) else {
            // It may be a shortened name, which some tools allow: `--retention-ev`, `--alive`.
            return count < 3 ? nil : candidates.first { $0.hasPrefix(self) || $0.hasSuffix(self) }
        }
        return best.name
    }

    /// Returns the least number of insertions, deletions, substitutions and swaps of neighbours
    /// that lead to `other`.
    private func distance(to other: String) -> Int {
        let from = Array(utf8.prefix(64))
        let to = Array(other.utf8)
        var before: [Int] = []
        var previous = Array(0...to.count)
        for (row, byte) in from.enumerated() {
            var current = [row + 1]
            for (column, target) in to.enumerated() {
                var cost = Swift.min(
                    previous[column] + (byte == target ? 0 : 1),
                    previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, byte == to[column - 1], from[row - 1] == target {
                    cost = Swift.min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            (before, previous) = (previous, current)
        }
        return previous[to.count]
    }
}
