// The length of the write-ahead log, and how it comes into the database.
//
// Problem: an fsync takes twice as long when the file has become longer, because the file system
//   then writes what it knows about the file as well. After a clean stop SQLite begins a new
//   write-ahead log, and every commit makes it longer until it has so many pages that they are
//   brought into the database and the log is used from its beginning. And to bring them there takes
//   as long as hundreds of commits.
// So it is given that length at the start, by a transaction that is undone, and keeps it: a log
//   that has grown under load is not cut off unless it has grown very long. Most of it is brought
//   into the database beside the writer, on another thread's connection; the writer does the rest,
//   which has come meanwhile.
// Cost: 17 MB are written at each start of a hub after a clean stop.

internal import CSQLite
internal import Records

/// How long the write-ahead log is made, and how long it may stay.
enum WriteAheadLog {
    /// Pages from which on the log is brought into the database.
    static let pages = 4_000
    /// Pages that are left to the writer.
    static let rest = 16
    /// Pages by which it has grown when that is tried again, because it is not used from its
    /// beginning.
    static let growth = 500
    /// Bytes of a page in the log, with its header.
    static let frameBytes = 4_096 + 24
    /// Bytes that it has from the start: so many pages and those of one more commit, each with its
    /// header.
    static let prepared = Int64((pages + 200) * frameBytes)
    /// Bytes that the disk has to have free before so many are taken of it.
    static let room: Int64 = 16 * prepared
    /// Bytes to which SQLite cuts it off when it has grown longer.
    static let maximumBytes: Int64 = 64 << 20

    /// Makes the log as long as it will become, before the first commit; without it, commits will
    /// do that.
    ///
    /// - Throws: `LogUnavailable` when the disk has no `room` for it or the log cannot be written
    /// now.
    static func prepare(_ database: Database) throws(LogUnavailable) {
        guard unsafe store_file_size(database.path + "-wal") < prepared else { return }
        try checkRoom(free: unsafe store_free_space(database.path))
        // What does not fit into the cache is written to the log before the transaction ends. A
        // page of it that ends no transaction means nothing to SQLite.
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

    /// - Throws: `LogUnavailable` when a disk with `free` bytes has too little to take so much of
    /// it.
    static func checkRoom(free: Int64) throws(LogUnavailable) {
        guard free < room else { return }
        throw LogUnavailable(
            .full, message: "the disk has \(free) bytes free, and \(room) are asked for it")
    }
}
