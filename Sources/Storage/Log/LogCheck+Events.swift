internal import Records

extension LogCheck {
    private static let step: UInt64 = 1000

    /// Checks the events, and the index that finds them by resource.
    func checkLog(upTo head: UInt64) throws(LogUnavailable) {
        // The index gives its entries in an order of its own, so sums are compared: blocks with the
        // same sum have the same entries.
        var expected = IndexSums()
        try examine("events") { () throws(LogUnavailable) in
            expected = try checkEvents(upTo: head)
        }
        try examine("event_index") { () throws(LogUnavailable) in
            advance("the index of resources")
            try checkIndex(expected)
        }
    }

    /// Checks each event.
    ///
    /// - Returns: sums of the entries that the index should have.
    private func checkEvents(upTo head: UInt64) throws(LogUnavailable) -> IndexSums {
        let indexed = try file.index.parts().end
        let rows = try database.statement("SELECT \(EventRecord.columns) FROM events ORDER BY seq")
        defer { rows.reset() }
        var sums = IndexSums()
        var last: (sequence: UInt64, at: Int64)?
        var first: UInt64 = 0
        while try rows.step() {
            if rows.integer(0) < 1 { find("event \(rows.integer(0)): sequences begin with 1") }
            let record = EventRecord(rows)
            let sequence = record.sequence
            if let last {
                if sequence > last.sequence + 1 {
                    let gap = "\(last.sequence + 1) to \(sequence - 1)"
                    find(
                        sequence == last.sequence + 2
                            ? "events: \(sequence - 1) is missing" : "events: \(gap) are missing")
                }
                if record.at < last.at {
                    find("event \(sequence): its time is before that of the event before it")
                }
            } else {
                first = sequence
            }
            last = (sequence, record.at)
            if let finding = judge(record) { find("event \(sequence): \(finding)") }
            if sequence <= indexed {
                for name in IndexTerm.names(of: record.resources) {
                    sums.add(IndexTerm.word(for: name), rows.integer(0))
                }
            }
            if sequence % Self.step == 0, sequence <= head {
                advance("events", sequence - first, of: head - first + 1)
            }
        }
        return sums
    }
}
