internal import Records

/// The posts of a store; valid as long as its database is open.
struct PostTable: PostStore {
    /// Finds a story's ending in the kept result of its job's step, an object with `ending`.
    ///
    /// Earlier versions kept the text alone.
    private static let form = RecordForm<PostRecord>(
        "posts",
        derived: [
            "ending": """
            (SELECT json_extract(CAST(job_steps.result AS TEXT), '$.ending') FROM jobs
                JOIN job_steps ON job_steps.job = jobs.number AND job_steps.name = 'generating_story'
                WHERE jobs.id = posts.job)
            """
        ])

    private let table: RecordTable<PostRecord>

    init(_ database: Database) {
        table = RecordTable(database: database, form: Self.form)
    }

    func insert(_ post: PostRecord) throws(LogUnavailable) -> PostRecord {
        try table.insert(post)
    }

    func save(_ post: inout PostRecord, at now: Int64) throws(LogUnavailable) {
        post.touch(at: now)
        try table.update(post)
    }

    func find(_ id: String) throws(LogUnavailable) -> PostRecord? {
        try table.first(where: "id", is: id)
    }

    func list(
        influencer: String, before: Int64?, limit: Int
    ) throws(LogUnavailable) -> [PostRecord] {
        try table.rows("WHERE influencer = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3") {
            $0.bind(1, influencer)
            $0.bind(2, before ?? .max)
            $0.bind(3, Int64(limit))
        }
    }
}
