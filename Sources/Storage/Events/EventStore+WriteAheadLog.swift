// The length of the write-ahead log.
//
// Problem: an fsync takes twice as long when the file has become longer, because the file system then writes what it
//   knows about the file as well. After a clean stop SQLite begins a new write-ahead log, and every commit makes it
//   longer until it has so many pages that they are brought into the database and the log is used from its beginning.
// So it is given that length at the start, by a transaction that is undone, and keeps it: a log that has grown under
//   load is not cut off unless it has grown very long.
// Cost: 17 MB are written at each start of a hub after a clean stop.

internal import CSQLite

/// How long the write-ahead log is made, and how long it may stay.
package enum WriteAheadLog {
    /// Pages from which on SQLite brings the log into the database.
    static let pages: Int64 = 4_000
    /// Bytes that it has from the start: so many pages and those of one more commit, each with its header.
    static let prepared: Int64 = (pages + 200) * (4_096 + 24)
    /// Bytes that the disk has to have free before so many are taken of it.
    package static let room: Int64 = 16 * prepared
    /// Bytes beyond which it is brought into the database when nobody waits.
    static let large: Int64 = 17 << 20
    /// Bytes to which SQLite cuts it off when it has grown longer.
    static let longest: Int64 = 64 << 20

    /// Whether there is reason and room to prepare a log that has `length` bytes, on a disk with `free` bytes.
    static func isPreparationDue(length: Int64, free: Int64) -> Bool {
        length < prepared && free >= room
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
    private var logLength: Int64 { unsafe store_file_size(path + "-wal") }

    /// Whether the write-ahead log has the length that makes commits fast.
    package var isLogPrepared: Bool { logLength >= WriteAheadLog.prepared }

    /// Brings the write-ahead log into the file when it has grown and nobody waits.
    ///
    /// - Returns: `false` when there was reason to, but not the chance: a reader was in the way, which a backup or an
    ///   export may be for minutes, or the disk is full.
    @discardableResult
    package func checkpointIfLarge() -> Bool {
        let length = logLength
        guard length > max(WriteAheadLog.large, checkpointedSize) else { return true }
        guard database.restartLog() else { return false }
        // SQLite cuts off what is too long at the next commit: better at this one than at a publisher's.
        if length > WriteAheadLog.longest { try? probe() }
        checkpointedSize = min(length, WriteAheadLog.longest)
        return true
    }
}
