// Reads the store beside the writer. Each call sees one snapshot of the file, whatever the writer
// does meanwhile.
// Cost: every query goes by an index, so it costs by what it returns and by the number of
//   selectors, whatever the size of the log.

package import Records

/// A read-only connection to the store; not Sendable, one per thread.
package final class EventReader {
    let database: Database

    /// Opens the store in `directory`, which a writer has made.
    ///
    /// - Throws: `LogUnavailable` when it cannot be opened.
    package static func open(directory: String) throws(LogUnavailable) -> EventReader {
        EventReader(try Database(path: directory + "/" + EventStore.fileName, readOnly: true))
    }

    private init(_ database: Database) {
        self.database = database
    }

    package func close() {
        database.close()
    }

    /// Reads how much the store holds, and since when.
    ///
    /// - Throws: `LogUnavailable` when the file cannot be read.
    package func extent() throws(LogUnavailable) -> StoreExtent {
        try database.read { () throws(LogUnavailable) in
            let pages = try database.integer("PRAGMA page_count") ?? 0
            let free = try database.integer("PRAGMA freelist_count") ?? 0
            let size = try database.integer("PRAGMA page_size") ?? 0
            return StoreExtent(
                bytes: Int((pages - free) * size),
                oldestTime: try database.integer("SELECT at FROM events ORDER BY seq LIMIT 1"))
        }
    }

    /// Reads matching events with `cursor < sequence <= last`, at most `limit` and about
    /// `byteLimit` bytes of data.
    ///
    /// - Returns: `nil` when some after `cursor` are no longer kept.
    /// - Throws: `LogUnavailable` when the file cannot be read.
    package func page(
        after cursor: UInt64, upTo last: UInt64, selectors: [String], limit: Int, byteLimit: Int
    ) throws(LogUnavailable) -> EventRecordPage? {
        try database.read { () throws(LogUnavailable) in
            let first = try database.integer("SELECT seq FROM events ORDER BY seq LIMIT 1")
            let head = try database.integer(Schema.headQuery) ?? 0
            guard cursor + 1 >= UInt64(clamping: first ?? head + 1) else { return nil }
            // One more than the page may have tells whether there are more.
            let sequences = try EventIndex(database).sequences(
                after: cursor, upTo: last, matching: selectors, limit: limit + 1)
            var records: [EventRecord] = []
            var size = 0
            for sequence in sequences.prefix(limit) {
                guard size < byteLimit else { break }
                let record = try record(sequence)
                size += record.data.count
                records.append(record)
            }
            let isComplete = records.count == sequences.count
            return EventRecordPage(
                records: records,
                end: isComplete ? max(last, cursor) : records.last?.sequence ?? cursor)
        }
    }

    /// Reads the first `limit` retained events with `cursor < sequence <= last` that have not
    /// expired at `now`, in log order and each once.
    package func state(
        selectors: [String], after cursor: UInt64, upTo last: UInt64, limit: Int, now: Int64
    ) throws(LogUnavailable) -> [EventRecord] {
        try database.read { () throws(LogUnavailable) in
            var found: [UInt64: EventRecord] = [:]
            for selector in selectors {
                // An event that is the state of many resources of a kind counts once towards the
                // limit.
                try eachState(
                    of: selector, after: cursor, upTo: last, limit: limit, now: now,
                    grouping: "GROUP BY seq"
                ) { _, record in
                    found[record.sequence] = record
                }
            }
            return found.values.sorted { $0.sequence < $1.sequence }.prefix(limit).map { $0 }
        }
    }

    /// All retained events of some selectors and what of them has ended, as of one moment.
    package struct States {
        /// The last sequence of the log that all this belongs to.
        package let head: UInt64
        package let states: [(resource: String, record: EventRecord)]
        package let ends: [EndedResource]
    }

    /// Reads all retained events of the selectors that have not expired at `now`, by resource, and
    /// which resources have ended.
    package func states(selectors: [String], now: Int64) throws(LogUnavailable) -> States {
        try database.read { () throws(LogUnavailable) in
            let head = UInt64(clamping: try database.integer(Schema.headQuery) ?? 0)
            var states: [(resource: String, record: EventRecord)] = []
            var seen: Set<[UInt8]> = []
            for selector in selectors {
                try eachState(of: selector, after: 0, upTo: head, limit: .max, now: now) {
                    resource, record in
                    if seen.insert(Array("\(record.name) \(resource)".utf8)).inserted {
                        states.append((resource, record))
                    }
                }
            }
            return States(head: head, states: states, ends: try readEnds(selectors))
        }
    }

    /// Reads which resources have ended, each once.
    ///
    /// - Returns: them, and the last sequence of the log that they belong to.
    package func ends(
        selectors: [String]
    ) throws(LogUnavailable) -> (head: UInt64, ends: [EndedResource]) {
        try database.read { () throws(LogUnavailable) in
            let head = UInt64(clamping: try database.integer(Schema.headQuery) ?? 0)
            return (head, try readEnds(selectors))
        }
    }

    private func readEnds(_ selectors: [String]) throws(LogUnavailable) -> [EndedResource] {
        // The names of a kind stand between `kind:` and `kind;`, the next character.
        let rows = try database.statement(
            "SELECT resource, seq FROM ended WHERE resource >= ?1 AND resource < ?2")
        defer { rows.reset() }
        var ends: [EndedResource] = []
        var seen: Set<[UInt8]> = []
        for selector in selectors {
            let prefix = String(kind(of: selector))
            let isPattern = selector == prefix + ":*"
            rows.reset()
            rows.bind(1, isPattern ? prefix + ":" : selector)
            // No name has a control character, so that no other one lies between these two.
            rows.bind(2, isPattern ? prefix + ";" : selector + "\u{1}")
            while try rows.step() {
                let end = EndedResource(
                    resource: rows.text(0), sequence: UInt64(clamping: rows.integer(1)))
                if seen.insert(Array(end.resource.utf8)).inserted { ends.append(end) }
            }
        }
        return ends
    }

    /// Runs `body` on one unchanging view of the records.
    package func records<Value>(
        at now: Int64, _ body: (any RecordStore) throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Value {
        try database.read { () throws(LogUnavailable) in try body(RecordTables(database, at: now)) }
    }

    private func record(_ sequence: UInt64) throws(LogUnavailable) -> EventRecord {
        let row = try database.statement(
            "SELECT \(EventRecord.allColumns) FROM events WHERE seq = ?1")
        defer { row.reset() }
        row.bind(1, Int64(clamping: sequence))
        guard try row.step() else { throw Self.missing(sequence) }
        return EventRecord(row, all: true)
    }

    private func eachState(
        of selector: String, after cursor: UInt64, upTo last: UInt64, limit: Int, now: Int64,
        grouping: String = "",
        _ body: (_ resource: String, EventRecord) -> Void
    ) throws(LogUnavailable) {
        let isPattern = selector == kind(of: selector) + ":*"
        let column = isPattern ? "kind" : "resource"
        let rows = try database.statement(
            """
            SELECT \(EventRecord.stateColumns), resource FROM retained
            WHERE \(column) = ?1 AND seq > ?2 AND seq <= ?3
                AND (expires_at IS NULL OR expires_at > ?5)
            \(grouping) ORDER BY seq LIMIT ?4
            """)
        defer { rows.reset() }
        rows.bind(1, isPattern ? String(kind(of: selector)) : selector)
        rows.bind(2, Int64(clamping: cursor))
        rows.bind(3, Int64(clamping: last))
        rows.bind(4, Int64(clamping: limit))
        rows.bind(5, now)
        while try rows.step() { body(rows.text(9), EventRecord(rows, all: true)) }
    }
}

/// How much a store holds, and since when.
package struct StoreExtent: Sendable {
    /// Bytes of the file that are in use: free pages do not count.
    package let bytes: Int
    /// When its oldest event was stored, in milliseconds since 1970; `nil` when it has none.
    package let oldestTime: Int64?
}
