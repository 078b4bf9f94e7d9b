internal import Records

/// The pictures of a store; valid as long as its database is open.
struct MediaTable: MediaStore {
    private static let form = RecordForm<MediaRecord>("media")

    private let table: RecordTable<MediaRecord>

    init(_ database: Database) {
        table = RecordTable(database: database, form: Self.form)
    }

    func insert(_ media: MediaRecord) throws(LogUnavailable) {
        try table.insert(media)
        try count(media.bytes.count)
    }

    /// Adds to the bytes of all pictures together.
    private func count(_ bytes: Int) throws(LogUnavailable) {
        let count = try table.database.statement(
            "UPDATE meta SET value = value + ?1 WHERE key = 'media_bytes'")
        count.bind(1, Int64(bytes))
        try count.run()
    }

    func delete(_ id: String) throws(LogUnavailable) {
        guard let media = try find(id) else { return }
        let delete = try table.database.statement("DELETE FROM media WHERE number = ?1")
        delete.bind(1, media.number)
        try delete.run()
        try count(-media.bytes.count)
    }

    func find(_ id: String) throws(LogUnavailable) -> MediaRecord? {
        try table.first(where: "id", is: id)
    }
}
