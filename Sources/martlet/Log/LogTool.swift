internal import Configuration
internal import Hub
internal import Reactor
internal import Records
internal import Storage

/// `martlet log`: one of its commands, from its start to its exit code.
///
/// Everything here is one thread: there is nothing to do while the file or a pipe is waited for.
enum LogTool {
    static func run(_ command: LogCommand) -> Int32 {
        Interruption.allow()
        do {
            switch command.action {
            case .info: try InfoCommand(command).run()
            case .tail: try TailCommand(command).run()
            case .verify: return try VerifyCommand(command).run()
            case .export: try ExportCommand(command).run()
            case .import: try ImportCommand(command).run()
            }
            return ExitCode.ok
        } catch {
            return end(command, error)
        }
    }

    /// Says why it ends before it is done; the exit code.
    private static func end(_ command: LogCommand, _ error: any Error) -> Int32 {
        switch error {
        case OutputError.closed:
            // As `head` does: who reads has enough.
            return ExitCode.ok
        case is Interrupted:
            return command.isFollowing ? ExitCode.ok : 128 + (Interruption.number ?? 0)
        case let error as LogUsageError:
            Process.printError(
                "martlet: \(error)\nSee 'martlet log \(command.action.rawValue) --help'.")
            return ExitCode.usage
        case let error as LineError:
            Process.printError("martlet: \(error)")
            return ExitCode.data
        case let error as LogUnavailable where error.kind == .readOnly && command.action != .import:
            Process.printError(
                "martlet: The store cannot be read (\(error.message)): while no hub runs, SQLite has to "
                    + "make martlet.db-wal and martlet.db-shm beside it. Run this as the hub's user."
            )
            return ExitCode.store
        case let error as LogUnavailable:
            Process.printError("martlet: \(error)")
            return error.kind == .corrupt ? ExitCode.data : ExitCode.store
        default:
            Process.printError("martlet: \(error)")
            return ExitCode.store
        }
    }
}

extension ExitCode {
    /// The store or a line is not as it must be.
    static let data: Int32 = 65
}

extension BinaryInteger {
    /// For example `1 event` and `2 events`.
    func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

/// What was typed is not what the hub knows under that name.
struct LogUsageError: Error, CustomStringConvertible {
    let description: String
}

extension LogCommand {
    /// The resources and patterns, checked.
    func selectors() throws(LogUsageError) -> [String] {
        var selectors: [String] = []
        for name in resources {
            do throws(NameError) {
                selectors.append(try Selector(name, isStored: true).description)
            } catch {
                throw LogUsageError(description: "--resource: \(error)")
            }
        }
        return selectors
    }
}
