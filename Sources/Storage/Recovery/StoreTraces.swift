internal import CSQLite
internal import WALFormat

/// What a folder tells of the last run before SQLite has opened the store, which changes it.
package struct StoreTraces {
    /// Whether a hub has been here: its database is there, or its lock's file.
    let hasRun: Bool
    /// Whether the database has a write-ahead log with anything in it.
    ///
    /// A hub that ended cleanly leaves none.
    let hasLog: Bool
    /// Frames and transactions of the log that SQLite will not read, though they were committed.
    let stranded: (frames: Int, transactions: Int)?
    /// The newest event that a hub has acknowledged here.
    let acknowledged: AcknowledgedMark.Event?

    /// Whether there is a file of the lock, which every hub leaves; asked before this run makes it.
    static func hasLock(in directory: String) -> Bool {
        unsafe store_exists(directory + "/" + EventStore.lockName) != 0
    }

    /// Looks at the database at `path`, whose lock the caller holds.
    ///
    /// - Throws: `StoreError` when the log cannot be read, or is damaged while another process has it open: then
    ///   SQLite would go on with the damaged frames.
    init(ofDatabase path: String, hadLock: Bool, mark: AcknowledgedMark) throws(StoreError) {
        let hasDatabase = unsafe store_exists(path) != 0
        hasRun = hadLock || hasDatabase
        hasLog = unsafe store_file_size(path + "-wal") > 0
        acknowledged = mark.read()
        guard let scan = try WALFile.scan(ofDatabase: path), scan.isDamaged else {
            stranded = nil
            return
        }
        guard !WALFile.isOpenElsewhere(database: path) else {
            throw StoreError(
                .busy,
                message: "\(path)-wal is damaged, and another process has it open; it must end "
                    + "before the rest can be used")
        }
        stranded = (scan.strandedFrames, scan.strandedTransactions)
    }
}
