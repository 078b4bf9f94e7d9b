/// The sessions of a store; valid as long as the database that it is given.
package struct SessionTable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    package func insert(
        id: String, prompt: String, avatarCount: Int, job: String, at now: Int64
    ) throws(StoreError) {
        let insert = try database.statement(
            """
            INSERT INTO sessions (id, prompt, status, avatar_count, avatars, job, created_at,
                updated_at) VALUES (?1, ?2, ?3, ?4, '', ?5, ?6, ?6)
            """)
        insert.bind(1, id)
        insert.bind(2, prompt)
        insert.bind(3, SessionRecord.Status.generatingImages.rawValue)
        insert.bind(4, Int64(avatarCount))
        insert.bind(5, job)
        insert.bind(6, now)
        try insert.run()
    }

    /// Writes back a record that was read in this transaction, and notes when.
    package func save(_ session: inout SessionRecord, at now: Int64) throws(StoreError) {
        session.updatedAt = now
        let update = try database.statement(
            """
            UPDATE sessions SET status = ?2, avatars = ?3, avatar = ?4, persona = ?5, error = ?6,
                job = ?7, updated_at = ?8 WHERE number = ?1
            """)
        update.bind(1, session.number)
        update.bind(2, session.status.rawValue)
        update.bind(3, URLList.encode(session.avatars))
        update.bind(4, session.avatar.map { Int64($0) })
        update.bind(5, session.persona)
        update.bind(6, session.error)
        update.bind(7, session.job)
        update.bind(8, now)
        try update.run()
    }

    package func find(_ id: String) throws(StoreError) -> SessionRecord? {
        let select = try database.statement(
            """
            SELECT number, id, prompt, status, avatar_count, avatars, avatar, persona, error, job,
                created_at, updated_at FROM sessions WHERE id = ?1
            """)
        select.bind(1, id)
        return try select.rows(SessionRecord.init).first
    }

    /// Sessions, newest first, before the one with the number `before`.
    package func list(before: Int64?, limit: Int) throws(StoreError) -> [SessionRecord] {
        let select = try database.statement(
            """
            SELECT number, id, prompt, status, avatar_count, avatars, avatar, persona, error, job,
                created_at, updated_at FROM sessions WHERE number < ?1
            ORDER BY number DESC LIMIT ?2
            """)
        select.bind(1, before ?? .max)
        select.bind(2, Int64(limit))
        return try select.rows(SessionRecord.init)
    }
}

extension SessionRecord {
    fileprivate init(_ row: Statement) {
        number = row.integer(0)
        id = row.text(1)
        prompt = row.text(2)
        status = Status(rawValue: row.text(3)) ?? .failed
        avatarCount = Int(row.integer(4))
        avatars = URLList.decode(row.text(5))
        avatar = row.optionalInteger(6).map { Int($0) }
        persona = row.isNull(7) ? nil : row.bytes(7)
        error = row.optionalText(8)
        job = row.optionalText(9)
        createdAt = row.integer(10)
        updatedAt = row.integer(11)
    }
}
