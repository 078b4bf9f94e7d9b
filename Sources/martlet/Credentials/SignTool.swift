internal import Access
internal import Configuration
internal import Reactor
internal import Telemetry
internal import Verbs

/// `martlet sign`: prints a signed URL.
enum SignTool {
    private static let maximumSecret = 1 << 20

    /// - Returns: the exit code.
    static func run(_ command: SignCommand) -> Int32 {
        do throws(CommandFailure) {
            Process.printLine(try url(command))
            return ExitCode.ok
        } catch {
            Process.printError("martlet: \(error)")
            return error.code
        }
    }

    private static func url(_ command: SignCommand) throws(CommandFailure) -> String {
        let names = command.resources.utf8.split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false
        ).map { String(Substring($0)) }
        for name in names {
            if let reason = Pattern.fault(of: name) {
                throw CommandFailure(ExitCode.usage, "--resources: \(reason)")
            }
        }
        let now = Int(Timestamp.now.milliseconds / 1000)
        let expires = String(command.expires.seconds(at: now))
        let secret = try secret(command.secretFile)
        let signature = SignedURL.signature(
            resources: command.resources, expires: expires, secret: secret)
        return "/stream?resources=\(HubCaller.encoded(command.resources))&expires=\(expires)"
            + "&signature=\(signature)"
    }

    private static func secret(_ path: String) throws(CommandFailure) -> [UInt8] {
        let bytes: [UInt8]
        do throws(Files.Failure) {
            bytes = try Files.read(path, limit: maximumSecret)
        } catch {
            throw CommandFailure(ExitCode.usage, "--url-secret-file cannot be read (\(error)).")
        }
        do throws(KeyFault) { return try Secret.read(bytes) } catch {
            throw CommandFailure(
                ExitCode.usage, "--url-secret-file cannot be used: \(error).")
        }
    }
}
