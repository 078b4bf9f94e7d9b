internal import Configuration
internal import Reactor
internal import Records
internal import Storage

/// `martlet log export`: writes events as NDJSON that an import takes.
struct ExportCommand {
    private let command: LogCommand

    init(_ command: LogCommand) {
        self.command = command
    }

    func run() throws {
        let selectors = try command.selectors()
        let file = try LogFile(at: command.directory)
        defer { file.close() }
        Interruption.note()
        guard let path = command.output else {
            return try write(file, selectors, to: Output())
        }
        guard !file.files.includes(path) else {
            throw LogUsageError(description: "--output must not be a file of the store, \(path).")
        }
        let replaced = try ReplacedFile(path)
        do {
            try write(file, selectors, to: replaced.output, replaced.commit)
        } catch {
            replaced.discard()
            throw error
        }
    }

    private func write(
        _ file: LogFile, _ selectors: [String], to output: Output, _ commit: () throws -> Void = {}
    ) throws {
        let export = try LogExport(file, after: try start(in: file), matching: selectors)
        defer { export.close() }
        let progress = Progress()
        defer { progress.clear() }
        var count = 0
        var stateCount = 0
        while let resource = try export.nextEarlierEnd() {
            try output.write(EventLine.ended(resource))
        }
        while let event = try export.next() {
            try output.write(EventLine.export(event, epoch: export.epoch))
            count += 1
            if event.record.sequence < export.oldest { stateCount += 1 }
            if count % 1000 == 0 {
                try Interruption.check()
                progress.show("Exported \(count) events")
            }
        }
        try output.flush()
        try commit()
        progress.clear()
        let state = stateCount > 0 ? ", \(stateCount) of them state that is older than the log" : ""
        Process.printError(
            "Exported \(count.counted("event"))\(state); the log ends with \(export.epoch)-\(export.head)."
        )
    }

    private func start(in file: LogFile) throws -> UInt64 {
        guard let after = command.after else { return 0 }
        let (oldest, head) = try file.bounds()
        let start = try StartingPoint(
            after, epoch: try file.epoch(), oldest: oldest, head: head)
        if let notice = start.notice { Process.printError("martlet: \(notice)") }
        return start.sequence
    }
}
