// Reads the schema of an SQLite file that anyone may have made.
//
// What is trusted: nothing in the file. It is opened to read alone and as one that does not change,
//   so that no journal beside it is looked at or made. Functions and virtual tables that its schema
//   names are not run, no view is looked into, no extension loaded and no file attached; an
//   authorizer allows the few reads below and nothing else. Work is bounded by limits of SQLite, by
//   a count of its instructions, and by the size of the schema before it is parsed.

internal import CSQLite

/// One file whose schema is read; used by one thread at a time.
@safe package final class SchemaFile {
    private let handle: OpaquePointer
    private let budget: Budget
    private let limits: SchemaLimits

    /// Reads the schema of a file.
    ///
    /// - Parameters:
    ///   - path: a path from the root.
    ///   - limits: how much is read at most.
    ///   - isCancelled: asked now and then whether to give up.
    /// - Returns: the tables and the names of the views.
    /// - Throws: `SchemaError` when it is no database, is damaged, or has more than `limits`.
    package static func read(
        _ path: String, limits: SchemaLimits = SchemaLimits(),
        isCancelled: @escaping () -> Bool = { false }
    ) throws(SchemaError) -> DatabaseSchema {
        try checkSize(path, limits)
        let file = try SchemaFile(path, limits: limits, isCancelled: isCancelled)
        return try file.schema()
    }

    private init(
        _ path: String, limits: SchemaLimits, isCancelled: @escaping () -> Bool
    ) throws(SchemaError) {
        self.limits = limits
        budget = Budget(left: limits.instructions, isCancelled: isCancelled)
        var opened: OpaquePointer?
        let flags =
            SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
            | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOFOLLOW
        let code = unsafe sqlite3_open_v2(Self.address(path), &opened, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else {
            unsafe sqlite3_close_v2(opened)
            throw SchemaError("The file cannot be opened: \(Self.text(code)).")
        }
        unsafe handle = opened
        guard unsafe sqlite_distrust(handle) == SQLITE_OK else {
            throw SchemaError("This SQLite cannot open files that are not trusted.")
        }
        unsafe sqlite3_set_authorizer(handle, authorize, nil)
        unsafe sqlite3_progress_handler(
            handle, Int32(Budget.stretch), spend, Unmanaged.passUnretained(budget).toOpaque())
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// The file as an address that says that it does not change.
    private static func address(_ path: String) -> String {
        let escaped = path.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                48...57, 65...90, 97...122:
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return "file:\(escaped.joined())?immutable=1"
    }

    private static func text(_ code: Int32) -> String {
        unsafe String(cString: sqlite3_errstr(code))
    }

    private static func checkSize(_ path: String, _ limits: SchemaLimits) throws(SchemaError) {
        let descriptor = unsafe sqlite_open_to_read(path)
        guard descriptor >= 0 else { throw SchemaError("The file is gone.") }
        defer { close(descriptor) }
        _ = try SchemaSize(limits: limits) { offset, count throws(SchemaError) in
            var bytes = [UInt8](repeating: 0, count: count)
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(descriptor, $0.baseAddress, count, off_t(offset))
            }
            guard got >= 0 else { throw SchemaError("The file cannot be read.") }
            return Array(bytes[..<got])
        }
    }

    // MARK: Reading

    private func schema() throws(SchemaError) -> DatabaseSchema {
        var schema = DatabaseSchema()
        var indexes: [String: Int] = [:]
        try rows(
            """
            SELECT type, name, tbl_name, rootpage FROM sqlite_schema
            WHERE type IN ('table', 'view', 'index') ORDER BY rowid
            """
        ) { row in
            let name = row.text(1)
            if row.text(0) == "index" {
                indexes[row.text(2), default: 0] += 1
            } else if row.text(0) == "view" || row.integer(3) == 0 {
                schema.views.append(name)
            } else if !name.lowercased().hasPrefix("sqlite_") {
                schema.tables.append(.init(name: name))
            }
        }
        guard schema.tables.count <= limits.tables else {
            throw SchemaError(
                "The database has \(schema.tables.count) tables; at most \(limits.tables) are read."
            )
        }
        var columns = 0
        for index in schema.tables.indices {
            let name = schema.tables[index].name
            schema.tables[index].columns = try self.columns(of: name)
            schema.tables[index].links = try links(of: name)
            schema.tables[index].indexes = indexes[name] ?? 0
            columns += schema.tables[index].columns.count
            guard columns <= limits.columns else {
                throw SchemaError(
                    "The database has more than \(limits.columns) columns; no more are read.")
            }
        }
        return schema
    }

    private func columns(of table: String) throws(SchemaError) -> [DatabaseSchema.Column] {
        var columns: [DatabaseSchema.Column] = []
        try rows("PRAGMA table_xinfo(\(Self.quoted(table)))") { row in
            columns.append(
                .init(
                    name: row.text(1), type: row.text(2), isRequired: row.integer(3) != 0,
                    isKey: row.integer(5) != 0))
        }
        return columns
    }

    private func links(of table: String) throws(SchemaError) -> [DatabaseSchema.Link] {
        var links: [DatabaseSchema.Link] = []
        try rows("PRAGMA foreign_key_list(\(Self.quoted(table)))") { row in
            links.append(.init(column: row.text(3), table: row.text(2)))
        }
        return links
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }

    private func rows(_ sql: String, _ body: (Row) -> Void) throws(SchemaError) {
        var prepared: OpaquePointer?
        try check(unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil))
        defer { unsafe sqlite3_finalize(prepared) }
        guard let statement = unsafe prepared else { return }
        while true {
            let code = unsafe sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { return try check(code) }
            body(unsafe Row(statement: statement))
        }
    }

    private func check(_ code: Int32) throws(SchemaError) {
        guard code != SQLITE_OK else { return }
        if budget.wasCancelled {
            throw SchemaError("The reading was cancelled.", isCancelled: true)
        }
        switch code & 0xFF {
        case SQLITE_INTERRUPT:
            throw SchemaError(
                "To read the database's schema takes more than \(limits.instructions) steps.")
        case SQLITE_NOTADB:
            throw SchemaError("The file is no SQLite database, or is encrypted.")
        case SQLITE_NOMEM, SQLITE_TOOBIG:
            throw SchemaError("The database's schema has more in one place than is read.")
        default:
            throw .damaged(unsafe String(cString: sqlite3_errmsg(handle)))
        }
    }
}

/// The present row of a statement.
@safe private struct Row {
    let statement: OpaquePointer

    func text(_ index: Int32) -> String {
        guard let bytes = unsafe sqlite3_column_text(statement, index) else { return "" }
        let count = Int(unsafe sqlite3_column_bytes(statement, index))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func integer(_ index: Int32) -> Int { Int(unsafe sqlite3_column_int64(statement, index)) }
}

/// How many instructions are left.
private final class Budget {
    /// The number of instructions between two looks.
    static let stretch = 1000

    private var left: Int
    private let isCancelled: () -> Bool
    private(set) var wasCancelled = false

    init(left: Int, isCancelled: @escaping () -> Bool) {
        self.left = left
        self.isCancelled = isCancelled
    }

    /// Returns whether the work may go on.
    func spend() -> Bool {
        left -= Self.stretch
        wasCancelled = wasCancelled || isCancelled()
        return left > 0 && !wasCancelled
    }
}

/// Called by SQLite after each stretch of instructions; another value than 0 ends the statement.
private func spend(_ budget: UnsafeMutableRawPointer?) -> Int32 {
    guard let budget = unsafe budget else { return 1 }
    return unsafe Unmanaged<Budget>.fromOpaque(budget).takeUnretainedValue().spend() ? 0 : 1
}

/// Called by SQLite for all that a statement would do, while it is prepared.
private func authorize(
    _ context: UnsafeMutableRawPointer?, _ action: Int32, _ first: UnsafePointer<CChar>?,
    _ second: UnsafePointer<CChar>?, _ database: UnsafePointer<CChar>?,
    _ source: UnsafePointer<CChar>?
) -> Int32 {
    let name = unsafe first.map { unsafe String(cString: $0) } ?? ""
    switch action {
    case SQLITE_SELECT: return SQLITE_OK
    case SQLITE_READ: return name == "sqlite_master" ? SQLITE_OK : SQLITE_DENY
    case SQLITE_PRAGMA:
        return ["table_xinfo", "foreign_key_list"].contains(name) ? SQLITE_OK : SQLITE_DENY
    default: return SQLITE_DENY
    }
}
