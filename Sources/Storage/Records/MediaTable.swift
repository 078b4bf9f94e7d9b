/// Pictures; valid as long as the database that it is given.
package struct MediaTable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    package func insert(_ media: MediaRecord, at now: Int64) throws(StoreError) {
        let insert = try database.statement(
            "INSERT INTO media (id, type, bytes, created_at) VALUES (?1, ?2, ?3, ?4)")
        insert.bind(1, media.id)
        insert.bind(2, media.type)
        insert.bind(3, media.bytes)
        insert.bind(4, now)
        try insert.run()
        let count = try database.statement(
            "UPDATE meta SET value = value + ?1 WHERE key = 'media_bytes'")
        count.bind(1, Int64(media.bytes.count))
        try count.run()
    }

    package func find(_ id: String) throws(StoreError) -> MediaRecord? {
        let select = try database.statement("SELECT id, type, bytes FROM media WHERE id = ?1")
        select.bind(1, id)
        return try select.rows {
            MediaRecord(id: $0.text(0), type: $0.text(1), bytes: $0.bytes(2))
        }.first
    }
}
