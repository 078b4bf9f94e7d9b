// Reads from a log what an import needs to make the same log again: the events, whether they are
// still state, and their idempotency keys.
//
// A row of `events` does not say whether the event is retained. The table of state does, as long as
// the event is the state of one of its resources. That is enough: when the events are played back
// in order, each resource and name ends with the retained event that it had. State may be older
// than the log. Its row is then all that is left of the event, and such rows come first.
// Memory: one event. SQLite sorts the keys by the sequences of their events, in a file when its
//    cache is too small.

package import Records

/// An event with what is kept beside it.
package struct ExportedEvent: Sendable, Equatable {
    package let record: EventRecord
    /// Whether it is the state of at least one of its resources.
    package let isRetained: Bool
    package let key: String?
}

/// Reads the events of a log in order, from one snapshot of the file.
///
/// The snapshot lasts until `close`.
package final class LogExport {
    package let epoch: String
    package let oldest: UInt64
    package let head: UInt64

    private let database: Database
    private let index: EventIndex
    private let selectors: Set<[UInt8]>
    private let states: Statement
    private let events: Statement
    private let event: Statement
    private let keys: Statement
    private let isState: Statement
    private var isPastStates = false
    /// The next sequences that match the selectors; `cursor` is the last of them.
    private var found: ArraySlice<UInt64> = []
    private var cursor: UInt64
    /// The next key and its event's sequence; keys come in the order of sequences.
    private var key: (sequence: UInt64, text: String)?

    /// Begins with the first event after `cursor` that matches one of `selectors`; without any, all
    /// events match.
    ///
    /// - Throws: `LogUnavailable` when the file cannot be read.
    package init(
        _ file: LogFile, after cursor: UInt64, matching selectors: [String]
    ) throws(LogUnavailable) {
        database = file.database
        index = file.index
        self.selectors = Set(selectors.map { Array($0.utf8) })
        self.cursor = cursor
        try database.execute("BEGIN")
        do throws(LogUnavailable) {
            epoch = try file.epoch()
            (oldest, head) = try file.bounds()
            states = try database.statement(
                """
                SELECT seq, at, name, resources, data, NULL FROM retained
                WHERE seq > ?1 AND seq < ?2 GROUP BY seq ORDER BY seq
                """)
            states.bind(1, Int64(clamping: cursor))
            states.bind(2, Int64(clamping: oldest))
            events = try database.statement(
                "SELECT \(EventRecord.columns) FROM events WHERE seq > ?1 ORDER BY seq")
            events.bind(1, Int64(clamping: cursor))
            event = try database.statement(
                "SELECT \(EventRecord.columns) FROM events WHERE seq = ?1")
            keys = try database.statement(
                "SELECT seq, key FROM idempotency WHERE seq > ?1 ORDER BY seq")
            keys.bind(1, Int64(clamping: cursor))
            isState = try database.statement(
                "SELECT 1 FROM retained WHERE resource = ?1 AND name = ?2 AND seq = ?3")
            try nextKey()
        } catch {
            try? database.execute("COMMIT")
            throw error
        }
    }

    /// Returns the next event, or `nil` at the end.
    package func next() throws(LogUnavailable) -> ExportedEvent? {
        while !isPastStates {
            guard try states.step() else {
                isPastStates = true
                break
            }
            let record = EventRecord(states)
            guard isChosen(record) else { continue }
            return ExportedEvent(
                record: record, isRetained: true, key: try key(of: record.sequence))
        }
        guard let record = try nextRecord() else { return nil }
        return ExportedEvent(
            record: record, isRetained: try isRetained(record), key: try key(of: record.sequence))
    }

    private func nextRecord() throws(LogUnavailable) -> EventRecord? {
        if selectors.isEmpty { return try events.step() ? EventRecord(events) : nil }
        if found.isEmpty {
            let names = selectors.map { String(decoding: $0, as: UTF8.self) }
            found = try index.sequences(
                after: max(cursor, oldest - 1), upTo: head, matching: names, limit: 1000)[...]
            cursor = found.last ?? head
        }
        guard let sequence = found.popFirst() else { return nil }
        return try record(Int64(clamping: sequence))
    }

    /// Ends the snapshot of the file.
    package func close() {
        for statement in [states, events, event, keys, isState] { statement.reset() }
        try? database.execute("COMMIT")
    }

    private func record(_ sequence: Int64) throws(LogUnavailable) -> EventRecord {
        event.reset()
        event.bind(1, sequence)
        guard try event.step() else {
            throw LogUnavailable(
                .corrupt, message: "event \(sequence) is in the index and not in the log")
        }
        return EventRecord(event)
    }

    private func isChosen(_ record: EventRecord) -> Bool {
        selectors.isEmpty
            || IndexTerm.names(of: record.resources).contains {
                selectors.contains(Array($0.utf8))
            }
    }

    private func isRetained(_ record: EventRecord) throws(LogUnavailable) -> Bool {
        for resource in record.resources {
            isState.reset()
            isState.bind(1, resource)
            isState.bind(2, record.name)
            isState.bind(3, Int64(clamping: record.sequence))
            if try isState.step() { return true }
        }
        return false
    }

    private func key(of sequence: UInt64) throws(LogUnavailable) -> String? {
        while let next = key, next.sequence < sequence { try nextKey() }
        return key?.sequence == sequence ? key?.text : nil
    }

    private func nextKey() throws(LogUnavailable) {
        key = try keys.step() ? (UInt64(clamping: keys.integer(0)), keys.text(1)) : nil
    }
}
