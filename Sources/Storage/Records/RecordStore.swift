/// All that is kept besides the log, within one transaction or one unchanging view.
package struct RecordStore {
    package let jobs: JobTable
    package let sessions: SessionTable
    package let influencers: InfluencerTable
    package let posts: PostTable
    package let media: MediaTable
    /// Milliseconds since 1970 (UTC); the time that what happens in the transaction gets.
    package let now: Int64

    package init(_ database: Database, at now: Int64) {
        jobs = JobTable(database)
        sessions = SessionTable(database)
        influencers = InfluencerTable(database)
        posts = PostTable(database)
        media = MediaTable(database)
        self.now = now
    }
}

extension Database {
    /// A store that lives in memory and ends with the connection.
    ///
    /// - Throws: `StoreError` when there is no memory for it.
    package static func inMemory() throws(StoreError) -> Database {
        let database = try Database(path: ":memory:")
        try Schema.migrate(database, from: 0, newEpoch: "0")
        return database
    }
}
