/// The influencers of a store; valid as long as the database that it is given.
package struct InfluencerTable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    package func insert(
        id: String, session: String, name: String, avatarURL: String, persona: [UInt8],
        at now: Int64
    ) throws(StoreError) {
        let insert = try database.statement(
            """
            INSERT INTO influencers (id, session, name, avatar_url, persona, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        insert.bind(1, id)
        insert.bind(2, session)
        insert.bind(3, name)
        insert.bind(4, avatarURL)
        insert.bind(5, persona)
        insert.bind(6, now)
        try insert.run()
    }

    package func find(_ id: String) throws(StoreError) -> InfluencerRecord? {
        try find("id", id)
    }

    /// The influencer that was made from a session.
    package func find(session: String) throws(StoreError) -> InfluencerRecord? {
        try find("session", session)
    }

    /// Influencers, newest first, before the one with the number `before`.
    package func list(before: Int64?, limit: Int) throws(StoreError) -> [InfluencerRecord] {
        let select = try database.statement(
            """
            SELECT number, id, session, name, avatar_url, persona, created_at FROM influencers
            WHERE number < ?1 ORDER BY number DESC LIMIT ?2
            """)
        select.bind(1, before ?? .max)
        select.bind(2, Int64(limit))
        return try select.rows(InfluencerRecord.init)
    }

    private func find(
        _ column: String, _ value: String
    ) throws(StoreError) -> InfluencerRecord? {
        let select = try database.statement(
            """
            SELECT number, id, session, name, avatar_url, persona, created_at FROM influencers
            WHERE \(column) = ?1
            """)
        select.bind(1, value)
        return try select.rows(InfluencerRecord.init).first
    }
}

extension InfluencerRecord {
    fileprivate init(_ row: Statement) {
        number = row.integer(0)
        id = row.text(1)
        session = row.text(2)
        name = row.text(3)
        avatarURL = row.text(4)
        persona = row.bytes(5)
        createdAt = row.integer(6)
    }
}
