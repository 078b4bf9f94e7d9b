package import Records

extension EventReader {
    /// Reads the places of the newest matching events before `end`, newest first.
    ///
    /// - Returns: at most `limit` sequences with the events' names.
    /// - Throws: `LogUnavailable` when the file cannot be read.
    package func newest(
        before end: UInt64, selectors: [String], limit: Int
    ) throws(LogUnavailable) -> [(sequence: UInt64, name: String)] {
        try database.read { () throws(LogUnavailable) in
            // The index may know of events that are not kept any more.
            let oldest = try database.integer("SELECT seq FROM events ORDER BY seq LIMIT 1")
            guard let oldest, limit > 0 else { return [] }
            var sequences: [UInt64] = []
            try EventIndex(database).eachNewest(
                downTo: UInt64(clamping: oldest), before: end, matching: selectors
            ) { sequence in
                sequences.append(sequence)
                return sequences.count < limit
            }
            let row = try database.statement("SELECT name FROM events WHERE seq = ?1")
            defer { row.reset() }
            var found: [(sequence: UInt64, name: String)] = []
            for sequence in sequences {
                row.reset()
                row.bind(1, Int64(clamping: sequence))
                guard try row.step() else { throw Self.missing(sequence) }
                found.append((sequence, row.text(0)))
            }
            return found
        }
    }

    /// The error of a store in which an event is in the index alone.
    static func missing(_ sequence: UInt64) -> LogUnavailable {
        LogUnavailable(
            .corrupt, message: "event \(sequence) is in the index and not in the log")
    }
}
