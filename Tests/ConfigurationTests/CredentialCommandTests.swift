import Testing

@testable import Configuration

@Suite(.timeLimit(.minutes(5)))
struct `The command lines of keys and tokens` {
    @Test(arguments: [
        ("3600", Expiry.after(3600)), ("90d", .after(7_776_000)), ("12h", .after(43_200)),
        ("5m", .after(300)), ("1s", .after(1)), ("36500d", .after(3_153_600_000)),
        ("2027-01-31T00:00:00Z", .at(1_801_353_600)),
    ])
    func `take a span or a time`(text: String, expiry: Expiry) {
        #expect(Expiry(text) == expiry)
    }

    @Test(arguments: [
        "", "0", "0d", "-1", "1w", "d", "1.5h", "tomorrow", "2027-01-31", "36501d",
        "99999999999999999999", "9223372036854775807d",
    ])
    func `take no other end`(text: String) {
        #expect(Expiry(text) == nil)
    }

    @Test func `set every field of a key`() throws {
        let parsed = try Command.parse(
            arguments: [
                "key", "create", "--name=a", "--grant-publish", "p:1,p:2", "--grant-publish",
                "q:*", "--grant-subscribe", "s:1", "--jobs", "read,work", "--admin", "--expires",
                "90d",
            ], environment: ["MARTLET_API_KEYS_FILE": "keys"])
        guard case .key(let command) = parsed else {
            Issue.record("parsed as something else")
            return
        }
        #expect(command.file == "keys")
        #expect(command.name == "a")
        #expect(command.grants.publish == ["p:1", "p:2", "q:*"])
        #expect(command.grants.subscribe == ["s:1"])
        #expect(command.grants.jobs == ["read", "work"])
        #expect(command.grants.isAdmin)
        #expect(command.expires == .after(7_776_000))
    }

    @Test func `give a token's command the keys and rules of a hub`() throws {
        let parsed = try Command.parse(
            arguments: [
                "token", "explain", "--jwt-keys-file", "k", "--jwt-allow-no-exp", "--jwt-issuer=i",
                "file",
            ],
            environment: [
                "MARTLET_JWT_JWKS_URL": "https://a.example/", "MARTLET_JWT_ISSUER": "j",
                "MARTLET_PORT": "x",
            ])
        guard case .token(let command) = parsed else {
            Issue.record("parsed as something else")
            return
        }
        #expect(command.file == "file")
        #expect(command.hub.credentials.jwtKeysFile == "k")
        #expect(command.hub.credentials.allowsNoExpiry)
        #expect(command.hub.credentials.jwtIssuer == "i")
        #expect(command.hub.credentials.jwtKeySetURLs == ["https://a.example/"])
    }

    @Test func `switch off what a variable says is false`() throws {
        let parsed = try Command.parse(
            arguments: ["token", "explain", "--jwt-keys-file", "k"],
            environment: ["MARTLET_JWT_ALLOW_NO_EXP": "false"])
        guard case .token(let command) = parsed else {
            Issue.record("parsed as something else")
            return
        }
        #expect(!command.hub.credentials.allowsNoExpiry)
    }
}
