/// A command that speaks to a hub from outside, with its arguments.
package struct VerbCommand: Sendable, Equatable {
    package enum Action: String, Sendable, CaseIterable {
        case publish
        case tail
        case jobs
        case status
        case doctor
    }

    /// What `martlet jobs` does.
    package enum JobAction: String, Sendable, CaseIterable {
        case list, show, cancel, restart, watch
    }

    package let action: Action
    /// The hub's address, without a slash at its end.
    package fileprivate(set) var url = "http://127.0.0.1:8080"
    package fileprivate(set) var tokenFile: String?
    package fileprivate(set) var token: String?
    package fileprivate(set) var isJSON = false
    /// Resources to publish to or selectors to follow.
    package fileprivate(set) var resources: [String] = []
    package fileprivate(set) var jobAction: JobAction?
    package fileprivate(set) var job: String?

    package fileprivate(set) var event: String?
    /// The payload as JSON; `-` is standard input.
    package fileprivate(set) var data: String?
    package fileprivate(set) var isRetained = false
    package fileprivate(set) var isTransient = false
    package fileprivate(set) var isEnd = false
    package fileprivate(set) var readsLines = false
    package fileprivate(set) var key: String?
    package fileprivate(set) var coalesce: String?
    package fileprivate(set) var expect: String?
    /// Seconds for which retained state is kept.
    package fileprivate(set) var ttl: Double?

    package fileprivate(set) var since: String?
    package fileprivate(set) var rewind: Int?
    package fileprivate(set) var events: String?

    package fileprivate(set) var state: String?
    package fileprivate(set) var kind: String?
    package fileprivate(set) var limit: Int?

    /// The longest that `doctor` watches a quiet stream, in seconds.
    package fileprivate(set) var quietSeconds = 75.0
    package fileprivate(set) var origin: String?

    fileprivate init(_ action: Action) {
        self.action = action
    }
}

typealias VerbFlag = CommandFlag<VerbCommand>

extension VerbFlag {
    /// The flags of a verb, from the one table that all verbs share.
    static func all(of action: VerbCommand.Action) -> [VerbFlag] {
        table.filter { $0.verbs.contains(action) }.map(\.flag)
    }

    private static let everywhere = Set(VerbCommand.Action.allCases)

    private static let table: [(verbs: Set<VerbCommand.Action>, flag: VerbFlag)] = [
        (everywhere, url),
        (
            everywhere,
            text(
                "token-file", "FILE", \.tokenFile,
                "A file with a token or an API key; MARTLET_TOKEN holds one itself. [none]")
        ),
        (everywhere, toggle("json", \.isJSON, "JSON instead of text for people.")),
        ([.publish], text("event", "NAME", \.event, "The event's name. [message]")),
        (
            [.publish],
            text("data", "JSON", \.data, "The payload; - reads standard input. [null]")
        ),
        ([.publish], toggle("retain", \.isRetained, "Keep it as the resources' state.")),
        ([.publish], number("ttl", "SECONDS", \.ttl, "With --retain: how long. [forever]")),
        ([.publish], toggle("transient", \.isTransient, "Deliver it live only.")),
        ([.publish], toggle("end", \.isEnd, "It is the last event of its resources.")),
        ([.publish], text("key", "KEY", \.key, "The same key publishes once in 24 h.")),
        (
            [.publish],
            text("coalesce", "KEY", \.coalesce, "A newer event of this key may replace it.")
        ),
        (
            [.publish],
            text("expect", "ID", \.expect, "Publish only if nothing is newer than this id.")
        ),
        (
            [.publish],
            toggle(
                "lines", \.readsLines,
                "Publish standard input: one object a line, as POST /broadcast takes it.")
        ),
        ([.tail], text("since", "ID", \.since, "Begin behind the event with this id.")),
        ([.tail], count("rewind", \.rewind, "Begin with the last N events.")),
        ([.tail], text("events", "NAMES", \.events, "Only events of these names, a,b. [all]")),
        ([.jobs], text("state", "STATE", \.state, "list: only jobs in this state.")),
        ([.jobs], text("kind", "KIND", \.kind, "list: only jobs of this kind.")),
        ([.jobs], count("limit", \.limit, "list: at most so many. [the hub's]")),
        ([.doctor], quietSeconds),
        (
            [.doctor],
            text("origin", "ORIGIN", \.origin, "The origin of the page that uses it. [its own]")
        ),
    ]

    private static var url: VerbFlag {
        VerbFlag(
            name: "url", placeholder: "URL",
            help: "The hub, or a proxy before it. [http://127.0.0.1:8080; MARTLET_URL]",
            variable: "MARTLET_URL"
        ) { text, command in command.setURL(text) ? nil : "an http or https URL" }
    }

    private static var quietSeconds: VerbFlag {
        VerbFlag(
            name: "quiet-seconds", placeholder: "SECONDS",
            help: "How long a stream is left quiet to see whether it is cut. [75]"
        ) { text, command in
            guard let seconds = Double(text), 0...3600 ~= seconds else {
                return "seconds from 0 to 3600"
            }
            command.quietSeconds = seconds
            return nil
        }
    }

    private static func count(
        _ name: String, _ path: any WritableKeyPath<VerbCommand, Int?> & Sendable, _ help: String
    ) -> VerbFlag {
        VerbFlag(name: name, placeholder: "N", help: help) { text, command in
            guard let count = Int(digits: text), 1...1_000_000 ~= count else {
                return "a whole number from 1 to 1000000"
            }
            command[keyPath: path] = count
            return nil
        }
    }

    private static func number(
        _ name: String, _ placeholder: String,
        _ path: any WritableKeyPath<VerbCommand, Double?> & Sendable, _ help: String
    ) -> VerbFlag {
        VerbFlag(name: name, placeholder: placeholder, help: help) { text, command in
            guard let value = Double(text), value.isFinite, value > 0 else {
                return "a number above 0"
            }
            command[keyPath: path] = value
            return nil
        }
    }
}

extension VerbCommand {
    /// Parses the arguments behind a verb.
    static func parse(
        _ action: Action, arguments: [String], environment: [String: String]
    ) throws(UsageError) -> Command {
        if arguments.contains(where: { $0 == "--help" || $0 == "-h" }) {
            return .help(Help.verb(action))
        }
        var command = VerbCommand(action)
        let reader = CommandReader(
            command: "martlet \(action.rawValue)", flags: VerbFlag.all(of: action)
        ) { argument, command in command.take(argument) }
        try reader.read(arguments, environment: environment, into: &command)
        if let token = environment["MARTLET_TOKEN"], !token.isEmpty { command.token = token }
        if let problem = command.problem { throw reader.error(problem) }
        return .verb(command)
    }

    /// Sets the address; false when it is none.
    fileprivate mutating func setURL(_ text: String) -> Bool {
        guard text.hasPrefix("http://") || text.hasPrefix("https://"),
            !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F })
        else { return false }
        url = text
        while url.hasSuffix("/") { url.removeLast() }
        return url.utf8.count > "https:/".utf8.count
    }

    private mutating func take(_ argument: String) -> Bool {
        switch action {
        case .publish, .tail: resources.append(argument)
        case .status: return false
        case .doctor: return setURL(argument)
        case .jobs:
            guard jobAction != nil else {
                jobAction = JobAction(rawValue: argument)
                return jobAction != nil
            }
            guard jobAction != .list, job == nil else { return false }
            job = argument
        }
        return true
    }

    /// What is wrong with the arguments together.
    private var problem: String? {
        switch action {
        case .publish:
            if readsLines {
                return resources.isEmpty && data == nil && event == nil
                    ? nil : "--lines takes all of each event from its line."
            }
            return resources.isEmpty ? "the resource is missing, for example post:1." : nil
        case .tail: return resources.isEmpty ? "the selector is missing, for example post:1." : nil
        case .jobs:
            let names = JobAction.allCases.map(\.rawValue).joined(separator: ", ")
            guard let jobAction else { return "the command is missing: \(names)." }
            return jobAction != .list && job == nil ? "the job's id is missing." : nil
        case .status, .doctor: return nil
        }
    }
}
