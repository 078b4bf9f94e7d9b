package import Records

extension LogFile {
    /// Events after a cursor, and the bounds of the log when they were read.
    package struct Page: Sendable {
        package let records: [EventRecord]
        /// The sequence up to which `records` is complete; the next page begins after it.
        package let end: UInt64
        package let oldest: UInt64
        package let head: UInt64
    }

    /// Reads events after `cursor` that match one of `selectors`, in log order; without any, all
    /// match.
    ///
    /// The page has at most `limit` events, and ends once it has `byteLimit` bytes, counted as each
    /// event's data and 200 bytes more.
    /// - Throws: `LogUnavailable` when the file cannot be read.
    package func page(
        after cursor: UInt64, matching selectors: [String], limit: Int, byteLimit: Int = 1 << 20
    ) throws(LogUnavailable) -> Page {
        try database.read { () throws(LogUnavailable) in
            let (oldest, head) = try bounds()
            let rows = try database.statement(
                "SELECT \(EventRecord.columns) FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2")
            defer { rows.reset() }
            var records: [EventRecord] = []
            var size = 0
            func read(_ count: Int, after sequence: UInt64) throws(LogUnavailable) {
                rows.reset()
                rows.bind(1, Int64(clamping: sequence))
                rows.bind(2, Int64(clamping: count))
                while size < byteLimit, try rows.step() {
                    records.append(EventRecord(rows))
                    size += records[records.count - 1].data.count + 200
                }
            }
            if selectors.isEmpty {
                try read(limit, after: cursor)
            } else {
                let found = try index.sequences(
                    after: max(cursor, oldest - 1), upTo: head, matching: selectors, limit: limit)
                for sequence in found where size < byteLimit { try read(1, after: sequence - 1) }
            }
            let isFull = records.count == limit || size >= byteLimit
            let end = isFull ? records.last?.sequence ?? cursor : max(head, cursor)
            return Page(records: records, end: end, oldest: oldest, head: head)
        }
    }

    /// Returns the cursor after which the last `count` events that match `selectors` follow.
    package func cursor(
        beforeLast count: Int, matching selectors: [String]
    ) throws(LogUnavailable) -> UInt64 {
        try database.read { () throws(LogUnavailable) in
            guard count > 0 else { return try bounds().head }
            let (oldest, head) = try bounds()
            guard !selectors.isEmpty else {
                return max(head, UInt64(count) + oldest - 1) - UInt64(count)
            }
            var sequence: UInt64 = 1
            var missing = count
            try index.eachNewest(downTo: oldest, matching: selectors) { newer in
                sequence = newer
                missing -= 1
                return missing > 0
            }
            return missing > 0 ? 0 : sequence - 1
        }
    }
}
