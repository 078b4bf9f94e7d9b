// A commit that was refused stays refused.
//
// Problem: when the disk does not confirm a commit, SQLite undoes it within this process, but its
//   frames stay in the write-ahead log, and with them the commit mark. After a crash they are read
//   as a commit: an event that was answered 503 is delivered.
// So in the same turn the hub writes a commit of its own over them. It begins at the same place in
//   the log, and what is left of the refused commit behind it has a wrong checksum from then on. It
//   is as long as the refused commit, so that no commit mark is left behind it that would look like
//   a damaged log (see WALScan) at the next start.
// Even when the disk does not confirm that commit either, it has taken the place of the refused one
//   for whoever reads the file after a kill of the process. For a crash of the machine it takes a
//   commit that succeeds, which is tried before anything else is committed.

package import Records

/// How much a refused commit may have left in the write-ahead log.
struct CommitRemains {
    private(set) var pages = 0

    var isEmpty: Bool { pages == 0 }

    /// Notes that a transaction has failed after `count` pages were written.
    ///
    /// Only one that failed with an I/O error may be in the log as a whole, since the commit mark
    /// is in the last frame.
    mutating func note(_ error: LogUnavailable, pages count: Int) {
        guard error.kind == .io else { return }
        pages = max(pages, count, 1)
    }

    /// Notes that nothing of a refused commit can be read as a commit any more.
    mutating func clear() {
        pages = 0
    }
}

extension EventStore {
    /// The number of pages of a large event.
    private static let probePages = 64

    /// Proves that the file takes writes again: writes a value of a large event's size and deletes
    /// it.
    package func probe() throws(LogUnavailable) {
        let pages = max(Self.probePages, remains.pages)
        let written = database.pagesWritten
        do throws(LogUnavailable) {
            // Two digits for each byte.
            try database.execute(
                "REPLACE INTO meta VALUES ('probe', hex(zeroblob(\(pages * usage.pageSize / 2))))")
            remains.clear()
            try database.execute("DELETE FROM meta WHERE key = 'probe'")
        } catch {
            remains.note(error, pages: database.pagesWritten &- written)
            throw error
        }
    }

    /// Whether the write-ahead log may hold the whole of a refused commit.
    package var mayHoldRefused: Bool { !remains.isEmpty }

    /// Writes over what a refused commit may have left in the write-ahead log, if there was one.
    ///
    /// - Throws: `LogUnavailable` when that fails too; then it is tried again before the next
    ///   commit.
    package func overwriteRemains() throws(LogUnavailable) {
        if !remains.isEmpty { try probe() }
    }
}
