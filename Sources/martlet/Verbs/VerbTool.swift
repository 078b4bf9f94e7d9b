internal import Configuration
internal import HTTPClient
internal import Reactor
internal import Verbs

/// The commands that speak to a hub from outside, from their start to their exit code.
struct VerbTool {
    /// The most bytes of a file with a token.
    private static let maximumToken = 1 << 20

    private let command: VerbCommand

    init(_ command: VerbCommand) {
        self.command = command
    }

    /// Runs the command and ends the process.
    ///
    /// A task does the work, while this thread waits for signals.
    func run() -> Never {
        Task.detached { Process.exit(await code()) }
        _ = ProcessSignal.wait()
        Process.exit(command.action == .tail ? ExitCode.ok : 130)
    }

    private func code() async -> Int32 {
        do {
            let hub = try HubCaller(url: command.url, token: try token())
            switch command.action {
            case .publish: try await PublishVerb(command, hub).run()
            case .tail: try await TailVerb(command, hub).run()
            case .jobs: return try await JobsVerb(command, hub).run()
            case .status: try await StatusVerb(command, hub).run()
            case .doctor: return try await DoctorVerb(command, hub).run()
            }
            return ExitCode.ok
        } catch OutputError.closed {
            // The reader has enough and has closed the pipe, as `head` does.
            return ExitCode.ok
        } catch {
            return CommandFailure.report(error, otherwise: Self.code(of: error))
        }
    }

    private static func code(of error: any Error) -> Int32 {
        switch error {
        case let refusal as HubCaller.Refusal:
            switch refusal.status {
            case 401, 403: ExitCode.notAllowed
            case 502, 503, 504: ExitCode.unavailable
            default: ExitCode.no
            }
        case let error as ClientError where error.kind == .invalidURL: ExitCode.usage
        case is ClientError: ExitCode.unavailable
        default: ExitCode.store
        }
    }

    private func token() throws(CommandFailure) -> String? {
        guard let path = command.tokenFile else { return command.token }
        do throws(Files.Failure) {
            let bytes = try Files.read(path, limit: Self.maximumToken)
            let text = String(decoding: bytes, as: UTF8.self)
            return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
        } catch {
            throw CommandFailure(ExitCode.usage, "--token-file cannot be read (\(error)).")
        }
    }
}

extension ExitCode {
    /// The credentials do not allow it (`EX_NOPERM`).
    static let notAllowed: Int32 = 77
}
