// Keeps the policy of an AccessControl true to the files and URLs that it comes from.
//
// Invariants:
// - The first reading takes everything or fails. Later, each file is taken by itself: one that is
//   bad or away changes nothing and is told of in the log.
// - Files are read under a lock, so that what was read first is also taken first.
// - A URL is fetched once at a time, as its schedule says. Whoever needs its keys waits for the
//   fetch that runs.

package import Access
package import Configuration
internal import Reactor
package import Telemetry

/// The files and URLs of a hub's keys.
package final class CredentialSources: Sendable {
    package typealias Fetch = @Sendable (_ url: String) async -> Result<[UInt8], CredentialFault>

    package let control: AccessControl
    private let files: [CredentialFile]
    private let fetch: Fetch
    private let logger: Log
    private let revoke: @Sendable ([String]) -> Void
    private let remote: Lock<[String: Remote]>
    /// What the API keys file was like when it was read last; the lock is held while files are
    /// read.
    private let keysMark: Lock<Files.Mark?>

    private struct Remote {
        var schedule = FetchSchedule()
        var flight: Task<Void, Never>?
        var body: [UInt8]?
    }

    /// Reads all files; the keys of URLs come later.
    ///
    /// - Parameters:
    ///   - settings: What the flags say.
    ///   - logger: Where later troubles are told.
    ///   - fetch: Gets a JWK Set.
    ///   - revoke: Is called with the names of API keys whose streams must end.
    /// - Throws: `CredentialFault` for the first file or setting that cannot be used.
    package init(
        _ settings: CredentialSettings, logger: Log, fetch: @escaping Fetch,
        revoke: @escaping @Sendable ([String]) -> Void
    ) throws(CredentialFault) {
        var sources: [TokenKeys.Source] = []
        files = CredentialFile.all(settings, sources: &sources)
        sources += settings.jwtKeySetURLs.map { TokenKeys.Source(name: $0, isRemote: true) }
        var policy = AccessPolicy()
        policy.tokenKeys = TokenKeys(sources)
        policy.tokenRules.issuer = settings.jwtIssuer
        policy.tokenRules.audience = settings.jwtAudience
        policy.tokenRules.allowsNoExpiry = settings.allowsNoExpiry
        policy.anonymous = try Self.anonymous(settings)
        if let name = settings.cookieName { policy.cookieName = try Self.cookieName(name) }
        let mark = settings.apiKeysFile.flatMap { Files.Mark(path: $0) }
        for file in files {
            let (change, notes) = try file.load()
            change(&policy)
            Self.tell(notes, of: file, logger)
        }
        control = AccessControl(policy)
        self.logger = logger
        self.fetch = fetch
        self.revoke = revoke
        keysMark = Lock(mark)
        remote = Lock(
            Dictionary(
                settings.jwtKeySetURLs.map { ($0, Remote()) },
                uniquingKeysWith: { first, _ in first }))
    }

    private static func anonymous(
        _ settings: CredentialSettings
    ) throws(CredentialFault) -> Grants {
        for pattern in settings.anonymousSubscribe {
            if let reason = Pattern.fault(of: pattern) {
                throw CredentialFault("--anonymous-subscribe: \(reason)")
            }
            if Pattern.isOfPresence(pattern) {
                throw CredentialFault(
                    "--anonymous-subscribe: name what is counted; who may receive post:1 may also "
                        + "receive presence:post:1.")
            }
        }
        return Grants(subscribe: PatternSet(settings.anonymousSubscribe))
    }

    /// Checks the name of a cookie (RFC 6265, 4.1.1).
    private static func cookieName(_ name: String) throws(CredentialFault) -> String {
        let separators = "()<>@,;:\\\"/[]?={}"
        guard name.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !separators.utf8.contains($0) }),
            name != AccessPolicy.sessionCookie
        else {
            throw CredentialFault(
                "--cookie-name has letters, digits, - and _, and is not "
                    + "\(AccessPolicy.sessionCookie).")
        }
        return name
    }

    // MARK: - Files

    /// Reads all files again, as SIGHUP asks for.
    ///
    /// - Returns: a sentence for each file that was not taken, whose old content stays in force.
    @discardableResult
    package func reload() -> [String] {
        keysMark.withLock { mark in
            mark = keysPath.flatMap { Files.Mark(path: $0) }
            return files.compactMap(take)
        }
    }

    /// Reads the API keys file again if it was changed.
    package func takeChangedKeys() {
        guard let keysPath else { return }
        keysMark.withLock { mark in
            let found = Files.Mark(path: keysPath)
            guard found != mark else { return }
            mark = found
            for file in files where file.path == keysPath { _ = take(file) }
        }
    }

    private var keysPath: String? { files.first { $0.flag == "api-keys-file" }?.path }

    /// Takes a file into the policy.
    ///
    /// - Returns: why it was not taken.
    private func take(_ file: CredentialFile) -> String? {
        do throws(CredentialFault) {
            let (change, notes) = try file.load()
            let lost = control.update(change)
            Self.tell(notes, of: file, logger)
            logger.info("Credentials were read again", ["flag": "--\(file.flag)"])
            if !lost.isEmpty { revoke(lost) }
            return nil
        } catch {
            logger.warning(
                "Credentials were not read again, the old ones stay",
                ["flag": "--\(file.flag)", "reason": "\(error)"])
            return "\(error)"
        }
    }

    private static func tell(_ notes: [String], of file: CredentialFile, _ logger: Log) {
        for note in notes {
            logger.warning("A key needs a look", ["flag": "--\(file.flag)", "note": note])
        }
    }

    // MARK: - URLs

    /// Fetches the keys of URLs that may have a key by now, and waits until that is done.
    ///
    /// It returns at once where a URL was fetched a short while ago.
    package func fetchKeys(of urls: [String]) async {
        for flight in urls.compactMap({ begin($0, forUnknownKey: true) }) { await flight.value }
    }

    /// Begins a fetch if it is time for one.
    ///
    /// - Returns: the fetch that runs now, if one does.
    private func begin(_ url: String, forUnknownKey: Bool) -> Task<Void, Never>? {
        remote.withLock { remote in
            if let flight = remote[url]?.flight { return flight }
            guard
                remote[url]?.schedule.begin(at: Self.now, forUnknownKey: forUnknownKey) ?? false
            else { return nil }
            let flight = Task { await self.take(url) }
            remote[url]?.flight = flight
            return flight
        }
    }

    func take(_ url: String) async {
        let result = await fetch(url).flatMap { body in
            do throws(KeyFault) {
                return .success((body, try KeySet(json: body, allowsNone: true)))
            } catch {
                return .failure(CredentialFault("\(error)."))
            }
        }
        switch result {
        case .success((let body, let keys)):
            let isNew = remote.withLock { $0[url]?.body != body }
            if isNew {
                _ = control.update { $0.tokenKeys.replace(keys, of: url) }
                logger.info("Keys were fetched", ["url": url, "keys": keys.keys.count])
                for note in keys.notes {
                    logger.warning("A key needs a look", ["url": url, "note": note])
                }
            }
            end(url, body)
        case .failure(let fault):
            logger.warning(
                "Keys were not fetched, the old ones stay",
                ["url": url, "reason": fault.description])
            end(url, nil)
        }
    }

    private func end(_ url: String, _ body: [UInt8]?) {
        remote.withLock { remote in
            if let body { remote[url]?.body = body }
            remote[url]?.flight = nil
            remote[url]?.schedule.end(at: Self.now, succeeded: body != nil)
        }
    }

    private static var now: Int { Int(Timestamp.now.milliseconds / 1000) }

    // MARK: - Running

    /// Looks after files and URLs until the task is cancelled.
    package func run() async {
        let urls = remote.withLock { Array($0.keys) }
        while !Task.isCancelled {
            for url in urls { _ = begin(url, forUnknownKey: false) }
            takeChangedKeys()
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }
}
