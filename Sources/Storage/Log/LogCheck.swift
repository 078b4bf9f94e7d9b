// Checks that a store is as a hub leaves it. SQLite's own checks come first, then those of what
// SQLite cannot know: that the log has no gap, that the index of resources agrees with the log, and
// that state, keys and the log's end agree with it too.
//
// The whole check reads one snapshot of the file. A part that cannot be read is a finding, and the
// check goes on with the next part.
// Memory: one event at a time and a few bytes for each thousand of them, so the log may be larger
//    than memory.

package import Records

/// A check of a whole store, which reports each finding as one line.
package final class LogCheck {
    /// How many findings SQLite's own check of the file reports at most.
    private static let maximumFileFindings = 100

    let file: LogFile
    let database: Database
    /// Says what is wrong with an event taken alone; `nil` when nothing is.
    ///
    /// The caller supplies it, since the store does not know the rules for names and data.
    let judge: (EventRecord) -> String?
    private let traces: StoreTraces?
    private let onFinding: (String) -> Void
    private let onProgress: (_ part: String, _ done: UInt64, _ total: UInt64) -> Void
    private var findingCount = 0

    package init(
        _ file: LogFile, traces: StoreTraces? = nil, judge: @escaping (EventRecord) -> String?,
        onFinding: @escaping (String) -> Void,
        onProgress: @escaping (_ part: String, _ done: UInt64, _ total: UInt64) -> Void
    ) {
        self.file = file
        database = file.database
        self.traces = traces
        self.judge = judge
        self.onFinding = onFinding
        self.onProgress = onProgress
    }

    /// Checks everything.
    ///
    /// - Returns: how many findings there were.
    /// - Throws: `LogUnavailable` when the file cannot be read for another reason than damage.
    package func run() throws(LogUnavailable) -> Int {
        try database.read { () throws(LogUnavailable) in
            try examine("the file") { () throws(LogUnavailable) in try checkFile() }
            let head = try checkEnds()
            try checkTraces(head: head)
            try checkLog(upTo: head)
            try examine("retained") { () throws(LogUnavailable) in try checkState(upTo: head) }
            try examine("ended") { () throws(LogUnavailable) in
                try checkEndedResources(upTo: head)
            }
            try examine("idempotency") { () throws(LogUnavailable) in try checkKeys(upTo: head) }
            return findingCount
        }
    }

    func find(_ finding: String) {
        findingCount += 1
        onFinding(finding)
    }

    func advance(_ part: String, _ done: UInt64 = 0, of total: UInt64 = 0) {
        onProgress(part, done, total)
    }

    /// Runs a part of the check, and reports damage that keeps it from being read as a finding.
    func examine(_ part: String, _ body: () throws(LogUnavailable) -> Void) throws(LogUnavailable) {
        do throws(LogUnavailable) {
            try body()
        } catch {
            switch error.kind {
            case .corrupt, .notADatabase, .io, .other:
                find("\(part) cannot be read: \(error.message)")
            default: throw error
            }
        }
    }

    /// Has SQLite check pages, indexes, types and references between tables.
    private func checkFile() throws(LogUnavailable) {
        advance("the file")
        let rows = try database.statement("PRAGMA integrity_check(\(Self.maximumFileFindings))")
        defer { rows.reset() }
        while try rows.step() {
            let lines = rows.text(0).split(separator: "\n").filter { !$0.hasPrefix("***") }
            for line in lines where line != "ok" { find("the file: \(line)") }
        }
        advance("references between tables")
        let strays = try database.statement("PRAGMA foreign_key_check")
        defer { strays.reset() }
        while try strays.step() {
            find("\(strays.text(0)): row \(strays.integer(1)) has no row in \(strays.text(2))")
        }
    }

    /// Reports commits that SQLite does not read, and an acknowledged event behind the log's end.
    private func checkTraces(head: UInt64) throws(LogUnavailable) {
        guard let traces else { return }
        var epoch: String?
        try examine("meta") { () throws(LogUnavailable) in
            epoch = try database.text("SELECT value FROM meta WHERE key = 'epoch'")
        }
        guard let epoch else { return }
        if let (frames, transactions) = traces.stranded, !traces.isWhole(epoch: epoch, head: head) {
            find(
                "the write-ahead log: \(frames) frames with \(transactions) transactions stand "
                    + "behind a damaged place and are not read")
        }
        if let event = traces.acknowledged, event.epoch == epoch, event.sequence > head {
            find("events: event \(event.sequence) was acknowledged, and the log ends at \(head)")
        }
    }

    /// Checks the epoch and where the log ends.
    ///
    /// - Returns: the last sequence of the log.
    private func checkEnds() throws(LogUnavailable) -> UInt64 {
        try examine("meta") { () throws(LogUnavailable) in
            let epoch = try database.text("SELECT value FROM meta WHERE key = 'epoch'")
            guard let epoch else { return find("meta: there is no epoch") }
            let isWellFormed =
                (1...13).contains(epoch.utf8.count)
                && epoch.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0) }
            if !isWellFormed {
                find("meta: the epoch is not 1 to 13 digits and small letters: \(epoch.quoted)")
            }
        }
        var end: UInt64 = 0
        try examine("head") { () throws(LogUnavailable) in
            let first = try database.integer("SELECT min(seq) FROM events WHERE true")
            let last = try database.integer("SELECT max(seq) FROM events WHERE true")
            let newest = try database.integer("SELECT at FROM events ORDER BY seq DESC LIMIT 1")
            end = UInt64(clamping: last ?? 0)
            let head = try database.statement("SELECT seq, at FROM head WHERE one = 1")
            defer { head.reset() }
            guard try head.step() else { return find("head: its row is missing") }
            let (noted, time) = (head.integer(0), head.integer(1))
            end = max(end, UInt64(clamping: noted))
            if noted < 0 { find("head: its sequence is \(noted)") }
            if let last, let newest {
                if noted > last {
                    find("events: \(last + 1) to \(noted) are missing at the log's end")
                }
                if noted <= last, time > newest {
                    find("head: its time is behind that of the newest event, \(last)")
                }
            }
            if let first, first > 1, noted < first - 1 {
                find("events: \(max(noted, 0) + 1) to \(first - 1) are missing at the log's start")
            }
        }
        return end
    }
}

extension StringProtocol {
    /// The text as a finding shows it: short, on one line.
    var quoted: String {
        let short = unicodeScalars.prefix(80).map {
            $0.properties.generalCategory == .control ? "\u{FFFD}" : $0
        }
        return "\"" + String(String.UnicodeScalarView(short))
            + (short.count < unicodeScalars.count ? "…\"" : "\"")
    }
}
