// The length of the write-ahead log, and how it comes into the database.
//
// Problem: an fsync takes twice as long when the file has become longer, because the file system then writes what it
//   knows about the file as well. After a clean stop SQLite begins a new write-ahead log, and every commit makes it
//   longer until it has so many pages that they are brought into the database and the log is used from its beginning.
//   And to bring them there takes as long as hundreds of commits.
// So it is given that length at the start, by a transaction that is undone, and keeps it: a log that has grown under
//   load is not cut off unless it has grown very long. Most of it is brought into the database beside the writer, on
//   another thread's connection; the writer does the rest, which has come meanwhile.
// Cost: 17 MB are written at each start of a hub after a clean stop.

internal import CSQLite

/// How long the write-ahead log is made, and how long it may stay.
enum WriteAheadLog {
    /// Pages from which on the log is brought into the database.
    static let pages = 4_000
    /// Pages that are left to the writer.
    static let rest = 64
    /// Pages by which it has grown when that is tried again, because it is not used from its beginning.
    static let growth = 500
    /// Bytes that it has from the start: so many pages and those of one more commit, each with its header.
    static let prepared = Int64(pages + 200) * (4_096 + 24)
    /// Bytes that the disk has to have free before so many are taken of it.
    static let room: Int64 = 16 * prepared
    /// Bytes to which SQLite cuts it off when it has grown longer.
    static let longest: Int64 = 64 << 20

    /// Makes the log as long as it will become, before the first commit; without it, commits will do that.
    ///
    /// - Throws: `StoreError` when the disk has no `room` for it or the log cannot be written now.
    static func prepare(_ database: Database) throws(StoreError) {
        guard unsafe store_file_size(database.path + "-wal") < prepared else { return }
        try checkRoom(free: unsafe store_free_space(database.path))
        // What does not fit into the cache is written to the log before the transaction ends. A page of it that ends
        // no transaction means nothing to SQLite.
        try database.execute("PRAGMA cache_size = 64")
        try database.execute("BEGIN IMMEDIATE")
        let written = Result { () throws(StoreError) in
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

    /// - Throws: `StoreError` when a disk with `free` bytes has too little to take so much of it.
    static func checkRoom(free: Int64) throws(StoreError) {
        guard free < room else { return }
        throw StoreError(
            .full, message: "the disk has \(free) bytes free, and \(room) are asked for it")
    }
}

extension EventStore {
    /// Whether the write-ahead log is so long that it should be brought into the file.
    package var isCheckpointDue: Bool { logPages.isDue }

    /// Brings the rest of the write-ahead log into the file, so that the next commit uses it from its beginning.
    ///
    @discardableResult
    package func checkpoint() -> Checkpoint {
        guard let left = database.checkpoint() else { return .failed }
        logPages.noteCheckpoint()
        if left > 0 { return .incomplete }
        // SQLite cuts off what is too long at the next commit: better at this one than at a publisher's.
        let length = unsafe store_file_size(path + "-wal")
        if length > WriteAheadLog.longest { try? probe() }
        return .complete
    }
}

/// How many pages the write-ahead log has, and from how many on it is to be brought into the file.
final class LogPages {
    private var count = 0
    private var due = WriteAheadLog.pages

    var isDue: Bool { count >= due }

    /// A commit has left the log with so many pages; fewer than before mean that it was begun anew.
    func noteCommit(_ pages: Int) {
        if pages < count { due = WriteAheadLog.pages }
        count = pages
    }

    /// What no reader needs is in the file.
    func noteCheckpoint() {
        due = count + WriteAheadLog.growth
    }
}

/// What has become of bringing the write-ahead log into the file.
package enum Checkpoint {
    case complete
    /// A reader still needs a part of the log, which a backup or an export may do for minutes.
    case incomplete
    /// The file could not be written, most likely because the disk is full.
    case failed
}

/// A connection that brings the write-ahead log into the file while the writer goes on; not Sendable.
///
/// That takes as long as hundreds of commits: so many pages are written all over the file, and then an fsync.
package final class Checkpointer {
    private let database: Database

    /// - Throws: `StoreError` when the file in `directory`, which a writer has made, cannot be opened.
    package static func open(
        directory: String, synchronous: Synchronous
    ) throws(StoreError) -> Checkpointer {
        let database = try Database(path: directory + "/" + EventStore.fileName)
        try database.execute("PRAGMA synchronous = \(synchronous.rawValue)")
        return Checkpointer(database)
    }

    private init(_ database: Database) {
        self.database = database
    }

    /// Brings most of the log into the file; what the writer adds meanwhile is left to `EventStore.checkpoint`.
    package func checkpoint() {
        var rest = Int.max
        // Each pass is shorter than the one before, unless a reader is in the way.
        while let left = database.checkpoint(), left > WriteAheadLog.rest, left < rest / 2 {
            rest = left
        }
    }

    package func close() {
        database.close()
    }
}
