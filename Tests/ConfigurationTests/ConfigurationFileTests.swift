import Testing

@testable import Configuration

@Suite(.timeLimit(.minutes(5)))
struct `A configuration file` {
    @Test(
        arguments: [
            ("", [:]), ("\n# only words\n \t\n", [:]),
            ("port = 9000", ["port": "9000"]), ("port=9_000 # many", ["port": "9000"]),
            ("keepalive = 0.5\r\nmercure = true\r\n", ["keepalive": "0.5", "mercure": "true"]),
            ("a = \"x # y\" # z", ["a": "x # y"]), ("a = 'C:\\x'", ["a": "C:\\x"]),
            ("a = \"q\\\"\\\\\\t\"", ["a": "q\"\\\t"]), ("a = \"\"", ["a": ""]),
            ("a = []", ["a": ""]), ("a = [\"x\", 'y', 3, ]", ["a": "x,y,3"]),
            (
                "a = [ # first\n \"x\",\n # second\n \"y\"\n]\nb = false",
                ["a": "x,y", "b": "false"]
            ),
            ("a = \"é 🐦\"", ["a": "é 🐦"]),
        ] as [(String, [String: String])])
    func `has settings by name`(text: String, values: [String: String]) throws {
        #expect(try ConfigurationFile(text).values == values)
    }

    @Test(
        arguments: [
            ("[table]", 1), ("a", 1), ("a =", 1), ("= 1", 1), ("a = b", 1), ("\na = 1 2", 2),
            ("a = 1\n\na = 2", 3), ("a.b = 1", 1), ("\"a\" = 1", 1), ("a = \"x", 1),
            ("a = \"x\ny\"", 1), ("a = 'x", 1), ("a = \"\\n\"", 1), ("a = [", 1), ("a = [1", 1),
            ("a = [1 2]", 1), ("a = [\"x,y\"]", 1), ("a = [[1]]", 1), ("a = {b = 1}", 1),
            ("a = \"\"\"x\"\"\"", 1), ("a = 1\nb = -", 2), ("a = [\n1\n", 3), ("a = \"\\", 1),
            ("ä = 1", 1), ("a = True", 1), ("\u{FEFF}a = 1", 1),
        ])
    func `that is none says where`(text: String, line: Int) throws {
        let fault = try #require(throws: ConfigurationFile.Fault.self) {
            try ConfigurationFile(text)
        }
        #expect(fault.line == line, "\(fault.problem)")
        #expect(!fault.problem.isEmpty)
    }

    @Test func `comes after flags and variables`() throws {
        let command = try Command.parse(
            arguments: ["serve", "--config", "f", "--port", "1"],
            environment: ["MARTLET_KEEPALIVE": "2"]
        ) { path in
            #expect(path == "f")
            return "port = 9\nkeepalive = 9\nqueue-size = 9\nallowed-hosts = [\"a\", \"b\"]"
        }
        guard case .serve(let configuration) = command else {
            Issue.record("parsed as \(command)")
            return
        }
        #expect(configuration.port == 1)
        #expect(configuration.keepalive == .seconds(2))
        #expect(configuration.queueSize == 9)
        #expect(configuration.allowedHosts == ["a", "b"])
    }

    @Test(
        arguments: [
            ("prot = 1", "'prot'", "port"), ("config = \"g\"", "'config'", ""),
            ("port = \"x\"", "port in the configuration file", "0 to 65535"),
            ("\nport", "'f', line 2", ""),
        ])
    func `with a wrong setting is refused`(text: String, name: String, hint: String) throws {
        let error = try #require(throws: UsageError.self) {
            try Command.parse(arguments: ["serve", "--config=f"], environment: [:]) { _ in text }
        }
        #expect(error.description.contains(name) && error.problem.contains(hint), "\(error)")
    }

    @Test func `that cannot be read is refused`() throws {
        let error = try #require(throws: UsageError.self) {
            try Command.parse(arguments: ["serve"], environment: ["MARTLET_CONFIG": "f"])
        }
        #expect(error.problem.contains("--config cannot be read"))
    }
}
