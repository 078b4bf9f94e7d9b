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
        let count = try table.database.statement(
            "UPDATE meta SET value = value + ?1 WHERE key = 'media_bytes'")
        count.bind(1, Int64(media.bytes.count))
        try count.run()
    }

    func find(_ id: String) throws(LogUnavailable) -> MediaRecord? {
        try table.first(where: "id", is: id)
    }
}
