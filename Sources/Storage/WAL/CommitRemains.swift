// A commit that was refused stays refused.
//
// Problem: when the disk does not confirm a commit, SQLite takes it back for this process, and its
//   frames are in the write-ahead log as before, with the mark of the commit. After a crash they
//   are read as a commit: an event that was answered 503 is delivered.
// So a commit of the hub's own is written over it in the same turn. The next commit begins at the
//   same place, and what is left of a refused one behind it has a wrong checksum then. It is as
//   long as what was refused, so that a mark of a commit that is not one does not look like a
//   damaged log (see WALScan) at the next start.
// Even when the disk does not confirm that one either, it has taken the place of the refused one
//   for whoever reads the file after a kill of the process; for a crash of the machine it takes one
//   that succeeds, which is tried before anything else is committed.

package import Records

/// How long what a refused commit has left in the write-ahead log may be.
struct CommitRemains {
    private(set) var pages = 0

    var isEmpty: Bool { pages == 0 }

    /// A transaction has failed after so many pages were written; only one that the disk failed may
    /// be in the log as a whole, since the mark is in the last frame.
    mutating func note(_ error: LogUnavailable, pages count: Int) {
        guard error.kind == .io else { return }
        pages = max(pages, count, 1)
    }

    /// Nothing of it can be read as a commit any more.
    mutating func clear() {
        pages = 0
    }
}

extension EventStore {
    /// Pages of a large event.
    private static let probePages = 64

    /// Proves that the file takes writes again, by one of the size of a large event, which is
    /// undone.
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

    /// Whether the log may hold a refused commit as a whole.
    package var mayHoldRefused: Bool { !remains.isEmpty }

    /// Writes over what a refused commit may have left, if one has.
    ///
    /// - Throws: `LogUnavailable` when that fails too; then it is tried again before the next
    /// commit.
    package func overwriteRemains() throws(LogUnavailable) {
        if !remains.isEmpty { try probe() }
    }
}
