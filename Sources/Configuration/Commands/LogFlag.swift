/// A flag of a `martlet log` command.
typealias LogFlag = CommandFlag<LogCommand>

extension LogFlag {
    static func all(of action: LogCommand.Action) -> [LogFlag] {
        switch action {
        case .info: [data, json]
        case .tail: [data, resource, after, limit, follow, json]
        case .verify: [data]
        case .export: [data, resource, after, output]
        case .import: [data, create]
        }
    }

    /// The folder of the store, the same as that of `martlet serve`.
    static var data: LogFlag {
        LogFlag(
            name: "data", letter: nil, placeholder: "DIR",
            help: "Folder of the store. [./data; MARTLET_DATA]", variable: "MARTLET_DATA"
        ) { text, command in
            guard text != ":memory:" else {
                return "a folder (a hub with :memory: leaves no file to look at)"
            }
            guard !text.isEmpty, !text.utf8.contains(0) else { return "a folder" }
            command.directory = text
            return nil
        }
    }

    private static var json: LogFlag {
        toggle("json", \.isJSON, "JSON instead of lines for people.")
    }

    private static var resource: LogFlag {
        LogFlag(
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
    }

    private static var after: LogFlag {
        LogFlag(
            name: "after", letter: nil, placeholder: "CURSOR",
            help: "Only events behind this one, an id such as 8oa6754t-1842."
        ) { text, command in
            command.after = text
            return text.isEmpty ? "an event's id" : nil
        }
    }

    private static var limit: LogFlag {
        LogFlag(
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
    }

    private static var follow: LogFlag {
        toggle(
            "follow", letter: "f", \.isFollowing, "Wait for more events until SIGINT or SIGTERM.")
    }

    private static var output: LogFlag {
        LogFlag(
            name: "output", letter: "o", placeholder: "FILE",
            help: "Write to this file, which is replaced when all is written. [standard output]"
        ) { text, command in
            guard !text.isEmpty, !text.utf8.contains(0) else { return "a file" }
            command.output = text
            return nil
        }
    }

    private static var create: LogFlag {
        toggle(
            "create", \.makesStore, "Make the store when there is none.")
    }
}
