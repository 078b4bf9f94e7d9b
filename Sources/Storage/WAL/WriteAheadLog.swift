// The length of the write-ahead log, and how it comes into the database.
//
// Problem: an fsync takes twice as long when the file has become longer, because the file system
//   then writes the file's metadata as well. After a clean stop SQLite begins a new write-ahead
//   log. Every commit makes it longer until a checkpoint brings its pages into the database and the
//   log is used from its beginning again. And a checkpoint takes as long as hundreds of commits.
// So the log is given that length at the start, by a transaction that is undone, and keeps it: a
//   log that has grown under load is not truncated unless it has grown very long. Most of a
//   checkpoint is done beside the writer, on another thread's connection. The writer does the rest,
//   for the pages that have come meanwhile.
// Cost: 17 MB are written at each start of a hub after a clean stop.

internal import CSQLite
internal import Records

/// The lengths of the write-ahead log: at the start, when a checkpoint is due, and at most.
enum WriteAheadLog {
    /// The number of pages from which on the log is brought into the database.
    static let pages = 4_000
    /// The number of pages that the checkpointer may leave to the writer.
    static let rest = 16
    /// The number of pages by which the log grows until a checkpoint is tried again, when it was
    /// not begun anew after the last one.
    static let growth = 500
    /// The number of bytes of a page in the log, with its header.
    static let frameBytes = 4_096 + 24
    /// The number of bytes that the log has from the start: those of `pages` pages and of one more
    /// commit.
    static let prepared = Int64((pages + 200) * frameBytes)
    /// The number of bytes that must be free on the disk before the log is given its length.
    static let room: Int64 = 16 * prepared
    /// The number of bytes to which SQLite truncates the log when it has grown longer.
    static let maximumBytes: Int64 = 64 << 20

    /// Gives the log its length before the first commit; otherwise commits make it longer one by
    /// one.
    ///
    /// - Throws: `LogUnavailable` when the disk has no `room` for it or the log cannot be written
    ///   now.
    static func prepare(_ database: Database) throws(LogUnavailable) {
        guard unsafe store_file_size(database.path + "-wal") < prepared else { return }
        try checkRoom(free: unsafe store_free_space(database.path))
        // Pages that do not fit into the cache are written to the log before the transaction ends.
        // SQLite ignores pages there that no commit follows.
        try database.execute("PRAGMA cache_size = 64")
        try database.execute("BEGIN IMMEDIATE")
        let written = Result { () throws(LogUnavailable) in
            try database.execute(
                """
                CREATE TABLE preparation (zeros BLOB);
                INSERT INTO preparation VALUES (zeroblob(\((pages + 264) * 4_096)));
                """)
        }
        // Some errors have rolled back already.
        if !database.isIdle { try database.execute("ROLLBACK") }
        try written.get()
    }

    /// Checks that a disk with `free` bytes has room for the log.
    ///
    /// - Throws: `LogUnavailable` when it has less than `room`.
    static func checkRoom(free: Int64) throws(LogUnavailable) {
        guard free < room else { return }
        throw LogUnavailable(
            .full, message: "the disk has \(free) bytes free, and \(room) are asked for it")
    }
}
