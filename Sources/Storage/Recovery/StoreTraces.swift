internal import CSQLite
internal import Records
internal import WALFormat

/// What a folder tells of the last run before SQLite has opened the store, which changes it.
package struct StoreTraces {
    /// Whether a hub has been here: its database is there, or its lock's file.
    let hasRun: Bool
    /// Whether the database has a write-ahead log with anything in it.
    ///
    /// A hub that ended cleanly leaves none.
    let hasLog: Bool
    /// Frames and transactions of the log that SQLite will not read, though they were written as
    /// committed.
    let stranded: (frames: Int, transactions: Int)?
    /// Whether another process has the database open with its log, which then needs no recovery and
    /// gets none.
    let isOpenElsewhere: Bool
    /// The newest event that a hub has acknowledged here.
    let acknowledged: AcknowledgedMark.Event?
    /// Whether it is exact, since it was noted on the machine's present boot.
    private let isExact: Bool

    /// Whether there is a file of the lock, which every hub leaves; asked before this run makes it.
    static func hasLock(in directory: String) -> Bool {
        unsafe store_exists(directory + "/" + EventStore.lockName) != 0
    }

    /// Looks at the database at `path`, whose lock the caller holds.
    ///
    /// - Throws: `LogUnavailable` when the log cannot be read.
    init(ofDatabase path: String, hadLock: Bool, mark: AcknowledgedMark) throws(LogUnavailable) {
        let hasDatabase = unsafe store_exists(path) != 0
        hasRun = hadLock || hasDatabase
        hasLog = unsafe store_file_size(path + "-wal") > 0
        acknowledged = mark.read()
        isExact = mark.isOfThisBoot
        isOpenElsewhere = WALFile.isOpenElsewhere(database: path)
        guard let scan = try WALFile.scan(ofDatabase: path), scan.isDamaged else {
            stranded = nil
            return
        }
        // A log that is open is read up to where its index says, whatever stands behind.
        let end = isOpenElsewhere ? try WALFile.indexedFrames(ofDatabase: path) : nil
        let isReadWhole = end.map { scan.frames >= $0 } ?? false
        stranded = isReadWhole ? nil : (scan.strandedFrames, scan.strandedTransactions)
    }

    /// Whether all that was acknowledged is certainly in a log of that epoch which ends there.
    ///
    /// Then what is stranded was never acknowledged. It happens when a hub is killed in a commit
    /// while another process has the store open: SQLite does not recover the log, and the next
    /// commits are written over a part of that one.
    func isWhole(epoch: String, head: UInt64) -> Bool {
        guard isExact, let acknowledged else { return false }
        return acknowledged.epoch == epoch && acknowledged.sequence <= head
    }
}
