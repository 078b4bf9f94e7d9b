internal import CSQLite
internal import Records
internal import WALFormat

/// What a folder shows of the last run, read before SQLite opens the store and changes it.
package struct StoreTraces {
    /// Whether a hub has run here: its database or its lock file is there.
    let hasRun: Bool
    /// Whether there is a write-ahead log that is not empty.
    ///
    /// A hub that ended cleanly leaves none.
    let hasLog: Bool
    /// Frames and transactions in the write-ahead log that were committed and that SQLite will not
    /// read.
    let stranded: (frames: Int, transactions: Int)?
    /// Whether another process has the database and its write-ahead log open.
    ///
    /// SQLite does not recover the log then.
    let isOpenElsewhere: Bool
    /// The newest event that a hub has acknowledged here.
    let acknowledged: AcknowledgedMark.Event?
    /// Whether `acknowledged` is exact, because it was noted since the machine was started.
    private let isExact: Bool

    /// Whether the folder has a lock file, which every hub leaves behind.
    ///
    /// Ask before this run creates its own.
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
        // SQLite reads a log that is open up to where its index says, whatever comes after.
        let end = isOpenElsewhere ? try WALFile.indexedFrames(ofDatabase: path) : nil
        let isReadWhole = end.map { scan.frames >= $0 } ?? false
        stranded = isReadWhole ? nil : (scan.strandedFrames, scan.strandedTransactions)
    }

    /// Whether a log of `epoch` that ends at `head` certainly has every acknowledged event.
    ///
    /// What is stranded was then never acknowledged. That happens when a hub is killed during a
    /// commit while another process has the store open: SQLite does not recover the log, and the
    /// next commits overwrite a part of that one.
    func isWhole(epoch: String, head: UInt64) -> Bool {
        guard isExact, let acknowledged else { return false }
        return acknowledged.epoch == epoch && acknowledged.sequence <= head
    }
}
