internal import Configuration
internal import Hub
internal import JSON
internal import Reactor
internal import Records
internal import Storage

/// `martlet log verify`: checks whether a store is sound.
struct VerifyCommand {
    /// The number of findings that are shown; the others are counted.
    private static let maximumFindings = 20

    private let command: LogCommand

    init(_ command: LogCommand) {
        self.command = command
    }

    func run() throws -> Int32 {
        let files = try StoreFiles(at: command.directory)
        let traces = try files.traces()
        let file = try LogFile(files)
        defer { file.close() }
        let output = Output()
        let progress = Progress()
        var findings: [String] = []
        let check = LogCheck(
            file, traces: traces, judge: EventJudge.finding,
            onFinding: { if findings.count < Self.maximumFindings { findings.append($0) } },
            onProgress: { part, done, total in
                progress.show(
                    total > 0
                        ? "Checking \(part): \(done) of \(total)" : "Checking \(part) …")
            })
        let count = try check.run()
        progress.clear()
        for finding in findings { try output.writeLine(finding) }
        if count > findings.count {
            try output.writeLine("… and \(count - findings.count) more")
        }
        let path = file.files.path
        if count > 0 {
            try output.writeLine("\(path) is damaged: \(count.counted("finding")).")
        } else {
            try output.writeLine("\(path) is sound: \(try description(of: file)).")
        }
        try output.flush()
        return count > 0 ? ExitCode.data : ExitCode.ok
    }

    private func description(of file: LogFile) throws -> String {
        let figures = try file.figures()
        let count = figures.head + 1 - figures.oldest
        let range =
            count > 0
            ? ", \(figures.epoch)-\(figures.oldest) to \(figures.epoch)-\(figures.head)" : ""
        return "\(count.counted("event"))\(range), \(figures.retainedCount) retained, "
            + figures.keyCount.counted("key")
    }
}

/// Checks single events by the rules for what may be published.
enum EventJudge {
    static func finding(_ record: EventRecord) -> String? {
        do throws(NameError) {
            _ = try EventName(record.name)
        } catch {
            return error.description
        }
        guard (1...100).contains(record.resources.count) else {
            return "it has \(record.resources.count) resources"
        }
        for name in record.resources {
            do throws(NameError) {
                _ = try Resource(name, isStored: true)
            } catch {
                return error.description
            }
        }
        do throws(JSONError) {
            var json = JSONReader(record.data)
            try json.skipValue()
            try json.finish()
            return nil
        } catch {
            return "its data is no JSON. \(error)"
        }
    }
}
