extension LogFile {
    /// Events behind a cursor, and where the log stood when they were read.
    package struct Page: Sendable {
        package let records: [EventRecord]
        /// Up to here the records are complete; the next page begins behind it.
        package let end: UInt64
        package let oldest: UInt64
        package let head: UInt64
    }

    /// Events that one of `selectors` names, or all without any, in log order.
    ///
    /// At most `limit`, and no more once they have `byteLimit` bytes of data.
    /// - Throws: `StoreError` when the file cannot be read.
    package func page(
        after cursor: UInt64, matching selectors: [String], limit: Int, byteLimit: Int = 1 << 20
    ) throws(StoreError) -> Page {
        try database.read { () throws(StoreError) in
            let (oldest, head) = try bounds()
            let rows = try database.statement(
                "SELECT \(EventRecord.columns) FROM events WHERE seq IN "
                    + "(\(Self.sequences(of: selectors)) LIMIT ?1) ORDER BY seq")
            defer { rows.reset() }
            rows.bind(1, Int64(clamping: limit))
            Self.bind(selectors, after: cursor, to: rows)
            var records: [EventRecord] = []
            var size = 0
            while size < byteLimit, try rows.step() {
                records.append(EventRecord(rows))
                size += records[records.count - 1].data.count + 200
            }
            let isFull = records.count == limit || size >= byteLimit
            let end = isFull ? records.last?.sequence ?? cursor : max(head, cursor)
            return Page(records: records, end: end, oldest: oldest, head: head)
        }
    }

    /// The cursor behind which the last `count` events stand that `selectors` name.
    package func cursor(
        beforeLast count: Int, matching selectors: [String]
    ) throws(StoreError) -> UInt64 {
        try database.read { () throws(StoreError) in
            guard count > 0 else { return try bounds().head }
            let rows = try database.statement(
                Self.sequences(of: selectors, order: "DESC") + " LIMIT 1 OFFSET ?1")
            defer { rows.reset() }
            rows.bind(1, Int64(clamping: count - 1))
            Self.bind(selectors, after: 0, to: rows)
            return try rows.step() ? UInt64(clamping: rows.integer(0) - 1) : 0
        }
    }

    /// A query for the sequences of events; parameter 1 is the caller's, 2 the cursor, the selectors follow.
    ///
    /// Its parts come ordered out of the index, so SQLite merges them as they come, however many there are.
    static func sequences(of selectors: [String], order: String = "ASC") -> String {
        guard !selectors.isEmpty else {
            return "SELECT seq FROM events WHERE seq > ?2 ORDER BY seq \(order)"
        }
        let parts = selectors.indices.map { index in
            "SELECT seq FROM event_resources WHERE resource = ?\(index + 3) AND seq > ?2"
        }
        return parts.joined(separator: " UNION ") + " ORDER BY seq \(order)"
    }

    static func bind(_ selectors: [String], after cursor: UInt64, to rows: Statement) {
        rows.bind(2, Int64(clamping: cursor))
        for (index, selector) in selectors.enumerated() { rows.bind(Int32(index + 3), selector) }
    }
}
