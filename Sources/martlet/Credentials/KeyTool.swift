internal import Access
internal import Configuration
internal import Reactor
internal import Telemetry
internal import Verbs

/// `martlet key`: makes, lists and revokes the keys of a file.
struct KeyTool {
    private let command: KeyCommand
    private let now = Int(Timestamp.now.milliseconds / 1000)

    init(_ command: KeyCommand) {
        self.command = command
    }

    /// Runs the command.
    ///
    /// - Returns: the exit code.
    func run() -> Int32 {
        do {
            switch command.action {
            case .create: try create()
            case .list: try list()
            case .revoke: try revoke()
            }
            return ExitCode.ok
        } catch {
            return CommandFailure.report(error, otherwise: ExitCode.store)
        }
    }

    private func create() throws {
        let expires = command.expires?.seconds(at: now)
        guard APIKey.isName(command.name) else {
            throw CommandFailure(
                ExitCode.usage, "--name has 1 to 64 letters, digits, _, - and .")
        }
        guard expires ?? .max > now else {
            throw CommandFailure(ExitCode.usage, "--expires lies in the past.")
        }
        let made = APIKey.make(
            name: command.name, grants: try Grants(command.grants), created: now,
            expires: expires)
        try KeyFile.change(command.file, makesFile: true) { keys in
            guard keys.add(made.row) else {
                throw CommandFailure(
                    ExitCode.no,
                    "there is a key \(command.name) already; revoke it first, or take another name."
                )
            }
        }
        Process.printLine(made.text)
        Process.printError("This is the only time that the key is shown.")
    }

    private func revoke() throws {
        try KeyFile.change(command.file, makesFile: false) { keys in
            guard keys.revoke(command.name, at: now) else {
                throw CommandFailure(
                    ExitCode.no,
                    "there is no key of that name that is not revoked; 'martlet key list' names them."
                )
            }
        }
    }

    private func list() throws {
        let keys = try KeyFile.read(command.file)
        let output = Output()
        if command.isJSON {
            try output.write(keys.listing + [10])
        } else {
            for row in keys.rows { try output.write(text(of: row) + [10]) }
        }
        try output.flush()
    }

    private func text(of row: APIKey) -> [UInt8] {
        let state =
            if let revoked = row.revoked {
                "revoked \(Self.time(revoked))"
            } else if let expires = row.expires {
                (expires > now ? "until " : "expired ") + Self.time(expires)
            } else {
                "no end"
            }
        let grants = row.grants
        var rights: [String] = []
        if !grants.publish.isEmpty {
            rights.append("publish " + grants.publish.patterns.joined(separator: ","))
        }
        if !grants.subscribe.isEmpty {
            rights.append("subscribe " + grants.subscribe.patterns.joined(separator: ","))
        }
        if !grants.jobs.isEmpty {
            rights.append("jobs " + grants.jobs.names.joined(separator: ","))
        }
        if grants.isAdmin { rights.append("admin") }
        let line = ([row.name, state] + rights).joined(separator: "  ")
        return TerminalText.shown(Array(line.utf8))
    }

    private static func time(_ seconds: Int) -> String {
        Timestamp(milliseconds: Int64(seconds) * 1000).description
    }
}

extension Grants {
    /// Checks the grants of a key, as they were typed.
    init(_ settings: GrantSettings) throws(CommandFailure) {
        try Self.check(settings, allowsSubject: false)
        self.init(
            subscribe: PatternSet(settings.subscribe), publish: PatternSet(settings.publish),
            jobs: settings.jobs.reduce(into: []) { $0.formUnion(JobRights.named($1) ?? []) },
            isAdmin: settings.isAdmin)
    }

    /// Checks patterns and rights, as they were typed.
    static func check(
        _ settings: GrantSettings, allowsSubject: Bool
    ) throws(CommandFailure) {
        let patterns =
            settings.subscribe.map { ("--grant-subscribe", $0) }
            + settings.publish.map { ("--grant-publish", $0) }
        for (flag, pattern) in patterns
        where !(allowsSubject && Pattern.namesSubject(pattern)) {
            if let reason = Pattern.fault(of: pattern) {
                throw CommandFailure(ExitCode.usage, "\(flag): \(reason)")
            }
            if Pattern.isOfPresence(pattern) {
                throw CommandFailure(
                    ExitCode.usage,
                    "\(flag): name what is counted; who may receive post:1 may also receive "
                        + "presence:post:1.")
            }
        }
        guard settings.jobs.allSatisfy({ JobRights.named($0) != nil }) else {
            throw CommandFailure(ExitCode.usage, "--jobs has read, write and work only.")
        }
    }
}
