import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The form of a table` {
    private let database: Database

    init() throws {
        database = try Database.inMemory()
    }

    /// A row with another value in each column, as far as its type has so many.
    private func row<Row: StoredRow>(_ type: Row.Type, salt: Int64) -> Row {
        var row = Row.blank
        for (index, column) in Row.columns.enumerated() {
            let number = salt * 100 + Int64(index)
            for value in [
                ColumnValue.integer(number), .real(Double(number) + 0.5),
                .text("1 \(number) text"), .bytes([UInt8(index), UInt8(salt)]),
            ] {
                var probe = row
                column.read(value, &probe)
                if column.value(probe) == value { row = probe }
            }
        }
        return row
    }

    /// Puts a row into a table of all its columns, changes it, and compares what is read.
    private func expectRoundTrip<Row: StoredRow & Equatable>(
        _ type: Row.Type, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let names = Row.columns.filter { $0.use != .number }.map(\.name)
        try database.execute("DROP TABLE IF EXISTS copy")
        try database.execute(
            "CREATE TABLE copy (number INTEGER PRIMARY KEY, \(names.joined(separator: ", ")))")
        let table = RecordTable<Row>(database: database, form: RecordForm("copy"))
        func values(_ row: Row, _ uses: ColumnUse...) -> [ColumnValue] {
            Row.columns.filter { uses.contains($0.use) }.map { $0.value(row) }
        }
        func found() throws -> Row { try #require(try table.rows("").first) }

        let first = try table.insert(row(type, salt: 1))
        #expect(first.number == 1, sourceLocation: sourceLocation)
        let inserted = try found()
        #expect(
            values(inserted, .number, .fixed, .changing, .figure)
                == values(first, .number, .fixed, .changing, .figure),
            sourceLocation: sourceLocation)

        var second = row(type, salt: 2)
        Row.columns.first { $0.use == .number }?.read(.integer(1), &second)
        if Row.columns.contains(where: { $0.use == .figure }) {
            try table.updateFigures(second)
            let figured = try found()
            #expect(values(figured, .figure) == values(second, .figure))
            #expect(values(figured, .fixed, .changing) == values(first, .fixed, .changing))
        }
        guard Row.columns.contains(where: { $0.use == .changing }) else { return }
        try table.update(second)
        let updated = try found()
        #expect(
            values(updated, .changing, .figure) == values(second, .changing, .figure),
            sourceLocation: sourceLocation)
        #expect(values(updated, .fixed) == values(first, .fixed), sourceLocation: sourceLocation)
        #expect(
            values(updated, .changing) != values(first, .changing), sourceLocation: sourceLocation)
    }

    @Test func `gives each column back that was put, and changes those that may change`() throws {
        try expectRoundTrip(JobRecord.self)
        try expectRoundTrip(SessionRecord.self)
        try expectRoundTrip(InfluencerRecord.self)
        try expectRoundTrip(PostRecord.self)
        try expectRoundTrip(MediaRecord.self)
    }

    /// Expects that a record has the columns of its table, all of them and no others.
    private func expectColumns<Row: StoredRow>(
        of table: String, _ type: Row.Type, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let names = try database.statement("SELECT name FROM pragma_table_info(?1)")
        names.bind(1, table)
        #expect(
            Set(try names.rows { $0.text(0) })
                == Set(Row.columns.filter { $0.use != .derived }.map(\.name)),
            sourceLocation: sourceLocation)
    }

    @Test func `has the columns of the table`() throws {
        try expectColumns(of: "jobs", JobRecord.self)
        try expectColumns(of: "sessions", SessionRecord.self)
        try expectColumns(of: "influencers", InfluencerRecord.self)
        try expectColumns(of: "posts", PostRecord.self)
        try expectColumns(of: "media", MediaRecord.self)
    }

    @Test func `leaves one row alone when another is changed`() throws {
        let jobs = JobTable(database)
        let first = try jobs.insert(NewJob(kind: "post", input: [1]), id: "a", at: 1)
        var second = try jobs.insert(NewJob(kind: "post", input: [2]), id: "b", at: 2)
        #expect((first.number, second.number) == (1, 2))
        allowed(second.claim(lease: "l", until: nil, model: "m", at: 3))
        try jobs.save(second)
        #expect(try jobs.find("a") == first)
        #expect(try jobs.find("b") == second)
        #expect(try jobs.contents(of: first).input == [1])
        #expect(try jobs.contents(of: second).input == [2])
    }
}
