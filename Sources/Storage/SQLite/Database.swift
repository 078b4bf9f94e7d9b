internal import CSQLite
internal import Records

/// One connection to a SQLite file; not Sendable, used by one thread at a time.
@safe final class Database {
    let path: String
    /// `nil` when closed: SQLite refuses that as misuse, but would follow a pointer to a closed
    /// connection.
    private var handle: OpaquePointer?
    private(set) var statements: [String: Statement] = [:]
    private var walWatch: WALWatch?

    /// Milliseconds to wait for a lock that another connection holds.
    private static let busyTimeout: Int32 = 1000

    /// `sqlite3_config` must run before the first connection, so it runs once per process.
    private static let configured: Void = sqlite_configure()

    /// Opens a file, and makes it if it is missing, unless `readOnly`.
    ///
    /// - Throws: `LogUnavailable` when the file cannot be opened.
    init(path: String, readOnly: Bool = false) throws(LogUnavailable) {
        Self.configured
        self.path = path
        var opened: OpaquePointer?
        let flags =
            (readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
            | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            let text = unsafe String(cString: sqlite3_errstr(code))
            unsafe sqlite3_close_v2(opened)
            throw LogUnavailable(.cannotOpen, code: code, message: "\(path): \(text)")
        }
        unsafe self.handle = handle
        unsafe sqlite3_busy_timeout(handle, Self.busyTimeout)
    }

    /// Ends the connection; every later call fails.
    func close() {
        for statement in statements.values { statement.finalize() }
        statements = [:]
        unsafe sqlite3_close_v2(handle)
        unsafe handle = nil
    }

    /// Runs one or more statements that give no rows.
    func execute(_ sql: String) throws(LogUnavailable) {
        try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil), sql: sql)
    }

    /// Returns a prepared statement, which is kept for the next call.
    func statement(_ sql: String) throws(LogUnavailable) -> Statement {
        if let known = statements[sql] { return known }
        var prepared: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        try check(
            unsafe sqlite3_prepare_v3(handle, sql, -1, flags, &prepared, nil), sql: sql)
        guard let prepared = unsafe prepared else {
            throw LogUnavailable(.other, message: "an empty statement", statement: sql)
        }
        let statement = unsafe Statement(prepared, sql: sql, database: self)
        statements[sql] = statement
        return statement
    }

    /// Returns the first column of the first row as a number; `nil` without a row and for `NULL`.
    func integer(_ sql: String) throws(LogUnavailable) -> Int64? {
        let statement = try statement(sql)
        defer { statement.reset() }
        return try statement.step() && !statement.isNull(0) ? statement.integer(0) : nil
    }

    /// Returns the first column of the first row as text; `nil` without a row.
    func text(_ sql: String) throws(LogUnavailable) -> String? {
        let statement = try statement(sql)
        defer { statement.reset() }
        return try statement.step() ? statement.text(0) : nil
    }

    /// Runs `body` in a transaction that writes; what it changed stays only if it returns.
    ///
    /// - Throws: what `body` throws, or why the transaction could not begin or be committed.
    func transaction<Value>(
        _ body: () throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Value {
        try statement("BEGIN IMMEDIATE").run()
        do throws(LogUnavailable) {
            let value = try body()
            try statement("COMMIT").run()
            return value
        } catch {
            // Some errors have rolled back already; a failed COMMIT leaves the transaction open.
            if !isIdle { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// Runs `body` within a transaction; what it changed is undone if it throws, and the
    /// transaction goes on.
    func savepoint<Value>(
        _ body: () throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Value {
        try execute("SAVEPOINT change")
        do throws(LogUnavailable) {
            let value = try body()
            try execute("RELEASE change")
            return value
        } catch {
            // Some errors have rolled the whole transaction back; then there is no savepoint.
            try? execute("ROLLBACK TO change; RELEASE change")
            throw error
        }
    }

    /// Calls `body` after each commit with the number of pages that the write-ahead log has.
    ///
    /// From then on SQLite does no checkpoints by itself: only `checkpoint` brings the log into the
    /// file.
    func watchWAL(_ body: @escaping (Int) -> Void) {
        let watch = WALWatch(body)
        unsafe sqlite3_wal_hook(
            handle,
            { context, _, _, count in
                if let context = unsafe context {
                    unsafe Unmanaged<WALWatch>.fromOpaque(context).takeUnretainedValue()
                        .body(Int(count))
                }
                return SQLITE_OK
            }, Unmanaged.passUnretained(watch).toOpaque())
        walWatch = watch
    }

    /// Brings into the file, without waiting for anyone, what no reader needs in the write-ahead
    /// log.
    ///
    /// - Returns: how many pages of the log are in the file, and how many it has.
    /// - Throws: `LogUnavailable` when the file cannot be written; `.busy` when another connection
    ///   does a checkpoint.
    func checkpoint() throws(LogUnavailable) -> (copied: Int, pages: Int) {
        var (pages, copied): (Int32, Int32) = (0, 0)
        try check(
            unsafe sqlite3_wal_checkpoint_v2(
                handle, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied), sql: nil)
        return (Int(copied), Int(pages))
    }

    /// Waits until the file, without its write-ahead log, is on the disk.
    ///
    /// - Throws: `LogUnavailable` when the disk does not confirm it.
    func sync() throws(LogUnavailable) {
        let code = unsafe sqlite_sync_database(handle)
        guard code != SQLITE_OK else { return }
        throw LogUnavailable(
            LogUnavailable.Kind(resultCode: code), code: code,
            message: "\(path): \(unsafe String(cString: sqlite3_errstr(code)))")
    }

    /// The number of the row that this connection has inserted last.
    var lastInsertedNumber: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

    /// How many pages this connection has written so far, in transactions that are over.
    var pagesWritten: Int {
        var (count, highest): (Int32, Int32) = (0, 0)
        unsafe sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_WRITE, &count, &highest, 0)
        return Int(count)
    }

    /// Whether no transaction is open.
    var isIdle: Bool { unsafe sqlite3_get_autocommit(handle) != 0 }

    /// Runs `body` on one unchanging view of the data.
    func read<Value>(
        _ body: () throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Value {
        try execute("BEGIN")
        defer { try? execute("COMMIT") }
        return try body()
    }

    func check(_ code: Int32, sql: String?) throws(LogUnavailable) {
        guard code != SQLITE_OK, code != SQLITE_ROW, code != SQLITE_DONE else { return }
        let text = unsafe String(
            cString: handle == nil ? sqlite3_errstr(code) : sqlite3_errmsg(handle))
        throw LogUnavailable(
            LogUnavailable.Kind(resultCode: code), code: code, message: "\(path): \(text)",
            statement: sql)
    }
}

/// Holds the function that SQLite's hook calls after each commit.
private final class WALWatch {
    let body: (Int) -> Void

    init(_ body: @escaping (Int) -> Void) {
        self.body = body
    }
}
