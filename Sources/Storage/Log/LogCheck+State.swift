internal import Records

extension LogCheck {
    /// Checks the retained events, which must equal the log's events where the log still has them.
    func checkState(upTo head: UInt64) throws(LogUnavailable) {
        advance("state")
        let oldest = try database.integer("SELECT min(seq) FROM events WHERE true")
        let rows = try database.statement(
            """
            SELECT state.seq, state.at, state.name, state.resources, state.data, NULL,
                state.resource, state.kind, events.seq,
                events.at IS state.at AND events.name IS state.name
                    AND events.resources IS state.resources AND events.data IS state.data
            FROM retained AS state LEFT JOIN events ON events.seq = state.seq
            """)
        defer { rows.reset() }
        while try rows.step() {
            let (sequence, resource) = (rows.integer(0), rows.text(6))
            let record = EventRecord(rows)
            let place = "retained: \(resource.quoted), \(record.name.quoted)"
            guard sequence > 0, UInt64(sequence) <= head else {
                find("\(place): there was no event \(sequence)")
                continue
            }
            if rows.isNull(8) {
                if let oldest, sequence >= oldest {
                    find("\(place): event \(sequence) is not in the log")
                }
            } else if rows.integer(9) == 0 {
                find("\(place): it is not what event \(sequence) says")
            }
            if !record.resources.contains(where: { $0.utf8.elementsEqual(resource.utf8) }) {
                find("\(place): event \(sequence) does not name it")
            }
            if rows.text(7) != kind(of: resource) {
                find("\(place): its kind is noted as \(rows.text(7).quoted)")
            }
            if let finding = judge(record) { find("\(place): \(finding)") }
        }
    }

    /// Checks the resources that have ended: each with an event that says so, where the log still
    /// has it.
    func checkEndedResources(upTo head: UInt64) throws(LogUnavailable) {
        guard file.hasEnds else { return }
        advance("ends")
        let oldest = try database.integer("SELECT min(seq) FROM events WHERE true")
        let rows = try database.statement(
            """
            SELECT ended.resource, ended.seq, events.seq, events.is_end, events.resources
            FROM ended LEFT JOIN events ON events.seq = ended.seq
            """)
        defer { rows.reset() }
        while try rows.step() {
            let (resource, sequence) = (rows.text(0), rows.integer(1))
            let place = "ended: \(resource.quoted)"
            guard sequence >= 0, UInt64(sequence) <= head else {
                find("\(place): there was no event \(sequence)")
                continue
            }
            if rows.isNull(2) {
                if let oldest, sequence >= oldest {
                    find("\(place): event \(sequence) is not in the log")
                }
                continue
            }
            let resources = names(in: rows.text(4))
            if rows.integer(3) != 1
                || !resources.contains(where: { $0.utf8.elementsEqual(resource.utf8) })
            {
                find("\(place): event \(sequence) does not end it")
            }
        }
    }

    func checkKeys(upTo head: UInt64) throws(LogUnavailable) {
        advance("keys")
        let rows = try database.statement("SELECT key, seq FROM idempotency WHERE seq IS NOT NULL")
        defer { rows.reset() }
        while try rows.step() {
            let sequence = rows.integer(1)
            if sequence < 1 || UInt64(sequence) > head {
                find("idempotency: \(rows.text(0).quoted): there was no event \(sequence)")
            }
        }
    }
}
