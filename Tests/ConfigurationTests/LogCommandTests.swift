import Testing

@testable import Configuration

@Suite(.timeLimit(.minutes(5)))
struct `The command line of martlet log` {
    private func log(
        _ arguments: String..., environment: [String: String] = [:]
    ) throws -> LogCommand {
        let command = try Command.parse(arguments: ["log"] + arguments, environment: environment)
        guard case .log(let log) = command else { throw UsageError("parsed as something else") }
        return log
    }

    @Test(arguments: LogCommand.Action.allCases)
    func `looks into the folder in which serve keeps its store`(action: LogCommand.Action) throws {
        let command = try log(action.rawValue)
        #expect(command == LogCommand(action))
        #expect(.directory(command.directory) == ServeConfiguration().data)
        let variable = ["MARTLET_DATA": "/var/lib/martlet"]
        #expect(try log(action.rawValue, environment: variable).directory == "/var/lib/martlet")
        #expect(try log(action.rawValue, "--data", "x", environment: variable).directory == "x")
        #expect(try log(action.rawValue, environment: ["MARTLET_DATA": ""]).directory == "./data")
    }

    @Test func `refuses memory, where there is no file, unless the flag names a folder`() throws {
        let memory = ["MARTLET_DATA": ":memory:"]
        #expect(try log("info", "--data", "x", environment: memory).directory == "x")
        #expect(throws: UsageError.self) { try log("info", environment: memory) }
        #expect(throws: UsageError.self) { try log("info", "--data=:memory:") }
    }

    @Test func `sets every field`() throws {
        var tail = LogCommand(.tail)
        tail.directory = "d"
        tail.resources = ["post:1", "chat:*", "a:b"]
        tail.after = "8oa6754t-1"
        tail.limit = 5
        tail.isFollowing = true
        tail.isJSON = true
        #expect(
            try log(
                "tail", "--data", "d", "--resource", "post:1,chat:*", "--resource=a:b", "--after",
                "8oa6754t-1", "--limit", "5", "--follow", "--json") == tail)
        var export = LogCommand(.export)
        export.output = "file"
        #expect(try log("export", "--output=file") == export)
        #expect(try log("export", "-o", "file") == export)
        #expect(try log("export", "-o", "-").output == nil)
        var source = LogCommand(.import)
        source.input = "file"
        source.makesStore = true
        #expect(try log("import", "--create", "file") == source)
        #expect(try log("import", "-").input == nil)
        #expect(try log("tail", "-n7", "-f", "-n", "8").limit == 8)
    }

    @Test func `cuts lists of resources at bytes`() throws {
        // To Swift, a comma with a combining mark behind it is another character.
        #expect(try log("tail", "--resource", "a:1,\u{301}").resources == ["a:1", "\u{301}"])
    }

    @Test(arguments: [
        (["tial"], "there is no command 'tial'. Did you mean 'log tail'?"),
        (["--data", "d"], "there is no command '--data'."),
        (["tail", "now"], "unexpected argument 'now'."),
        (["tail", "--"], "unexpected argument '--'."),
        (["import", "a", "b"], "unexpected argument 'b'."),
        (["import", ""], "unexpected argument ''."),
        (["tail", "--folow"], "there is no flag '--folow'. Did you mean --follow?"),
        (["info", "--follow"], "there is no flag '--follow'."),
        (["tail", "-x5"], "there is no flag '-x'."),
        (["tail", "--json=yes"], "--json takes no value."),
        (["tail", "-f1"], "-f takes no value."),
        (["tail", "--limit"], "--limit needs a value: --limit N."),
        (["tail", "-n", "--json"], "-n needs a value: -n N."),
        (
            ["tail", "--limit", "-1"],
            "--limit must be a whole number from 0 to 1000000000000, not '-1'."
        ),
        (["tail", "--after", ""], "--after must be an event's id, not ''."),
        (["info", "--data", ""], "--data must be a folder, not ''."),
        (
            ["info", "--data", ":memory:"],
            "--data must be a folder (a hub with :memory: leaves no file to look at), not ':memory:'."
        ),
        (
            ["export", "--resource", String(repeating: ",", count: 100)],
            "--resource must be one of 100 at most, not '\(String(repeating: ",", count: 60))…'."
        ),
    ])
    func `says what is wrong and what would be right`(arguments: [String], message: String) throws {
        let error = try #require(throws: UsageError.self) {
            _ = try Command.parse(arguments: ["log"] + arguments, environment: [:])
        }
        let lines = error.description.split(separator: "\n")
        #expect(lines[0] == "martlet: \(message)")
        let isKnown = LogCommand.Action(rawValue: arguments[0]) != nil
        #expect(lines[1] == "See 'martlet log \(isKnown ? arguments[0] + " " : "")--help'.")
    }

    @Test func `without a command is an error that shows what there is`() throws {
        let error = try #require(throws: UsageError.self) { try log() }
        #expect(error.description == Help.log)
    }

    @Test(arguments: [
        ["log", "--help"], ["log", "-h"], ["log", "help"], ["help", "log"], ["log", "no", "-h"],
    ])
    func `shows its help`(arguments: [String]) throws {
        #expect(try Command.parse(arguments: arguments, environment: [:]) == .help(Help.log))
    }

    @Test(arguments: LogCommand.Action.allCases)
    func `shows a command's help, which names its flags and fits into 80 columns`(
        action: LogCommand.Action
    ) throws {
        let text = Help.log(action)
        let name = action.rawValue
        for arguments in [["log", name, "--wrong", "--help"], ["help", "log", name]] {
            #expect(try Command.parse(arguments: arguments, environment: [:]) == .help(text))
        }
        for flag in LogFlag.all(of: action) { #expect(text.contains("--\(flag.name)")) }
        #expect(Help.log.contains("\n  \(name) "))
        for line in (text + "\n" + Help.log).split(separator: "\n") {
            #expect(line.count <= 80 && line.last != " ", "\(line)")
        }
    }
}
