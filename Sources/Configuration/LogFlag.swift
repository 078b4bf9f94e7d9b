/// A flag of a `martlet log` command, from which parsing and help come.
struct LogFlag: Sendable {
    let name: String
    /// A letter that stands for the name.
    let letter: String?
    /// The word for the value in the help text; `nil` for a flag without a value.
    let placeholder: String?
    let help: String
    /// Reads the text into the command.
    ///
    /// It returns `nil` or, for a text that is not acceptable, what it has to be, in words that
    /// follow "must be".
    let read: @Sendable (String, inout LogCommand) -> String?

    /// The name and the letter as they are typed, with their dashes.
    var names: [String] { ["--\(name)"] + (letter.map { ["-\($0)"] } ?? []) }

    static func all(of action: LogCommand.Action) -> [LogFlag] {
        switch action {
        case .info: [data, json]
        case .tail: [data, resource, after, limit, follow, json]
        case .verify: [data]
        case .export: [data, resource, after, output]
        case .import: [data, create]
        }
    }
}

extension LogFlag {
    private static func toggle(
        _ name: String, letter: String? = nil,
        _ path: any WritableKeyPath<LogCommand, Bool> & Sendable, _ help: String
    ) -> LogFlag {
        LogFlag(name: name, letter: letter, placeholder: nil, help: help) { _, command in
            command[keyPath: path] = true
            return nil
        }
    }

    /// The folder of the store, the same as that of `martlet serve`.
    static let data = LogFlag(
        name: "data", letter: nil, placeholder: "DIR",
        help: "Folder of the store. [./data; MARTLET_DATA]"
    ) { text, command in
        guard text != ":memory:" else {
            return "a folder (a hub with :memory: leaves no file to look at)"
        }
        guard !text.isEmpty, !text.utf8.contains(0) else { return "a folder" }
        command.directory = text
        return nil
    }

    private static let json = toggle("json", \.isJSON, "JSON instead of lines for people.")

    private static let resource = LogFlag(
        name: "resource", letter: nil, placeholder: "RESOURCE",
        help: "Only events of this resource, or of a kind (post:*). May be repeated."
    ) { text, command in
        // A comma cannot stand in a resource. The text is split by bytes, because a comma and a
        // combining mark behind it are one `Character`.
        let names = text.utf8.split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        command.resources += names.map { String(Substring($0)) }
        return command.resources.count <= 100 ? nil : "one of 100 at most"
    }

    private static let after = LogFlag(
        name: "after", letter: nil, placeholder: "CURSOR",
        help: "Only events behind this one, an id such as 8oa6754t-1842."
    ) { text, command in
        command.after = text
        return text.isEmpty ? "an event's id" : nil
    }

    private static let limit = LogFlag(
        name: "limit", letter: "n", placeholder: "N",
        help: "The last N events; with --after the first N, after which the command ends. "
            + "[10; with --after: all]"
    ) { text, command in
        let range = 0...1_000_000_000_000
        guard let count = Int(digits: text), range.contains(count) else {
            return "a whole number from \(range.lowerBound) to \(range.upperBound)"
        }
        command.limit = count
        return nil
    }

    private static let follow = toggle(
        "follow", letter: "f", \.isFollowing, "Wait for more events until SIGINT or SIGTERM.")

    private static let output = LogFlag(
        name: "output", letter: "o", placeholder: "FILE",
        help: "Write to this file, which is replaced when all is written. [standard output]"
    ) { text, command in
        guard !text.isEmpty, !text.utf8.contains(0) else { return "a file" }
        command.output = text
        return nil
    }

    private static let create = toggle(
        "create", \.makesStore, "Make the store when there is none.")
}
