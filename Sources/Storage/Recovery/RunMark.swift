// Without an fsync per commit a power loss may take the newest events. Their sequences would be
// given again, and a cursor from before would skip events without a word. So each run notes in the
// file that it is under way, on which boot of the machine, and how durable its commits are. A run
// that did not end, on another boot, with less than full durability, may have lost events: the log
// gets a new epoch, and every old cursor is answered with a reset. A process that was killed on the
// same boot has lost nothing: the system still has its writes.

internal import Records

/// The mark that a run leaves in the store.
enum RunMark {
    /// Whether the last run may have acknowledged events that are not in the file.
    static func mayHaveLostEvents(_ database: Database) throws(LogUnavailable) -> Bool {
        guard let mark = try database.text("SELECT value FROM meta WHERE key = 'session'") else {
            return false
        }
        return mark != Synchronous.full.pragma && !mark.hasSuffix(" " + (Boot.id ?? "unknown"))
    }

    /// Whether a run uses the store now, or ended without removing its mark.
    static func isOpen(_ database: Database) throws(LogUnavailable) -> Bool {
        try database.text("SELECT value FROM meta WHERE key = 'session'") != nil
    }

    static func begin(
        _ database: Database, synchronous: Synchronous
    ) throws(LogUnavailable) {
        let mark =
            synchronous == .full
            ? synchronous.pragma : "\(synchronous.pragma) \(Boot.id ?? "unknown")"
        try database.execute("REPLACE INTO meta VALUES ('session', '\(mark)')")
    }

    /// Removes the mark, once everything is in the file.
    static func end(_ database: Database) throws(LogUnavailable) {
        try database.execute("PRAGMA synchronous = FULL")
        try database.execute("DELETE FROM meta WHERE key = 'session'")
    }
}
