extension LogCheck {
    private static let step: UInt64 = 1000

    /// The events and the index by which resources find them.
    func checkLog(upTo head: UInt64) throws(StoreError) {
        var names: Int64 = 0
        var isWhole = false
        try examine("events") { () throws(StoreError) in
            (names, isWhole) = try checkEvents(upTo: head)
        }
        // When each event is found by all of its names, and there are no more rows than names, they are the same.
        try examine("event_resources") { () throws(StoreError) in
            advance("the index of resources")
            let count = try database.integer("SELECT count(*) FROM event_resources") ?? 0
            if !isWhole || count != names { try checkIndex() }
        }
    }

    /// Each event; how many names they have, and whether the index has all of them.
    private func checkEvents(upTo head: UInt64) throws(StoreError) -> (Int64, isWhole: Bool) {
        let rows = try database.statement("SELECT \(EventRecord.columns) FROM events ORDER BY seq")
        defer { rows.reset() }
        var names: Int64 = 0
        var isWhole = true
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
            for name in EventStore.indexNames(of: record.resources) {
                names += 1
                if try !isIndexed(name, sequence) {
                    isWhole = false
                    find("event \(sequence): event_resources has no row for \(name.quoted)")
                }
            }
            if sequence % Self.step == 0, sequence <= head {
                advance("events", sequence - first, of: head - first + 1)
            }
        }
        return (names, isWhole)
    }

    private func isIndexed(_ name: String, _ sequence: UInt64) throws(StoreError) -> Bool {
        let row = try database.statement(
            "SELECT 1 FROM event_resources WHERE resource = ?1 AND seq = ?2")
        defer { row.reset() }
        row.bind(1, name)
        row.bind(2, Int64(clamping: sequence))
        return try row.step()
    }

    /// Each row of the index: whether there is such an event, and whether it names the resource.
    private func checkIndex() throws(StoreError) {
        let rows = try database.statement(
            """
            SELECT link.resource, link.seq, events.resources FROM event_resources AS link
            LEFT JOIN events ON events.seq = link.seq
            """)
        defer { rows.reset() }
        while try rows.step() {
            let (name, sequence) = (rows.text(0), rows.integer(1))
            if rows.isNull(2) {
                find("event_resources: \(name.quoted) names event \(sequence), which is not there")
            } else if !EventStore.indexNames(of: names(in: rows.text(2))).contains(where: {
                $0.utf8.elementsEqual(name.utf8)
            }) {
                find("event_resources: event \(sequence) is not one of \(name.quoted)")
            }
        }
    }
}
