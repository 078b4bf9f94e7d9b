internal import Configuration
internal import Hub
internal import Reactor
internal import Records
internal import Storage

/// `martlet log`: runs one of its commands, from its start to its exit code.
///
/// Everything runs on one thread, because there is nothing else to do while it waits for the file
/// or a pipe.
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

    /// Prints why a command ends before it is done.
    ///
    /// - Returns: the exit code.
    private static func end(_ command: LogCommand, _ error: any Error) -> Int32 {
        switch error {
        case OutputError.closed:
            // The reader has enough and has closed the pipe, as `head` does.
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
    /// The store is damaged, or a line to import is wrong (`EX_DATAERR`).
    static let data: Int32 = 65
}

extension BinaryInteger {
    /// For example `1 event` and `2 events`.
    func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

/// The error that the value of a flag is not valid for the hub or the store.
struct LogUsageError: Error, CustomStringConvertible {
    let description: String
}

extension LogCommand {
    /// Returns the resources and patterns, checked.
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
