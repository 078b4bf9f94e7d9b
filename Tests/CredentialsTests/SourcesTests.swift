import Access
import Configuration
import Foundation
import Reactor
import Telemetry
import TestSupport
import Testing

@testable import Credentials

@Suite(.timeLimit(.minutes(5)))
struct `Sources of credentials` {
    private static let secret = "0123456789abcdef0123456789abcdef\n"

    /// What a test's sources did.
    private final class Record: Sendable {
        let revoked = Lock<[String]>([])
        let fetches = Lock<[String]>([])
        let answers = Lock<[Result<[UInt8], CredentialFault>]>([])
    }

    private static func sources(
        _ settings: CredentialSettings, _ record: Record = Record()
    ) throws -> CredentialSources {
        try CredentialSources(
            settings, logger: Log(level: .error, descriptor: -1),
            fetch: { url in
                record.fetches.withLock { $0.append(url) }
                return record.answers.withLock { answers in
                    answers.count > 1 ? answers.removeFirst() : answers[0]
                }
            }, revoke: { names in record.revoked.withLock { $0 += names } })
    }

    private static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func key(_ name: String) -> (row: APIKey, text: String) {
        APIKey.make(name: name, grants: .all, created: 0, expires: nil)
    }

    private static func reason(_ sources: CredentialSources, _ key: String) -> Refusal.Reason? {
        let presented = Presented(authorization: "Bearer \(key)")
        guard case .refused(let refusal) = sources.control.identify(presented, at: 5) else {
            return nil
        }
        return refusal.reason
    }

    @Test func `without any leave the hub open`() throws {
        var settings = CredentialSettings()
        settings.anonymousSubscribe = ["a:*"]
        #expect(try Self.sources(settings).control.isOpen)
    }

    @Test func `lock the hub, each of them by itself`() throws {
        let folder = Folder()
        let path = folder.path + "/f"
        try Self.write(Self.secret, to: path)
        let empty = folder.path + "/e"
        try Self.write("", to: empty)
        let changes: [(inout CredentialSettings) -> Void] = [
            { $0.jwtSecretFile = path }, { $0.urlSecretFile = path },
            { $0.apiKeysFile = empty }, { $0.jwtKeySetURLs = ["http://127.0.0.1:1/"] },
        ]
        for change in changes {
            var settings = CredentialSettings()
            change(&settings)
            settings.anonymousSubscribe = ["a:*"]
            let control = try Self.sources(settings).control
            #expect(!control.isOpen)
            guard case .identified(let identity) = control.identify(Presented(), at: 5) else {
                Issue.record("anonymous callers are refused")
                return
            }
            #expect(identity.grants.subscribe.patterns == ["a:*"])
        }
    }

    @Test func `that cannot be used are named without their content`() throws {
        let folder = Folder()
        let path = folder.path + "/f"
        try Self.write("hidden words", to: path)
        let empty = folder.path + "/e"
        try Self.write("\n", to: empty)
        let changes: [(String, (inout CredentialSettings) -> Void)] = [
            ("--jwt-keys-file", { $0.jwtKeysFile = path }),
            ("--api-keys-file", { $0.apiKeysFile = path }),
            ("--jwt-secret-file", { $0.jwtSecretFile = empty }),
            ("--url-secret-file", { $0.urlSecretFile = empty }),
            ("--jwt-secret-file", { $0.jwtSecretFile = folder.path + "/missing" }),
            ("--jwt-keys-file", { $0.jwtKeysFile = folder.path }),
            ("--anonymous-subscribe", { $0.anonymousSubscribe = ["a"] }),
            ("--anonymous-subscribe", { $0.anonymousSubscribe = ["presence:a:1"] }),
            ("--cookie-name", { $0.cookieName = "a b" }),
            ("--cookie-name", { $0.cookieName = "martlet_session" }),
        ]
        for (flag, change) in changes {
            var settings = CredentialSettings()
            change(&settings)
            let fault = #expect(throws: CredentialFault.self) { try Self.sources(settings) }
            #expect(fault?.description.hasPrefix(flag) == true, "\(fault?.description ?? "")")
            #expect(fault?.description.contains("hidden") == false)
        }
    }

    @Test func `take a changed file of API keys, and end what was revoked`() throws {
        let folder = Folder()
        let path = folder.path + "/keys"
        let (first, firstText) = Self.key("first")
        let (second, secondText) = Self.key("second")
        var keys = APIKeySet([first])
        try Self.write(String(decoding: keys.file, as: UTF8.self), to: path)
        var settings = CredentialSettings()
        settings.apiKeysFile = path
        let record = Record()
        let sources = try Self.sources(settings, record)
        #expect(Self.reason(sources, firstText) == nil)
        #expect(Self.reason(sources, secondText) == .unknownKey)

        keys = APIKeySet([first, second])
        try Self.write(String(decoding: keys.file, as: UTF8.self), to: path)
        sources.takeChangedKeys()
        #expect(Self.reason(sources, secondText) == nil)
        #expect(record.revoked.withLock { $0 } == [])

        let wasThere = keys.revoke("first", at: 5)
        #expect(wasThere)
        try Self.write(String(decoding: keys.file, as: UTF8.self), to: path)
        sources.takeChangedKeys()
        #expect(Self.reason(sources, firstText) == .revoked)
        #expect(Self.reason(sources, secondText) == nil)
        #expect(record.revoked.withLock { $0 } == ["first"])

        // A file that is bad or away changes nothing.
        try Self.write("{", to: path)
        sources.takeChangedKeys()
        #expect(Self.reason(sources, secondText) == nil)
        try FileManager.default.removeItem(atPath: path)
        sources.takeChangedKeys()
        #expect(Self.reason(sources, secondText) == nil)
        #expect(sources.reload().count == 1)
        #expect(Self.reason(sources, secondText) == nil)
        #expect(record.revoked.withLock { $0 } == ["first"])
    }

    @Test func `are all read again, and a bad one keeps its old content`() throws {
        let folder = Folder()
        let (secret, keys) = (folder.path + "/secret", folder.path + "/keys")
        let (row, text) = Self.key("k")
        try Self.write(Self.secret, to: secret)
        try Self.write("", to: keys)
        var settings = CredentialSettings()
        settings.urlSecretFile = secret
        settings.apiKeysFile = keys
        let sources = try Self.sources(settings)
        try Self.write("", to: secret)
        try Self.write(String(decoding: APIKeySet([row]).file, as: UTF8.self), to: keys)
        let faults = sources.reload()
        #expect(faults.count == 1)
        #expect(faults.first?.hasPrefix("--url-secret-file") == true)
        #expect(sources.control.policy.urlSecret == Array(Self.secret.utf8.dropLast()))
        #expect(Self.reason(sources, text) == nil)
        try Self.write("another secret of some length...", to: secret)
        #expect(sources.reload() == [])
        #expect(sources.control.policy.urlSecret == Array("another secret of some length...".utf8))
    }

    // MARK: - URLs

    private static let url = "https://a.example/jwks"
    private static let set = #"{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}"#

    private static func remote(_ answers: Result<[UInt8], CredentialFault>...) throws -> (
        CredentialSources, Record
    ) {
        var settings = CredentialSettings()
        settings.jwtKeySetURLs = [url]
        let record = Record()
        record.answers.withLock { $0 = answers }
        return (try sources(settings, record), record)
    }

    private static func keyIDs(_ sources: CredentialSources) -> [String?] {
        sources.control.policy.tokenKeys.sources.flatMap { $0.keys.keys.map(\.id) }
    }

    @Test func `are fetched for an unknown key, at most once in a while`() async throws {
        let (sources, record) = try Self.remote(.success(Array(Self.set.utf8)))
        await sources.fetchKeys(of: [Self.url])
        #expect(Self.keyIDs(sources) == ["a"])
        for _ in 0..<10 { await sources.fetchKeys(of: [Self.url]) }
        #expect(record.fetches.withLock { $0 } == [Self.url])
    }

    @Test func `are fetched once for all that wait`() async throws {
        let (sources, record) = try Self.remote(.success(Array(Self.set.utf8)))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { await sources.fetchKeys(of: [Self.url]) } }
        }
        #expect(record.fetches.withLock { $0 }.count == 1)
        #expect(Self.keyIDs(sources) == ["a"])
    }

    @Test func `are never fetched from a URL that is not configured`() async throws {
        let (sources, record) = try Self.remote(.success(Array(Self.set.utf8)))
        await sources.fetchKeys(of: ["https://evil.example/jwks"])
        #expect(record.fetches.withLock { $0 } == [])
    }

    @Test(
        arguments: [
            .failure(CredentialFault("It is away.")), .success(Array("{".utf8)),
            .success(Array("[]".utf8)),
        ] as [Result<[UInt8], CredentialFault>])
    func `that are away or broken leave their keys as they were`(
        answer: Result<[UInt8], CredentialFault>
    ) async throws {
        let (sources, _) = try Self.remote(.success(Array(Self.set.utf8)), answer)
        await sources.take(Self.url)
        await sources.take(Self.url)
        #expect(Self.keyIDs(sources) == ["a"])
    }

    @Test func `that withdraw their keys have none`() async throws {
        let (sources, _) = try Self.remote(
            .success(Array(Self.set.utf8)), .success(Array(#"{"keys":[]}"#.utf8)))
        await sources.take(Self.url)
        #expect(Self.keyIDs(sources) == ["a"])
        await sources.take(Self.url)
        #expect(Self.keyIDs(sources) == [])
    }

    @Test func `are looked after until the task ends`() async throws {
        let (sources, record) = try Self.remote(.success(Array(Self.set.utf8)))
        let task = Task { await sources.run() }
        while record.fetches.withLock({ $0.isEmpty }) || Self.keyIDs(sources).isEmpty {
            await Task.yield()
        }
        task.cancel()
        await task.value
    }
}
