/// The posts of a store; valid as long as the database that it is given.
package struct PostTable {
    /// The last is what the job's step has kept, an object with `ending`; earlier versions kept the
    /// text alone.
    private static let columns = """
        number, id, influencer, prompt, status, content, image_urls, error, job, created_at, updated_at,
        (SELECT json_extract(CAST(job_steps.result AS TEXT), '$.ending') FROM jobs
            JOIN job_steps ON job_steps.job = jobs.number AND job_steps.name = 'generating_story'
            WHERE jobs.id = posts.job)
        """

    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    package func insert(
        id: String, influencer: String, prompt: String, job: String, at now: Int64
    ) throws(StoreError) {
        let insert = try database.statement(
            """
            INSERT INTO posts (id, influencer, prompt, status, image_urls, job, created_at,
                updated_at) VALUES (?1, ?2, ?3, 'pending', '', ?4, ?5, ?5)
            """)
        insert.bind(1, id)
        insert.bind(2, influencer)
        insert.bind(3, prompt)
        insert.bind(4, job)
        insert.bind(5, now)
        try insert.run()
    }

    /// Writes back a record that was read in this transaction, and notes when.
    package func save(_ post: inout PostRecord, at now: Int64) throws(StoreError) {
        post.updatedAt = now
        let update = try database.statement(
            """
            UPDATE posts SET status = ?2, content = ?3, image_urls = ?4, error = ?5, job = ?6,
                updated_at = ?7 WHERE number = ?1
            """)
        update.bind(1, post.number)
        update.bind(2, post.status.rawValue)
        update.bind(3, post.content)
        update.bind(4, URLList.encode(post.imageURLs))
        update.bind(5, post.error)
        update.bind(6, post.job)
        update.bind(7, now)
        try update.run()
    }

    package func find(_ id: String) throws(StoreError) -> PostRecord? {
        let select = try database.statement("SELECT \(Self.columns) FROM posts WHERE id = ?1")
        select.bind(1, id)
        return try select.rows(PostRecord.init).first
    }

    /// An influencer's posts, newest first, before the one with the number `before`.
    package func list(
        influencer: String, before: Int64?, limit: Int
    ) throws(StoreError) -> [PostRecord] {
        let select = try database.statement(
            """
            SELECT \(Self.columns) FROM posts WHERE influencer = ?1 AND number < ?2
            ORDER BY number DESC LIMIT ?3
            """)
        select.bind(1, influencer)
        select.bind(2, before ?? .max)
        select.bind(3, Int64(limit))
        return try select.rows(PostRecord.init)
    }
}

extension PostRecord {
    fileprivate init(_ row: Statement) {
        number = row.integer(0)
        id = row.text(1)
        influencer = row.text(2)
        prompt = row.text(3)
        status = Status(rawValue: row.text(4)) ?? .failed
        content = row.optionalText(5)
        imageURLs = URLList.decode(row.text(6))
        error = row.optionalText(7)
        job = row.optionalText(8)
        createdAt = row.integer(9)
        updatedAt = row.integer(10)
        ending = row.optionalText(11)
    }
}
