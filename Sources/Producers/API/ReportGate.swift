// Decides which reports of workers outside are announced at once.
//
// Problem: a worker may report with every frame that it draws. Each report is written to the job's
//   row, but an event for each would cost every watcher, and the log, more than anyone can look at.
// Algorithm: the first report is announced at once. One that comes too soon after the last
//   announced one is held. When the interval is over, the row as it is then is announced, whether
//   the worker still reports or not.
// Invariant: the gate is asked within the transactions that write the rows, so it decides in the
//   order in which the rows are written, and no report gets lost between two announcements.

internal import Reactor

/// Decides which reports are announced at once and when held ones are due; a value without I/O.
struct ReportGate {
    /// What to do with a report.
    enum Decision: Equatable {
        /// It is announced in the transaction that writes it.
        case now
        /// It is held, and the caller must see to it that it is announced at this time.
        case later(Instant)
        /// It is held, and an earlier caller sees to it.
        case gathered
    }

    private struct Entry {
        let lease: String
        var nextAt: Instant
        var isPending = false
    }

    /// The number of entries below which outdated ones are not searched for.
    private static let fewEntries = 64

    private let interval: Int
    private var entries: [String: Entry] = [:]
    private var sweepCount = fewEntries

    /// - Parameter interval: milliseconds between two announced reports of a job.
    init(interval: Int) {
        self.interval = interval
    }

    /// Notes a report under a lease, and decides what to do with it.
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

    /// Takes the held report under a lease, which counts as announced now.
    ///
    /// - Returns: whether there was one.
    mutating func takeGathered(_ job: String, lease: String, at now: Instant) -> Bool {
        guard let entry = entries[job], entry.lease == lease, entry.isPending else { return false }
        entries[job] = Entry(lease: lease, nextAt: now.advanced(milliseconds: interval))
        return true
    }

    /// Holds a report again, after the transaction that was to announce it has failed.
    mutating func putBack(_ job: String, lease: String) {
        guard entries[job]?.lease == lease else { return }
        entries[job]?.isPending = true
    }

    /// The number of jobs with an entry.
    var entryCount: Int { entries.count }

    /// The reports that are held.
    var gathered: [(job: String, lease: String)] {
        entries.filter(\.value.isPending).map { ($0.key, $0.value.lease) }
    }

    /// Removes outdated entries, whenever there are twice as many as after the last time.
    private mutating func sweep(_ now: Instant) {
        guard entries.count >= sweepCount else { return }
        entries = entries.filter { $0.value.isPending || now < $0.value.nextAt }
        sweepCount = max(Self.fewEntries, 2 * entries.count)
    }
}
