internal import Records

/// The SQL statements of one table of records, made from its columns.
struct RecordForm<Row: StoredRow>: Sendable {
    /// A statement, and the columns whose values are its parameters, in their order.
    struct Writing: Sendable {
        let sql: String
        let columns: [Column<Row>]
    }

    /// All columns, in the order in which they are selected.
    let columns: [Column<Row>]
    let number: Column<Row>
    /// The query up to its clauses: `SELECT … FROM …`.
    let select: String
    let insert: Writing
    let update: Writing
    let updateFigures: Writing

    /// Makes the statements of `table`.
    ///
    /// `derived` has an SQL expression for each column that the table does not have.
    init(_ table: String, derived: [String: String] = [:]) {
        let columns = Row.columns
        guard let number = columns.first(where: { $0.use == .number }) else {
            preconditionFailure("the table \(table) has no number")
        }
        self.columns = columns
        self.number = number
        let selected = columns.map { derived[$0.name] ?? $0.name }
        select = "SELECT \(selected.joined(separator: ", ")) FROM \(table) "
        let inserted = columns.filter { $0.use != .number && $0.use != .derived }
        insert = Writing(
            sql: """
                INSERT INTO \(table) (\(inserted.map(\.name).joined(separator: ", "))) \
                VALUES (\(inserted.indices.map { "?\($0 + 1)" }.joined(separator: ", ")))
                """, columns: inserted)
        func update(_ uses: ColumnUse...) -> Writing {
            let updated = columns.filter { uses.contains($0.use) }
            let sets = updated.indices.map { "\(updated[$0].name) = ?\($0 + 2)" }
            return Writing(
                sql: "UPDATE \(table) SET \(sets.joined(separator: ", ")) WHERE number = ?1",
                columns: updated)
        }
        self.update = update(.changing, .figure)
        updateFigures = update(.figure)
    }
}

/// A table of records; valid as long as its database is open.
struct RecordTable<Row: StoredRow> {
    let database: Database
    let form: RecordForm<Row>

    /// Adds a row.
    ///
    /// - Returns: the row with the number that it got.
    @discardableResult
    func insert(_ row: Row) throws(LogUnavailable) -> Row {
        try run(form.insert, row, from: 1)
        var inserted = row
        form.number.read(.integer(database.lastInsertedNumber), &inserted)
        return inserted
    }

    func update(_ row: Row) throws(LogUnavailable) {
        try change(form.update, row)
    }

    func updateFigures(_ row: Row) throws(LogUnavailable) {
        try change(form.updateFigures, row)
    }

    /// Reads the rows that `clauses`, which follow the `FROM`, select.
    func rows(
        _ clauses: String, _ bind: (Statement) -> Void = { _ in }
    ) throws(LogUnavailable) -> [Row] {
        let select = try database.statement(form.select + clauses)
        bind(select)
        return try select.rows { statement in
            var row = Row.blank
            for (index, column) in form.columns.enumerated() {
                column.read(statement.value(Int32(index)), &row)
            }
            return row
        }
    }

    func first(
        where column: String, is value: String
    ) throws(LogUnavailable) -> Row? {
        try rows("WHERE \(column) = ?1") { $0.bind(1, value) }.first
    }

    /// Reads rows, newest first, before the one with the number `before`.
    func list(before: Int64?, limit: Int) throws(LogUnavailable) -> [Row] {
        try rows("WHERE number < ?1 ORDER BY number DESC LIMIT ?2") {
            $0.bind(1, before ?? .max)
            $0.bind(2, Int64(limit))
        }
    }

    private func change(_ writing: RecordForm<Row>.Writing, _ row: Row) throws(LogUnavailable) {
        try database.statement(writing.sql).bind(1, row.number)
        try run(writing, row, from: 2)
    }

    private func run(
        _ writing: RecordForm<Row>.Writing, _ row: Row, from first: Int32
    ) throws(LogUnavailable) {
        let statement = try database.statement(writing.sql)
        for (index, column) in writing.columns.enumerated() {
            statement.bind(first + Int32(index), column.value(row))
        }
        try statement.run()
    }
}
