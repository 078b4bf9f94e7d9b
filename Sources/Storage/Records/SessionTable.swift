internal import Records

/// The sessions of a store; valid as long as its database is open.
struct SessionTable: SessionStore {
    private static let form = RecordForm<SessionRecord>("sessions")

    private let table: RecordTable<SessionRecord>

    init(_ database: Database) {
        table = RecordTable(database: database, form: Self.form)
    }

    func insert(_ session: SessionRecord) throws(LogUnavailable) -> SessionRecord {
        try table.insert(session)
    }

    func save(_ session: inout SessionRecord, at now: Int64) throws(LogUnavailable) {
        session.touch(at: now)
        try table.update(session)
    }

    func find(_ id: String) throws(LogUnavailable) -> SessionRecord? {
        try table.first(where: "id", is: id)
    }

    func list(before: Int64?, limit: Int) throws(LogUnavailable) -> [SessionRecord] {
        try table.list(before: before, limit: limit)
    }
}
