import Telemetry
import Testing

@testable import Configuration

@Suite(.timeLimit(.minutes(5)))
struct `The command line` {
    private func serve(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> ServeConfiguration {
        let command = try Command.parse(
            arguments: ["serve"] + arguments, environment: environment)
        guard case .serve(let configuration) = command else {
            throw UsageError("parsed as something else")
        }
        return configuration
    }

    /// The message, without its last line, of an error that must happen.
    private func complaint(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> String {
        let error = try #require(throws: UsageError.self) {
            _ = try Command.parse(arguments: arguments, environment: environment)
        }
        return String(error.description.split(separator: "\n")[0].dropFirst("martlet: ".count))
    }

    @Test func `without flags gives the defaults of the contract`() throws {
        let configuration = try serve([])
        #expect(configuration == ServeConfiguration())
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8080)
        #expect(configuration.data == .directory("./data"))
        #expect(configuration.workers == nil)
        #expect(configuration.queueSize == 100)
        #expect(configuration.queueBytes == 1_048_576)
        #expect(configuration.keepalive == .seconds(30))
        #expect(configuration.eventBytes == 262_144)
        #expect(configuration.broadcastTimeout == .seconds(1))
        #expect(configuration.durability == .full)
        #expect(configuration.retentionAge == .seconds(604_800))
        #expect(configuration.retentionEvents == 10_000_000)
        #expect(configuration.retentionBytes == 4_294_967_296)
        #expect(configuration.headTimeout == .seconds(10))
        #expect(configuration.bodyTimeout == .seconds(30))
        #expect(configuration.idleTimeout == .seconds(75))
    }

    @Test func `sets every field`() throws {
        let configuration = try serve([
            "--host", "::1", "--port=0", "--data", ":memory:", "--workers", "3",
            "--queue-size=7", "--queue-bytes", "2MiB", "--keepalive", "0.5", "--event-bytes=3KiB",
            "--broadcast-timeout", "2", "--durability", "memory", "--retention-age", "60",
            "--retention-events", "10", "--retention-bytes", "1GiB", "--memory-events", "11",
            "--memory-bytes", "12KiB", "--log-level", "debug", "--log-format", "json",
            "--head-timeout", "1", "--body-timeout", "2", "--idle-timeout", "3",
            "--shutdown-timeout", "0",
        ])
        var expected = ServeConfiguration()
        expected.host = "::1"
        expected.port = 0
        expected.data = .memory
        expected.workers = 3
        expected.queueSize = 7
        expected.queueBytes = 2 << 20
        expected.keepalive = .milliseconds(500)
        expected.eventBytes = 3072
        expected.broadcastTimeout = .seconds(2)
        expected.durability = .memory
        expected.retentionAge = .seconds(60)
        expected.retentionEvents = 10
        expected.retentionBytes = 1 << 30
        expected.memoryEvents = 11
        expected.memoryBytes = 12 << 10
        expected.logLevel = .debug
        expected.logFormat = .json
        expected.headTimeout = .seconds(1)
        expected.bodyTimeout = .seconds(2)
        expected.idleTimeout = .seconds(3)
        expected.shutdownTimeout = .zero
        #expect(configuration == expected)
    }

    @Test func `has each flag as an environment variable, and the flag wins`() throws {
        let environment = ["MARTLET_PORT": "9000", "MARTLET_QUEUE_SIZE": "5", "MARTLET_URL": "x"]
        let configuration = try serve(["--port", "9001"], environment)
        #expect(configuration.port == 9001)
        #expect(configuration.queueSize == 5)
    }

    @Test func `takes an empty variable for none and the last of repeated flags`() throws {
        let configuration = try serve(["--port", "1", "--port=2"], ["MARTLET_HOST": ""])
        #expect(configuration.port == 2)
        #expect(configuration.host == "127.0.0.1")
    }

    @Test func `takes an IPv6 address as a URL writes it`() throws {
        #expect(try serve(["--host", "[::1]"]).host == "::1")
    }

    @Test(arguments: [
        (["serve", "--prot", "1"], "there is no flag '--prot'. Did you mean --port?"),
        (
            ["serve", "--retention-event=1"],
            "there is no flag '--retention-event'. Did you mean --retention-events?"
        ),
        (["serve", "--queue"], "there is no flag '--queue'. Did you mean --queue-size?"),
        (["serve", "--timeout"], "there is no flag '--timeout'. Did you mean --head-timeout?"),
        (["serve", "--zzz"], "there is no flag '--zzz'."),
        (["serve", "--"], "unexpected argument '--'."),
        (["serve", "-p", "80"], "unexpected argument '-p'."),
        (["serve", "now"], "unexpected argument 'now'."),
        (["serve", "--port"], "--port needs a value: --port PORT."),
        (["serve", "--data", "--port", "1"], "--data needs a value: --data DIR."),
        (
            ["serve", "--port", "65536"],
            "--port must be a whole number from 0 to 65535, not '65536'."
        ),
        (["serve", "--port="], "--port must be a whole number from 0 to 65535, not ''."),
        (
            ["serve", "--queue-size", "0"],
            "--queue-size must be a whole number from 1 to 10000, not '0'."
        ),
        (
            ["serve", "--keepalive", "-1"],
            "--keepalive must be a number of seconds from 0.01 to 3600, for example 0.5, not '-1'."
        ),
        (
            ["serve", "--durability", "Full"],
            "--durability must be full, normal or memory, not 'Full'."
        ),
        (
            ["serve", "--host", "a b"],
            "--host must be an IP address or a host name, not 'a b'."
        ),
        (["serve", "--data", ""], "--data must be a folder, or :memory:, not ''."),
        (
            ["serve", "--event-bytes", "961KiB"],
            "--event-bytes must be a number of bytes from 1KiB to 960KiB, plain or with KiB, MiB, GiB or TiB, not '961KiB'."
        ),
        (
            ["serve", "--queue-bytes", "5MB"],
            "--queue-bytes must be a number of bytes from 1KiB to 1GiB, plain or with KiB, MiB, GiB or TiB, not '5MB'."
        ),
        (["srve"], "there is no command 'srve'. Did you mean 'serve'?"),
        (["--port", "1"], "the command is missing before '--port'. Did you mean 'serve'?"),
    ])
    func `says what is wrong and what would be right`(arguments: [String], message: String) throws {
        #expect(try complaint(arguments) == message)
    }

    @Test func `names the variable when that is wrong`() throws {
        #expect(
            try complaint(["serve"], ["MARTLET_LOG_LEVEL": "loud"])
                == "MARTLET_LOG_LEVEL must be debug, info, warning or error, not 'loud'.")
    }

    @Test func `quotes what was typed short and on one line`() throws {
        let typed = "a\n\u{1B}[31m" + String(repeating: "b", count: 100)
        let message = try complaint(["serve", typed])
        #expect(message.hasPrefix("unexpected argument 'a??[31mbbb"))
        #expect(message.hasSuffix("b…'."))
    }

    @Test func `without a command is an error that shows what there is`() throws {
        let error = try #require(throws: UsageError.self) {
            _ = try Command.parse(arguments: [], environment: [:])
        }
        #expect(error.description.contains("Usage: martlet COMMAND"))
    }

    @Test(arguments: [["version"], ["--version"]])
    func `tells the version`(arguments: [String]) throws {
        let command = try Command.parse(arguments: arguments, environment: [:])
        #expect(command == .version("martlet \(Build.version)"))
    }

    @Test(arguments: [
        ["serve", "--help"], ["serve", "--nonsense", "-h"], ["help", "serve"],
    ])
    func `shows a command's help whatever else is wrong`(arguments: [String]) throws {
        let command = try Command.parse(arguments: arguments, environment: ["MARTLET_PORT": "x"])
        #expect(command == .help(Help.serve))
    }

    @Test(arguments: [
        (
            [],
            "--text-provider takes ollama or openai, --image-provider takes openai or automatic1111"
        ),
        (["--text-provider", "ollama"], "--image-provider takes openai or automatic1111"),
        (["--image-provider", "automatic1111"], "--text-provider takes ollama or openai"),
    ])
    func `refuses the built-in generators in a build without them`(
        arguments: [String], remedy: String
    ) throws {
        let error = try #require(throws: UsageError.self) {
            try serve(arguments).requireOtherGenerators()
        }
        #expect(
            error.description.hasPrefix(
                "martlet: the built-in generators are not in this build: \(remedy); "
                    + "or run no jobs with --jobs 0."))
    }

    @Test(arguments: [
        ["--text-provider", "openai", "--image-provider", "openai"], ["--jobs", "0"],
    ])
    func `asks nothing more of flags that need no built-in generator`(arguments: [String]) throws {
        try serve(arguments).requireOtherGenerators()
    }
}
