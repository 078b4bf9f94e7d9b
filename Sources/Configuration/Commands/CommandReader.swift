/// Reads the arguments and variables of one command.
struct CommandReader<Root> {
    /// The command as messages name it, for example `martlet log tail`.
    let command: String
    let flags: [CommandFlag<Root>]
    /// Takes an argument that is no flag; it returns `false` for one too many.
    var operand: (String, inout Root) -> Bool = { _, _ in false }

    /// Reads what stands behind the command's name.
    func read(
        _ arguments: [String], environment: [String: String], into root: inout Root
    ) throws(UsageError) {
        let given = try read(arguments, into: &root)
        for flag in flags where !given.contains(flag.name) {
            guard let variable = flag.variable, let text = environment[variable], !text.isEmpty
            else { continue }
            try set(flag, to: text, source: variable, in: &root)
        }
    }

    /// - Returns: the names of the flags that were given.
    private func read(
        _ arguments: [String], into root: inout Root
    ) throws(UsageError) -> Set<String> {
        var given: Set<String> = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-"), argument != "-", argument != "--" else {
                guard argument != "--", !argument.isEmpty, operand(argument, &root) else {
                    throw error("unexpected argument \(argument.shown).")
                }
                continue
            }
            let (name, attached) = Self.cut(argument)
            guard let flag = flags.first(where: { $0.names.contains(name) }) else {
                throw unknown(argument)
            }
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
            try set(flag, to: value, source: name, in: &root)
            given.insert(flag.name)
        }
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

    private func set(
        _ flag: CommandFlag<Root>, to text: String, source: String, in root: inout Root
    ) throws(UsageError) {
        if let expected = flag.read(text, &root) {
            throw error("\(source) must be \(expected), not \(text.shown).")
        }
    }

    private func unknown(_ argument: String) -> UsageError {
        let (name, _) = Self.cut(argument)
        let nearest = name.nearest(in: flags.map { "--\($0.name)" })
        return error(
            "there is no flag \(name.shown).",
            hint: nearest.map { "Did you mean \($0)?" })
    }

    func error(_ problem: String, hint: String? = nil) -> UsageError {
        UsageError(problem, hint: hint, command: command)
    }

    /// Returns the error of a flag that has to be given.
    func missing(_ name: String) -> UsageError {
        let flag = flags.first { $0.name == name }
        return error("--\(name) is missing: --\(name) \(flag?.placeholder ?? "").")
    }
}
