internal import Configuration
internal import Reactor
internal import Records
internal import Storage

/// `martlet log tail`: shows the newest events, or those behind a cursor, and those to come.
///
/// The file is read page by page, and no reading transaction is open while a page is written. So a
/// slow reader of the output, such as a pager, does not keep the write-ahead log from being used
/// again.
struct TailCommand {
    private static let standardLimit = 10
    private static let pageLimit = 500
    /// The milliseconds between two checks whether something was committed.
    private static let interval: Int32 = 200

    private let command: LogCommand
    private let output = Output()

    init(_ command: LogCommand) {
        self.command = command
    }

    func run() throws {
        let selectors = try command.selectors()
        let file = try LogFile(at: command.directory)
        defer { file.close() }
        Interruption.note()
        var epoch = try file.epoch()
        var cursor: UInt64
        // The number of events that may still be shown. Without --after, the limit says where to
        // begin instead.
        var left = command.after == nil ? Int.max : command.limit ?? .max
        if let after = command.after {
            let (oldest, head) = try file.bounds()
            let start = try StartingPoint(after, epoch: epoch, oldest: oldest, head: head)
            if let notice = start.notice { Process.printError("martlet: \(notice)") }
            cursor = start.sequence
        } else {
            cursor = try file.cursor(
                beforeLast: command.limit ?? Self.standardLimit, matching: selectors)
        }
        var isContinuing = false
        while left > 0 {
            let change = try file.changeCount()
            let isCaughtUp = try showPage(
                of: file, &cursor, &left, epoch, selectors, isContinuing: isContinuing)
            isContinuing = true
            guard isCaughtUp, left > 0 else { continue }
            guard command.isFollowing else { return }
            try wait(for: file, change)
            let now = try file.epoch()
            if now != epoch { Process.printError("martlet: the log has a new epoch, \(now).") }
            epoch = now
        }
    }

    /// Shows the next page of events.
    ///
    /// - Returns: whether the end of the log was reached.
    private func showPage(
        of file: LogFile, _ cursor: inout UInt64, _ left: inout Int, _ epoch: String,
        _ selectors: [String], isContinuing: Bool
    ) throws -> Bool {
        let page = try file.page(
            after: cursor, matching: selectors, limit: min(left, Self.pageLimit))
        if isContinuing, cursor + 1 < page.oldest {
            Process.printError(
                "martlet: the events from \(epoch)-\(cursor + 1) to \(epoch)-\(page.oldest - 1) "
                    + "are no longer kept.")
        }
        let width = command.isJSON ? nil : output.terminalWidth
        for record in page.records {
            try output.write(
                command.isJSON
                    ? EventLine.json(record, epoch: epoch)
                    : EventLine.text(record, epoch: epoch, width: width))
        }
        try output.flush()
        try Interruption.check()
        cursor = page.end
        left -= page.records.count
        return cursor >= page.head
    }

    private func wait(for file: LogFile, _ change: Int64) throws {
        repeat {
            try output.wait(milliseconds: Self.interval)
            guard !file.files.isReplaced else {
                throw LogUnavailable(
                    .cannotOpen, message: "\(file.files.path) was replaced or removed meanwhile")
            }
        } while try file.changeCount() == change
    }
}
