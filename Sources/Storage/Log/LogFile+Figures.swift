/// What a store holds, in figures.
package struct LogFigures: Sendable {
    package let epoch: String
    package let oldest: UInt64
    package let head: UInt64
    /// Milliseconds since 1970 of the first and the last event; `nil` when there is none.
    package let oldestTime: Int64?
    package let newestTime: Int64?
    package let retainedCount: Int64
    package let keyCount: Int64
    /// Different resources and kinds among the events.
    package let resourceCount: Int64
    package let kindCount: Int64
}

extension LogFile {
    /// Counts what the store holds.
    ///
    /// Events are not counted: their sequences have no gaps.
    ///
    /// Cost: by the number of different resources, of retained events and of keys; not by that of events.
    package func figures() throws(StoreError) -> LogFigures {
        try database.read { () throws(StoreError) in
            let (oldest, head) = try bounds()
            // From each name to the next one by index, past all of its events.
            let names = try database.statement(
                """
                WITH RECURSIVE names (name) AS (
                    SELECT min(resource) FROM event_resources
                    UNION ALL
                    SELECT (SELECT min(resource) FROM event_resources WHERE resource > name)
                    FROM names WHERE name IS NOT NULL)
                SELECT count(*), total(instr(name, ':') = length(name) - 1 AND name LIKE '%:*')
                FROM names WHERE name IS NOT NULL
                """)
            defer { names.reset() }
            _ = try names.step()
            let kinds = names.integer(1)
            return LogFigures(
                epoch: try epoch(), oldest: oldest, head: head,
                oldestTime: try database.integer("SELECT at FROM events ORDER BY seq LIMIT 1"),
                newestTime: try database.integer("SELECT at FROM events ORDER BY seq DESC LIMIT 1"),
                retainedCount: try database.integer("SELECT count(*) FROM retained") ?? 0,
                keyCount: try database.integer("SELECT count(*) FROM idempotency") ?? 0,
                resourceCount: names.integer(0) - kinds, kindCount: kinds)
        }
    }
}
