package import Records

extension EventStore {
    /// Deletes what is beyond the retention, at most `limit` rows of each table, in one
    /// transaction.
    ///
    /// - Returns: how many rows were deleted; 0 when nothing is left to do.
    package func prune(
        _ retention: Retention, now: Int64, limit: Int
    ) throws(LogUnavailable) -> Int {
        let time = max(now, lastTime)
        let events = min(limit, try excess(over: retention, now: time))
        let hasOldState = try isAny("retained", olderThan: time - retention.age)
        let hasExpired = try isAny("retained", olderThan: time + 1, by: "expires_at")
        let hasOldKeys = try isAny("idempotency", olderThan: time - Self.keyLifetime)
        guard events > 0 || hasOldState || hasExpired || hasOldKeys else { return 0 }
        return try transaction { () throws(LogUnavailable) in
            try deleteOldest(events)
            let state = try delete(
                "retained", olderThan: time - retention.age, key: "rowid", limit: limit)
            let expired = try delete(
                "retained", olderThan: time + 1, by: "expires_at", key: "rowid", limit: limit)
            let keys = try delete(
                "idempotency", olderThan: time - Self.keyLifetime, key: "key", limit: limit)
            return events + state + expired + keys
        }
    }

    /// Returns how many of the oldest events have to go.
    ///
    /// For age and bytes these are at most 500, so it has to be asked again once they are deleted.
    func excess(over retention: Retention, now: Int64) throws(LogUnavailable) -> Int {
        let count = Int(head + 1 - oldest)
        guard count > 0 else { return 0 }
        if count > retention.count { return count - retention.count }
        let old = try countOldest(olderThan: now - retention.age)
        if old > 0 { return old }
        guard usage.mayExceed(retention.bytes, pagesWritten: database.pagesWritten) else {
            return 0
        }
        let used = try usedBytes()
        guard used > retention.bytes else { return 0 }
        // The share of the events that has to go is the share of the file that is too much.
        let part = Double(used - retention.bytes) / Double(used)
        return min(Int((Double(count) * part).rounded(.up)), 500)
    }

    /// Deletes the `count` oldest events.
    func deleteOldest(_ count: Int) throws(LogUnavailable) {
        guard count > 0 else { return }
        let last = Int64(oldest) + Int64(count) - 1
        // Where the log ends can be read from its events only as long as there are any.
        let keep = try database.statement("UPDATE head SET seq = ?1, at = ?2")
        keep.bind(1, Int64(head))
        keep.bind(2, lastTime)
        try keep.run()
        let delete = try database.statement("DELETE FROM events WHERE seq <= ?1")
        delete.bind(1, last)
        try delete.run()
        bounds.oldest = UInt64(last) + 1
        try clearExpiredParts()
    }

    private func countOldest(olderThan time: Int64) throws(LogUnavailable) -> Int {
        guard bounds.oldestTime < time else { return 0 }
        let times = try database.statement("SELECT at FROM events ORDER BY seq LIMIT 500")
        defer { times.reset() }
        var count = 0
        while try times.step() {
            if count == 0 { bounds.oldestTime = times.integer(0) }
            guard times.integer(0) < time else { break }
            count += 1
        }
        return count
    }

    /// Returns the number of bytes of the file that hold the log and what is kept with it.
    ///
    /// Free pages do not count: SQLite uses them again before the file grows. Pictures do not count
    /// either, since they are not deleted with the log.
    func usedBytes() throws(LogUnavailable) -> Int {
        let pages = try database.integer("PRAGMA page_count") ?? 0
        let free = try database.integer("PRAGMA freelist_count") ?? 0
        let used = Int(pages - free - emptyPages) * usage.pageSize
        let logged = used - Int(try database.integer(Schema.mediaBytesQuery) ?? 0)
        usage.note(logged, pagesWritten: database.pagesWritten)
        return logged
    }

    private func isAny(
        _ table: String, olderThan time: Int64, by column: String = "at"
    ) throws(LogUnavailable) -> Bool {
        let row = try database.statement("SELECT 1 FROM \(table) WHERE \(column) < ?1 LIMIT 1")
        defer { row.reset() }
        row.bind(1, time)
        return try row.step()
    }

    private func delete(
        _ table: String, olderThan time: Int64, by column: String = "at", key: String, limit: Int
    ) throws(LogUnavailable) -> Int {
        let delete = try database.statement(
            """
            DELETE FROM \(table) WHERE \(key) IN
                (SELECT \(key) FROM \(table) WHERE \(column) < ?1 ORDER BY \(column) LIMIT ?2)
            RETURNING 1
            """)
        defer { delete.reset() }
        delete.bind(1, time)
        delete.bind(2, Int64(limit))
        var count = 0
        while try delete.step() { count += 1 }
        return count
    }
}
