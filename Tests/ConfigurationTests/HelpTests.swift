import Testing

@testable import Configuration

@Suite(.timeLimit(.minutes(5)))
struct `The help` {
    private static let flags = Flag.serve.flatMap(\.flags)

    @Test(arguments: [["help"], ["serve", "--help"]])
    func `fits into 80 columns`(arguments: [String]) throws {
        let command = try Command.parse(arguments: arguments, environment: [:])
        guard case .help(let text) = command else {
            Issue.record("no help but \(command)")
            return
        }
        for line in text.split(separator: "\n") {
            #expect(line.count <= 80, "\(line)")
            #expect(line.last != " ", "\(line)")
        }
    }

    @Test func `shows each flag with its placeholder, default and variable`() {
        let words = Help.serve.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for flag in Self.flags {
            if flag.isSwitch {
                #expect(words.contains("--\(flag.name) "))
                #expect(words.contains("[\(flag.environmentName)=true]"))
                continue
            }
            let standard = flag.value.text(in: ServeConfiguration())
            #expect(words.contains("--\(flag.name) \(flag.placeholder) "))
            #expect(words.contains("[\(standard); \(flag.environmentName)]"))
        }
    }

    @Test func `names all that SIGHUP has read again`() {
        let words = Help.serve.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for text in [
            "SIGHUP has certificates, keys and secrets, API keys, and the allowed-hosts and "
                + "allowed-origins of the configuration file read again",
            "a bad file keeps the old values",
        ] {
            #expect(words.contains(text))
        }
    }

    @Test func `has no flag twice, and names of one form`() {
        let names = Self.flags.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil)
        }
    }

    @Test func `shows defaults that are themselves accepted`() throws {
        for flag in Self.flags where !flag.value.mayBeOpen {
            var configuration = ServeConfiguration()
            let text = flag.value.text(in: configuration)
            #expect(flag.value.read(text, into: &configuration) == nil, "\(flag.name)")
            #expect(configuration == ServeConfiguration(), "\(flag.name)")
        }
    }
}
