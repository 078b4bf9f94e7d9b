// The writer's side of the index.

package import Records

extension EventStore {
    /// The number of events that one transaction indexes at most.
    private static let indexStep: UInt64 = 50_000

    /// How many events are not in the index yet.
    package var unindexedCount: UInt64 { head - min(head, indexEnd) }

    /// The last event that is in the index, or is no longer kept.
    private var indexEnd: UInt64 { max(bounds.index.end, oldest - 1) }

    /// Whether so many events are not indexed that they should be.
    package var isIndexBehind: Bool { unindexedCount >= sizes.lag }

    /// Indexes the next events if enough of them wait for it; to be called within a transaction.
    func indexNewest() throws(LogUnavailable) {
        guard isIndexBehind else { return }
        try index(upTo: min(head, indexEnd + Self.indexStep))
    }

    /// Indexes the events that an older version has stored without an index, in transactions of its
    /// own.
    package func indexRest() throws(LogUnavailable) {
        while isIndexBehind {
            try transaction { () throws(LogUnavailable) in try indexNewest() }
        }
    }

    private func index(upTo last: UInt64) throws(LogUnavailable) {
        let start = indexEnd
        let part = try partForMore(after: start)
        let insert = try database.statement(
            "INSERT INTO event_index_\(part.number)(rowid, names) VALUES (?1, ?2)")
        if !unindexed.has(after: start, upTo: last) {
            try readUnindexed(after: start, upTo: last)
        }
        try unindexed.forEach(after: start, upTo: last) { sequence, words throws(LogUnavailable) in
            insert.bind(1, Int64(sequence))
            try insert.run(withText: words, at: 2)
        }
        unindexed.removeAll(after: last)
        try note(part.number, after: part.after, last: last)
    }

    /// Reads the events that an earlier run, or a transaction that failed, has left to be indexed.
    private func readUnindexed(after cursor: UInt64, upTo last: UInt64) throws(LogUnavailable) {
        unindexed.removeAll(after: cursor)
        let rows = try database.statement(
            "SELECT seq, resources FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq")
        defer { rows.reset() }
        rows.bind(1, Int64(cursor))
        rows.bind(2, Int64(last))
        while try rows.step() {
            unindexed.add(UInt64(clamping: rows.integer(0)), rows.bytes(1).span)
        }
    }

    /// Returns the part for the next events: the next part when the present one has its share of
    /// the log and the next is empty, and else the present one.
    private func partForMore(after start: UInt64) throws(LogUnavailable) -> IndexParts.Part {
        var (part, next) = (bounds.index.current, bounds.index.next)
        let share = (head + 1 - oldest) / UInt64(EventIndex.partCount - 1)
        guard part.count > 0 else {
            part.after = start
            return part
        }
        guard part.count >= max(sizes.smallestPart, share), next.count == 0 else {
            return part
        }
        next.after = start
        return next
    }

    /// Empties the parts none of whose events is kept.
    func clearExpiredParts() throws(LogUnavailable) {
        for part in bounds.index.parts where part.count > 0 && part.last < oldest {
            let name = "event_index_\(part.number)"
            try database.execute("INSERT INTO \(name)(\(name)) VALUES ('delete-all')")
            try note(part.number, after: part.last, last: part.last)
        }
    }

    private func note(_ part: Int, after: UInt64, last: UInt64) throws(LogUnavailable) {
        let update = try database.statement(
            "UPDATE event_index_parts SET after = ?2, last = ?3 WHERE part = ?1")
        update.bind(1, Int64(part))
        update.bind(2, Int64(after))
        update.bind(3, Int64(last))
        try update.run()
        bounds.index.set(part, after: after, last: last)
    }
}
