// Which reports of workers outside are announced at once.
//
// Problem: a worker may report with every frame that it draws. Each report is in the job's row, but
//   an event for each would cost every watcher, and the log, more than anyone can look at.
// Algorithm: the first report is announced at once. One that comes too soon after the last that was
//   announced is gathered. When the interval is over, what the row says then is announced, whether
//   the worker still reports or not.
// Invariant: the gate is asked within the transactions that write the rows, so its answers go by
//   the order in which the rows are written. Then no report falls between one that is announced and
//   the next.

internal import Reactor

/// Says which reports are announced, and when what was gathered is due; a value without I/O.
struct ReportGate {
    /// What becomes of a report.
    enum Decision: Equatable {
        /// It is announced with the transaction that writes it.
        case now
        /// It is announced by whoever comes at this time, and nobody has been asked to yet.
        case later(Instant)
        /// The same, and somebody will come.
        case gathered
    }

    private struct Entry {
        let lease: String
        var nextAt: Instant
        var isPending = false
    }

    /// Below this, entries that say nothing any more are not worth a search.
    private static let fewEntries = 64

    private let interval: Int
    private var entries: [String: Entry] = [:]
    private var sweepCount = fewEntries

    /// - Parameter interval: milliseconds from one report of a job that is announced to the next.
    init(interval: Int) {
        self.interval = interval
    }

    /// Takes note of a report under a lease.
    mutating func report(_ job: String, lease: String, at now: Instant) -> Decision {
        guard var entry = entries[job], entry.lease == lease, now < entry.nextAt else {
            sweep(now)
            entries[job] = Entry(lease: lease, nextAt: now.advanced(milliseconds: interval))
            return .now
        }
        guard !entry.isPending else { return .gathered }
        entry.isPending = true
        entries[job] = entry
        return .later(entry.nextAt)
    }

    /// Whether a report was gathered under a lease and is still to be announced; it counts as
    /// announced now.
    mutating func takeGathered(_ job: String, lease: String, at now: Instant) -> Bool {
        guard let entry = entries[job], entry.lease == lease, entry.isPending else { return false }
        entries[job] = Entry(lease: lease, nextAt: now.advanced(milliseconds: interval))
        return true
    }

    /// Takes back that it was announced: the transaction failed.
    mutating func putBack(_ job: String, lease: String) {
        guard entries[job]?.lease == lease else { return }
        entries[job]?.isPending = true
    }

    /// How many jobs it knows.
    var entryCount: Int { entries.count }

    /// What is gathered and not announced.
    var gathered: [(job: String, lease: String)] {
        entries.filter(\.value.isPending).map { ($0.key, $0.value.lease) }
    }

    /// Forgets entries whose time is over, whenever there are twice as many as after the last time.
    private mutating func sweep(_ now: Instant) {
        guard entries.count >= sweepCount else { return }
        entries = entries.filter { $0.value.isPending || now < $0.value.nextAt }
        sweepCount = max(Self.fewEntries, 2 * entries.count)
    }
}
