// The length of the write-ahead log.
//
// Problem: an fsync takes twice as long when the file has become longer, because the file system then writes what it
//   knows about the file as well. SQLite begins the write-ahead log anew at each start, and every commit makes it
//   longer until it has so many pages that they are brought into the database and the log is used from its beginning.
// So it is given that length at the start, by a transaction that is undone, and keeps it: a log that has grown under
//   load is not cut off unless it has grown very long.
// Cost: 17 MB are written at each start after a clean stop.

internal import CSQLite

/// How long the write-ahead log is made, and how long it may stay.
enum LogLength {
    /// Pages from which on SQLite brings the log into the database.
    static let pages: Int64 = 4_000
    /// Bytes that it has from the start: so many pages and those of one more commit, each with its header.
    static let prepared: Int64 = (pages + 200) * (4_096 + 24)
    /// Bytes beyond which it is brought into the database when nobody waits.
    static let large: Int64 = 17 << 20
    /// Bytes to which SQLite cuts it off when it has grown longer.
    static let longest: Int64 = 64 << 20

    /// Whether there is reason and room to prepare a log that has `length` bytes, on a disk with `free` bytes.
    static func isPreparationDue(length: Int64, free: Int64) -> Bool {
        length < prepared && free >= 16 * prepared
    }

    /// Makes the log as long as it will become, before the first commit.
    ///
    /// If that fails, commits will do it.
    static func prepare(_ database: Database) {
        let log = database.path + "-wal"
        guard
            isPreparationDue(
                length: unsafe store_file_size(log), free: unsafe store_free_space(database.path))
        else { return }
        // What does not fit into the cache is written to the log before the transaction ends. A page of it that ends
        // no transaction means nothing to SQLite.
        try? database.execute(
            """
            PRAGMA cache_size = 64;
            BEGIN IMMEDIATE;
            CREATE TABLE preparation (zeros BLOB);
            INSERT INTO preparation VALUES (zeroblob(\((pages + 264) * 4_096)));
            """)
        try? database.execute("ROLLBACK")
    }
}

extension EventStore {
    /// Brings the write-ahead log into the file when it has grown and nobody waits.
    package func checkpointIfLarge() {
        let size = unsafe store_file_size(path + "-wal")
        guard size > max(LogLength.large, checkpointedSize) else { return }
        // Without waiting for readers: a backup or an export may read for minutes, and each commit would wait. A
        // reader in the way or a full disk: next time.
        try? database.execute("PRAGMA busy_timeout = 0")
        try? database.execute("PRAGMA wal_checkpoint(RESTART)")
        try? database.execute("PRAGMA busy_timeout = 1000")
        checkpointedSize = min(size, LogLength.longest)
    }
}
