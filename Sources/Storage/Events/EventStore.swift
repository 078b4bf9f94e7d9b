// The writer's side of the store. One thread owns it; what it does in one call is one transaction.

internal import CSQLite
package import Records

/// The log, the retained state and the idempotency keys in one SQLite file; not Sendable.
package final class EventStore {
    /// How long an idempotency key is remembered, in milliseconds.
    static let keyLifetime: Int64 = 24 * 60 * 60 * 1000
    static let fileName = "martlet.db"
    static let lockName = "martlet.lock"
    package let path: String
    /// The random name of this log, 1–13 base-36 digits.
    ///
    /// It is drawn when the file is made, and again when the log has lost events or may have.
    package let epoch: String
    var bounds: LogBounds
    /// Why the write-ahead log could not be prepared, which only makes the first commits slower.
    package let preparationError: LogUnavailable?
    /// What this start finds missing of the last run; if anything is, the log has a new epoch.
    package let loss: StoreLoss?
    /// The number of pages that the file has with nothing stored in it.
    let emptyPages: Int64

    let database: Database
    let statements: EventStatements
    let sizes: IndexSizes
    private let lock: Int32
    private let mark: AcknowledgedMark
    var usage: FileUsage
    var unindexed = UnindexedWords()
    var publishers = PublisherNumbers()
    package let progress = WALProgress()
    let checkpoints: CheckpointConnection
    var checkpointThreshold = CheckpointThreshold()
    /// What a commit that failed may have left in the write-ahead log.
    var remains = CommitRemains()

    /// Opens the store in `directory`, making both where they are missing.
    ///
    /// With `preparesWAL`, the write-ahead log is given its length at once, which makes commits of
    /// single events faster.
    /// - Throws: `LogUnavailable` when the directory, its lock or the file cannot be opened.
    package static func open(
        directory: String, synchronous: Synchronous, index sizes: IndexSizes = IndexSizes(),
        preparesWAL: Bool = false
    ) throws(LogUnavailable) -> EventStore {
        try makeDirectory(directory)
        let hadLock = StoreTraces.hasLock(in: directory)
        let lock = unsafe store_lock(directory + "/" + lockName)
        guard lock != -1 else {
            throw LogUnavailable(
                .busy, message: "another hub runs on \(directory); only one may")
        }
        guard lock >= 0 else {
            let reason = unsafe String(cString: store_error_text())
            throw LogUnavailable(.cannotOpen, message: "\(directory)/\(lockName): \(reason)")
        }
        do throws(LogUnavailable) {
            return try EventStore(
                directory: directory, synchronous: synchronous, index: sizes,
                preparesWAL: preparesWAL, lock: lock, hadLock: hadLock)
        } catch {
            store_unlock(lock)
            throw error
        }
    }

    private init(
        directory: String, synchronous: Synchronous, index sizes: IndexSizes, preparesWAL: Bool,
        lock: Int32, hadLock: Bool
    ) throws(LogUnavailable) {
        path = directory + "/" + Self.fileName
        self.lock = lock
        self.sizes = sizes
        mark = AcknowledgedMark(descriptor: lock)
        let traces = try StoreTraces(ofDatabase: path, hadLock: hadLock, mark: mark)
        database = try Database(path: path)
        let version = try Schema.version(of: database)
        // Debian's SQLite overwrites what is deleted: a part of the index that is emptied would be
        // written once more, in one commit. With FAST only what is written anyway is overwritten.
        try database.execute(
            """
            PRAGMA secure_delete = FAST;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = \(synchronous.pragma);
            PRAGMA journal_size_limit = \(WriteAheadLog.maximumBytes);
            PRAGMA temp_store = MEMORY;
            PRAGMA trusted_schema = OFF;
            """)
        database.watchWAL(progress.noteCommit)
        let loss = try StoreLoss.find(traces, in: database, version: version)
        self.loss = loss
        // Otherwise the next start would find the stranded frames again. A log that is begun anew
        // has other salts.
        if case .damagedLog = loss { try database.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
        do throws(LogUnavailable) {
            if preparesWAL { try WriteAheadLog.prepare(database) }
            preparationError = nil
        } catch {
            preparationError = error
        }
        try database.execute("PRAGMA cache_size = -65536")
        let random = String(UInt64.random(in: 0..<(1 << 40)), radix: 36)
        try Schema.migrate(database, from: version, newEpoch: random)
        statements = try EventStatements(database)
        emptyPages = try database.integer(Schema.emptyPagesQuery) ?? 0
        usage = FileUsage(pageSize: Int(try database.integer("PRAGMA page_size") ?? 0))
        guard let found = try database.text("SELECT value FROM meta WHERE key = 'epoch'") else {
            throw LogUnavailable(.corrupt, message: "\(path) has no epoch")
        }
        let first = try database.integer("SELECT min(seq) FROM events WHERE true")
        guard let last = try database.integer(Schema.headQuery), last >= 0, first ?? 1 > 0 else {
            throw LogUnavailable(.corrupt, message: "\(path) does not tell where its log ends")
        }
        let mayHaveLostEvents = try RunMark.mayHaveLostEvents(database)
        epoch = loss != nil || mayHaveLostEvents ? random : found
        if epoch != found {
            try database.execute("UPDATE meta SET value = '\(random)' WHERE key = 'epoch'")
        }
        try RunMark.begin(database, synchronous: synchronous)
        checkpoints = try CheckpointConnection(database, progress: progress)
        mark.begin()
        bounds = LogBounds(
            oldest: first.map { UInt64($0) } ?? UInt64(last) + 1, head: UInt64(last),
            lastTime: try database.integer(Schema.lastTimeQuery) ?? 0,
            index: try IndexParts(database))
        noteAcknowledged()
        // Brings the mark of this run into the database itself, which then says that it is in use
        // and that a write-ahead log belongs to it.
        checkpoint()
    }

    /// SQLite's version if it has the WAL-reset fault; `nil` if it does not.
    ///
    /// Only another program on the file could bring the fault about.
    package static var faultyEngineVersion: String? {
        let version = SQLiteVersion.current
        return version.hasResetFault ? version.description : nil
    }

    /// The last sequence given; 0 when there was none yet.
    package var head: UInt64 { bounds.head }
    /// The first sequence kept; `head + 1` when there is none.
    package var oldest: UInt64 { bounds.oldest }
    /// The time of the last event, in milliseconds since 1970.
    package var lastTime: Int64 { bounds.lastTime }

    var ends: EndTable { EndTable(database: database) }

    /// Reads the newest events, at most `count` and about `bytes` bytes of data, in ascending
    /// order.
    ///
    /// - Throws: `LogUnavailable` when there is a gap between them, or the file cannot be read.
    package func newest(count: Int, bytes: Int) throws(LogUnavailable) -> [EventRecord] {
        let rows = try database.statement(
            "SELECT \(EventRecord.allColumns) FROM events ORDER BY seq DESC LIMIT ?1")
        defer { rows.reset() }
        rows.bind(1, Int64(clamping: count))
        var records: [EventRecord] = []
        var size = 0
        while try rows.step() {
            let record = EventRecord(rows, all: true)
            guard record.sequence + UInt64(records.count) == head else {
                throw LogUnavailable(
                    .corrupt,
                    message: "\(path) has a gap in its log after event "
                        + "\(record.sequence)")
            }
            size += record.data.count + 200
            if size > bytes, !records.isEmpty { break }
            records.append(record)
        }
        return records.reversed()
    }

    /// Calls `body` with the name of each resource that has ended.
    package func endedResources(_ body: (String) -> Void) throws(LogUnavailable) {
        let rows = try database.statement("SELECT resource FROM ended")
        defer { rows.reset() }
        while try rows.step() { body(rows.text(0)) }
    }

    /// Calls `body` with the name of each resource that has state.
    package func stateResources(_ body: (String) -> Void) throws(LogUnavailable) {
        let rows = try database.statement("SELECT DISTINCT resource FROM retained")
        defer { rows.reset() }
        while try rows.step() { body(rows.text(0)) }
    }

    /// Notes the log's end in the mark beside the database; the last commit is durable by then.
    func noteAcknowledged() {
        mark.write(AcknowledgedMark.Event(epoch: epoch, sequence: head))
    }

    /// Closes the connections and releases the lock.
    package func close() {
        // This fails on a full or broken disk; the next start then takes the end of this run for a
        // crash.
        try? RunMark.end(database)
        checkpoints.close()
        database.close()
        store_unlock(lock)
    }

    private static func makeDirectory(_ directory: String) throws(LogUnavailable) {
        var path = directory.hasPrefix("/") ? "/" : ""
        for part in directory.split(separator: "/") {
            path += part + "/"
            if unsafe mkdir(path, 0o755) != 0, errno_value() != EEXIST {
                let reason = unsafe String(cString: store_error_text())
                throw LogUnavailable(.cannotOpen, message: "\(path): \(reason)")
            }
        }
    }
}

/// Where the log begins and ends; set back as a whole when a transaction fails.
struct LogBounds {
    var oldest: UInt64
    /// No event is older than this: the time of the oldest one when it was last read.
    var oldestTime = Int64.min
    var head: UInt64
    var lastTime: Int64
    var index: IndexParts
}

/// The statements of the hot path, looked up once.
struct EventStatements {
    let insertEvent: Statement
    let retain: Statement
    let findKey: Statement
    let insertKey: Statement

    init(_ database: Database) throws(LogUnavailable) {
        insertEvent = try database.statement(
            """
            INSERT INTO events (seq, at, name, resources, data, coalesce_key, mark,
                publisher)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """)
        retain = try database.statement(
            """
            INSERT INTO retained (resource, name, kind, seq, at, resources, data, mark,
                publisher, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT (resource, name) DO UPDATE SET seq = excluded.seq, at = excluded.at,
                resources = excluded.resources, data = excluded.data, mark = excluded.mark,
                publisher = excluded.publisher, expires_at = excluded.expires_at
            """)
        findKey = try database.statement("SELECT seq, at FROM idempotency WHERE key = ?1")
        insertKey = try database.statement(
            "INSERT OR REPLACE INTO idempotency VALUES (?1, ?2, ?3)")
    }
}

extension EventRecord {
    /// The columns that files of every format have.
    static let columns = "seq, at, name, resources, data, coalesce_key"
    /// The columns of the newest format.
    static let allColumns = columns + ", mark, is_end, expires_at"
    /// The columns of retained events in the order of `allColumns`.
    static let stateColumns =
        "seq, at, name, resources, data, NULL, mark, NULL, expires_at"

    /// Reads the present row of a query for `columns`, or for `allColumns` if it has `all`.
    init(_ row: Statement, all: Bool = false) {
        self.init(
            sequence: UInt64(clamping: row.integer(0)), at: row.integer(1), name: row.text(2),
            resources: names(in: row.text(3)), data: row.bytes(4),
            coalesceKey: row.optionalText(5), mark: all ? row.optionalInteger(6) : nil,
            isEnd: all && row.optionalInteger(7) == 1,
            expiresAt: all ? row.optionalInteger(8) : nil)
    }
}
