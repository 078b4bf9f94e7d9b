package import Records

/// All tables of records, in one database.
struct RecordTables: RecordStore {
    let database: Database
    let now: Int64

    init(_ database: Database, at now: Int64) {
        self.database = database
        self.now = now
    }

    var jobs: any JobStore { JobTable(database) }
    var sessions: any SessionStore { SessionTable(database) }
    var influencers: any InfluencerStore { InfluencerTable(database) }
    var posts: any PostStore { PostTable(database) }
    var media: any MediaStore { MediaTable(database) }

    func savepoint<Value>(
        _ body: () throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Result<Value, LogUnavailable> {
        do throws(LogUnavailable) { return .success(try database.savepoint(body)) } catch {
            // Some errors have rolled the whole transaction back; then nothing is left that could
            // go on.
            guard error.isFaultOfChange, !database.isIdle else { throw error }
            return .failure(error)
        }
    }
}

extension Database {
    /// Opens a store that lives in memory and ends with the connection.
    static func inMemory() throws(LogUnavailable) -> Database {
        let database = try Database(path: ":memory:")
        try Schema.migrate(database, from: 0, newEpoch: "0")
        return database
    }
}

/// Records in memory, which end with the process; not Sendable.
package final class MemoryRecords {
    private let database: Database

    /// Makes an empty store of records.
    ///
    /// - Throws: `LogUnavailable` when there is no memory for them.
    package init() throws(LogUnavailable) {
        database = try .inMemory()
    }

    /// Runs a change in a transaction; what it changed stays only if it returns.
    package func change<Value>(
        at now: Int64, _ body: (any RecordStore) throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Value {
        try database.transaction { () throws(LogUnavailable) in
            try body(RecordTables(database, at: now))
        }
    }

    /// Runs `body`, which reads records.
    package func read<Value>(
        at now: Int64, _ body: (any RecordStore) throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Value {
        try body(RecordTables(database, at: now))
    }
}
