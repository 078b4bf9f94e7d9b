internal import CSQLite
internal import Records

/// A prepared statement: bind, step, read columns, reset.
@safe final class Statement {
    private let handle: OpaquePointer
    private let sql: String
    private unowned let database: Database

    init(_ handle: OpaquePointer, sql: String, database: Database) {
        unsafe self.handle = handle
        self.sql = sql
        self.database = database
    }

    func finalize() {
        unsafe sqlite3_finalize(handle)
    }

    // MARK: Parameters, from 1

    func bind(_ index: Int32, _ value: Int64?) {
        if let value {
            unsafe sqlite3_bind_int64(handle, index, value)
        } else {
            unsafe sqlite3_bind_null(handle, index)
        }
    }

    func bind(_ index: Int32, _ value: Double?) {
        if let value {
            unsafe sqlite3_bind_double(handle, index, value)
        } else {
            unsafe sqlite3_bind_null(handle, index)
        }
    }

    func bind(_ index: Int32, _ value: String?) {
        guard var value else {
            unsafe sqlite3_bind_null(handle, index)
            return
        }
        value.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { text in
                _ = unsafe sqlite_bind_text(handle, index, text.baseAddress, Int32(text.count))
            }
        }
    }

    func bind(_ index: Int32, _ value: [UInt8]?) {
        guard let value else {
            unsafe sqlite3_bind_null(handle, index)
            return
        }
        unsafe value.withUnsafeBytes { bytes in
            _ = unsafe sqlite_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count))
        }
    }

    func bind(_ index: Int32, _ value: ColumnValue) {
        switch value {
        case .null: bind(index, nil as Int64?)
        case .integer(let value): bind(index, value)
        case .real(let value): bind(index, value)
        case .text(let value): bind(index, value)
        case .bytes(let value): bind(index, value)
        }
    }

    // MARK: Running

    /// Goes to the next row.
    ///
    /// - Returns: `false` at the end.
    func step() throws(LogUnavailable) -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        do {
            try database.check(code, sql: sql)
        } catch {
            reset()
            throw error
        }
        return false
    }

    /// Runs a statement that gives no rows and makes it ready for the next time.
    func run() throws(LogUnavailable) {
        defer { reset() }
        while try step() {}
    }

    /// Runs a statement that gives no rows, with UTF-8 text as a parameter that SQLite reads
    /// without copying it.
    func run(withText text: borrowing Span<UInt8>, at index: Int32) throws(LogUnavailable) {
        defer { bind(index, nil as Int64?) }
        try unsafe text.withUnsafeBufferPointer { bytes throws(LogUnavailable) in
            let start = unsafe UnsafeRawPointer(bytes.baseAddress)?
                .assumingMemoryBound(to: CChar.self)
            _ = unsafe sqlite_bind_lasting_text(handle, index, start, Int32(bytes.count))
            try run()
        }
    }

    /// Returns the rows of a query, each made a value by `read`, and resets the statement.
    func rows<Value>(_ read: (Statement) -> Value) throws(LogUnavailable) -> [Value] {
        defer { reset() }
        var values: [Value] = []
        while try step() { values.append(read(self)) }
        return values
    }

    func reset() {
        unsafe sqlite3_reset(handle)
    }

    // MARK: Columns, from 0

    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    func real(_ column: Int32) -> Double {
        unsafe sqlite3_column_double(handle, column)
    }

    func text(_ column: Int32) -> String {
        guard let text = unsafe sqlite3_column_text(handle, column) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
    }

    func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    func optionalReal(_ column: Int32) -> Double? {
        isNull(column) ? nil : real(column)
    }

    func optionalText(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    func value(_ column: Int32) -> ColumnValue {
        switch unsafe sqlite3_column_type(handle, column) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(real(column))
        case SQLITE_TEXT: .text(text(column))
        default: .bytes(bytes(column))
        }
    }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
