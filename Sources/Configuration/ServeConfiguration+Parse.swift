extension ServeConfiguration {
    private static let flags = Flag.serve.flatMap(\.flags)

    init(
        arguments: [String], environment: [String: String], file: (String) throws -> String
    ) throws(UsageError) {
        self.init()
        let given = try Self.values(in: arguments)
        let inFile = try Self.values(
            inFileAt: given["config"] ?? environment["MARTLET_CONFIG"] ?? "", file)
        for flag in Self.flags {
            let variable = flag.environmentName
            let source: String
            let text: String
            if let value = given[flag.name] {
                (source, text) = ("--\(flag.name)", value)
            } else if let value = environment[variable], !value.isEmpty {
                (source, text) = (variable, value)
            } else if let value = inFile[flag.name] {
                (source, text) = ("\(flag.name) in the configuration file", value)
            } else {
                continue
            }
            if let refusal = flag.value.read(text, into: &self) {
                throw UsageError("\(source) must be \(refusal.expected), not \(text.shown).")
            }
        }
        try checkEncryption()
        if !Self.hasBuiltin { try requireOtherGenerators() }
    }

    /// Returns the values of the given flags by name, from `--name value` and `--name=value`.
    private static func values(in arguments: [String]) throws(UsageError) -> [String: String] {
        var values: [String: String] = [:]
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--"), argument != "--" else {
                throw UsageError("unexpected argument \(argument.shown).")
            }
            let parts = argument.dropFirst(2).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let flag = flags.first(where: { $0.name == name }) else { throw unknown(name) }
            if parts.count == 2 {
                values[name] = String(parts[1])
            } else if flag.isSwitch {
                values[name] = "true"
            } else if let value = rest.first, !value.hasPrefix("--") {
                values[name] = value
                rest.removeFirst()
            } else {
                throw UsageError("--\(name) needs a value: --\(name) \(flag.placeholder).")
            }
        }
        return values
    }

    /// Returns the values in a configuration file by the flags' names; none when `path` is empty.
    private static func values(
        inFileAt path: String, _ file: (String) throws -> String
    ) throws(UsageError) -> [String: String] {
        guard !path.isEmpty else { return [:] }
        let text: String
        do { text = try file(path) } catch {
            throw UsageError("--config cannot be read (\(error)).")
        }
        let values: [String: String]
        do throws(ConfigurationFile.Fault) { values = try ConfigurationFile(text).values } catch {
            throw UsageError("\(path.shown), line \(error.line): \(error.problem).")
        }
        let names = flags.map(\.name).filter { $0 != "config" }
        for name in values.keys.sorted() where !names.contains(name) {
            let nearest = name.nearest(in: names)
            throw UsageError(
                "\(path.shown): there is no setting \(name.shown).",
                hint: nearest.map { "Did you mean \($0)?" })
        }
        return values
    }

    private static func unknown(_ name: String) -> UsageError {
        let nearest = name.nearest(in: flags.map(\.name))
        return UsageError(
            "there is no flag \("--\(name)".shown).", hint: nearest.map { "Did you mean --\($0)?" })
    }
}
