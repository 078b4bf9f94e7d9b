internal import Records

/// A loss found at the start: something that the last run had is missing.
package enum StoreLoss: Sendable, Equatable {
    /// Transactions stand in the write-ahead log behind a damaged place, so that SQLite does not
    /// read them.
    case damagedLog(frames: Int, transactions: Int, events: UInt64?)
    /// The log ends before an event that was acknowledged.
    case missingEvents(acknowledged: UInt64, last: UInt64)
    /// A hub has used the database without closing it, and its write-ahead log is missing.
    case missingLog
    /// A hub has run here before, and the database has no tables.
    case emptied

    /// The loss as a sentence without its full stop.
    package var description: String {
        switch self {
        case .damagedLog(let frames, let transactions, let events):
            "\(frames) frames with \(transactions) transactions stand in the write-ahead log behind a damaged "
                + "place" + (events.map { ", and \($0) acknowledged events are missing" } ?? "")
        case .missingEvents(let acknowledged, let last):
            "event \(acknowledged) was acknowledged, and the log ends at \(last)"
        case .missingLog:
            "the database is a copy of one that was in use, and its write-ahead log is missing"
        case .emptied:
            "a hub has run in this folder, and its database is missing or was copied without its write-ahead log"
        }
    }

    /// Whether acknowledged events are certainly missing; if not, they may be.
    package var isCertain: Bool {
        switch self {
        case .damagedLog, .missingEvents: true
        case .missingLog, .emptied: false
        }
    }

    /// Compares what is in the store with what the last run has left in the folder; `nil` when
    /// nothing is missing.
    ///
    /// Without an `epoch` the database has no tables. `hasSession` says that a hub uses it, or was
    /// killed.
    init?(_ traces: StoreTraces, epoch: String?, head: UInt64, hasSession: Bool) {
        let acknowledged = traces.acknowledged.flatMap {
            epoch == nil || $0.epoch == epoch ? $0.sequence : nil
        }
        let missing = acknowledged.map { $0 > head ? $0 - head : 0 }
        let isWhole = epoch.map { traces.isWhole(epoch: $0, head: head) } ?? false
        if let (frames, transactions) = traces.stranded, !isWhole {
            self = .damagedLog(frames: frames, transactions: transactions, events: missing)
        } else if epoch == nil {
            guard traces.hasRun else { return nil }
            self = .emptied
        } else if let acknowledged, acknowledged > head {
            self = .missingEvents(acknowledged: acknowledged, last: head)
        } else if hasSession, !traces.hasLog, traces.acknowledged == nil {
            // If there is a mark, the event that it names is in the database: another program has
            // brought the write-ahead log into it, and nothing is missing.
            self = .missingLog
        } else {
            return nil
        }
    }
}

extension StoreLoss {
    /// Looks for a loss in a database, without changing it.
    ///
    /// `version` is the file's format, 0 when it has no tables.
    /// - Returns: `nil` when nothing is missing.
    /// - Throws: `LogUnavailable` when the database cannot be read, or when its write-ahead log is
    ///   damaged while another process has it open, since SQLite would go on with the damaged
    ///   frames.
    static func find(
        _ traces: StoreTraces, in database: Database, version: Int
    ) throws(LogUnavailable) -> StoreLoss? {
        var epoch: String?
        var head: Int64 = 0
        var hasSession = false
        if version > 0 {
            epoch = try database.text("SELECT value FROM meta WHERE key = 'epoch'")
            head = try database.integer(Schema.headQuery) ?? 0
            hasSession = try RunMark.isOpen(database)
        }
        let loss = StoreLoss(
            traces, epoch: epoch, head: UInt64(clamping: head), hasSession: hasSession)
        guard traces.stranded != nil, traces.isOpenElsewhere else { return loss }
        throw LogUnavailable(
            .busy,
            message: "\(database.path)-wal is damaged, and another process has it open; it must "
                + "end before the rest can be used")
    }
}
