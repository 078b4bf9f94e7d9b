internal import Glibc
internal import Reactor
internal import Verbs

/// Standard output with lines, and on a terminal a bar that is drawn over again.
final class EventScreen {
    let output = Output()
    /// The columns of the terminal; `nil` when there is none.
    let width: Int?
    let isColoured: Bool
    /// The job whose unfinished bar is the last line.
    private var openJob: String?

    init() {
        width = output.terminalWidth
        isColoured = width != nil && (Process.environment["NO_COLOR"] ?? "").isEmpty
    }

    func show(line: [UInt8]) throws {
        try endBar()
        try output.write(line + [10])
    }

    /// Shows how far a job is, over what was shown of it before.
    func show(job: Members) throws {
        let id = job.string("id")
        if openJob != nil, openJob != id { try endBar() }
        let bar = EventText.bar(job: job, width: width ?? 100)
        guard width != nil else { return try output.writeLine(bar) }
        try output.write(Array("\r\u{1B}[K\(bar)".utf8))
        openJob = id
        if job.hasEnded { try endBar() }
    }

    private func endBar() throws {
        guard openJob != nil else { return }
        openJob = nil
        try output.write([10])
    }
}

extension Members {
    /// Whether the row of a job says that it is over.
    var hasEnded: Bool { ["succeeded", "failed", "cancelled"].contains(string("state")) }
}

/// Ends the process when nobody reads its output any more, also while nothing is written.
enum OutputWatch {
    static func start() {
        Task.detached {
            let output = Output()
            do {
                while true {
                    try await Task.sleep(for: .milliseconds(200))
                    try output.wait(milliseconds: 0)
                }
            } catch {
                Process.exit(ExitCode.ok)
            }
        }
    }
}
