internal import Access
internal import Configuration
internal import Credentials
internal import Glibc
internal import JSON
internal import Reactor
internal import Telemetry

/// `martlet token`: makes a token, or says why one is refused.
struct TokenTool {
    private let command: TokenCommand
    private let now = Int(Timestamp.now.milliseconds / 1000)

    /// The most bytes of a file with a key or a token.
    private static let maximumFile = 1 << 20

    init(_ command: TokenCommand) {
        self.command = command
    }

    /// Runs the command and ends the process.
    ///
    /// Keys may have to be fetched, so it is done by a task, while this thread waits for signals.
    func run() -> Never {
        Task.detached { Process.exit(await code()) }
        _ = ProcessSignal.wait()
        Process.exit(ExitCode.software)
    }

    private func code() async -> Int32 {
        do {
            switch command.action {
            case .mint: try mint()
            case .explain: return try await explain()
            }
            return ExitCode.ok
        } catch {
            return CommandFailure.report(error, otherwise: ExitCode.usage)
        }
    }

    // MARK: - Making

    private func mint() throws {
        try Grants.check(command.grants, allowsSubject: true)
        let signer = try signer()
        guard let first = signer.algorithms.first else { return }
        var algorithm = first
        if let name = command.algorithm {
            guard let found = signer.algorithms.first(where: { $0.rawValue == name }) else {
                let names = signer.algorithms.map(\.rawValue).joined(separator: ", ")
                throw CommandFailure(
                    ExitCode.usage, "--algorithm does not fit the key; \(names) would.")
            }
            algorithm = found
        }
        Process.printLine(
            try signer.token(claims: claims, algorithm: algorithm, keyID: command.keyID))
    }

    private func signer() throws -> TokenSigner {
        let secretFile = command.hub.credentials.jwtSecretFile ?? ""
        let bytes = try command.privateKeyFile.map { try file($0, "--private-key-file") }
        let secret = try bytes == nil ? file(secretFile, "--jwt-secret-file") : []
        do throws(KeyFault) {
            if let bytes { return try TokenSigner(privateKeyFile: bytes) }
            return try TokenSigner(secretFile: secret)
        } catch {
            throw CommandFailure(ExitCode.usage, "the key cannot be used: \(error).")
        }
    }

    private func file(_ path: String, _ flag: String) throws(CommandFailure) -> [UInt8] {
        do throws(Files.Failure) { return try Files.read(path, limit: Self.maximumFile) } catch {
            throw CommandFailure(ExitCode.usage, "\(flag) cannot be read (\(error)).")
        }
    }

    private var claims: [UInt8] {
        let credentials = command.hub.credentials
        let grants = command.grants
        var json = JSONWriter()
        json.beginObject()
        if let subject = command.subject { json.member("sub", subject) }
        if let issuer = credentials.jwtIssuer { json.member("iss", issuer) }
        if let audience = credentials.jwtAudience { json.member("aud", audience) }
        json.member("iat", now)
        json.member("exp", command.expires.seconds(at: now))
        if grants != GrantSettings() {
            json.key("martlet")
            json.beginObject()
            if !grants.subscribe.isEmpty { json.member("subscribe", grants.subscribe) }
            if !grants.publish.isEmpty { json.member("publish", grants.publish) }
            if !grants.jobs.isEmpty { json.member("jobs", grants.jobs) }
            if grants.isAdmin { json.member("admin", true) }
            json.endObject()
        }
        json.endObject()
        return json.bytes
    }

    // MARK: - Explaining

    private func explain() async throws -> Int32 {
        let policy = try await policy()
        let text = try token()
        let explanation = TokenExplanation(of: text, policy: policy, at: now)
        for line in explanation.lines { Process.printLine(line) }
        return explanation.refusal == nil ? ExitCode.ok : ExitCode.no
    }

    private func token() throws(CommandFailure) -> String {
        var bytes: [UInt8]
        if let path = command.file {
            do throws(Files.Failure) {
                bytes = try Files.read(path, limit: Self.maximumFile)
            } catch {
                throw CommandFailure(ExitCode.store, "the token cannot be read (\(error)).")
            }
        } else {
            bytes = try standardInput()
        }
        let blanks: Set<UInt8> = [9, 10, 13, 32]
        while let last = bytes.last, blanks.contains(last) { bytes.removeLast() }
        let start = bytes.firstIndex { !blanks.contains($0) } ?? bytes.endIndex
        return String(decoding: bytes[start...], as: UTF8.self)
    }

    private func standardInput() throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= Self.maximumFile {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count)
            }
            guard count >= 0 else {
                throw CommandFailure(
                    ExitCode.store,
                    "standard input cannot be read (\(SystemError.text(errno))).")
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
        return bytes
    }

    /// Reads all keys that the flags name.
    private func policy() async throws -> AccessPolicy {
        let credentials = command.hub.credentials
        let fetch = try KeySetFetch()
        let sources = try CredentialSources(
            credentials, logger: Log(level: .warning), fetch: { await fetch.body(of: $0) },
            revoke: { _ in })
        var policy = sources.control.policy
        for url in credentials.jwtKeySetURLs {
            do {
                let body = try await fetch.body(of: url).get()
                policy.tokenKeys.replace(try KeySet(json: body), of: url)
            } catch {
                throw CommandFailure(
                    ExitCode.unavailable, "the keys of \(url) cannot be had: \(error)")
            }
        }
        return policy
    }
}
