// Reads from a log what an import needs to make the same log again: the events, whether they are
// still state, and their idempotency keys.
//
// A row of `events` does not say whether the event is retained. The table of state does, as long as
// the event is the state of one of its resources. That is enough: when the events are played back
// in order, each resource and name ends with the retained event that it had. State may be older
// than the log. Its row is then all that is left of the event, and such rows come first. It is the
// same with ends: the table of ends says which of the events that were ends still are, and before
// all else come the resources that had ended with an event that is gone. A resource that was
// forgotten has lost its end and its state, while other resources of the same events may still have
// theirs; then the export says which have.
// Memory: one event. SQLite sorts the keys by the sequences of their events, in a file when its
//    cache is too small.

package import Records

/// An event with what is kept beside it.
package struct ExportedEvent: Sendable, Equatable {
    package let record: EventRecord
    /// Whether it is the state of at least one of its resources.
    package let isRetained: Bool
    /// The resources of which it is the state, if another one was forgotten since.
    package var stateOf: [String]?
    /// Whether it has ended at least one of its resources.
    package var isEnd = false
    /// The resources that it has ended, if that is not all of its own.
    package var endOf: [String]?
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
    private let state: Statement
    /// `nil` for a file of an older format, in which nothing ends.
    private let end: Statement?
    private let earlierEnds: Statement?
    private var isPastStates = false
    /// Whether the file has the columns of the newest format.
    private let hasAll: Bool
    private static let olderState = "seq, at, name, resources, data, NULL"
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
                SELECT \(file.hasEnds ? EventRecord.stateColumns : Self.olderState) FROM retained
                WHERE seq > ?1 AND seq < ?2 GROUP BY seq ORDER BY seq
                """)
            states.bind(1, Int64(clamping: cursor))
            states.bind(2, Int64(clamping: oldest))
            hasAll = file.hasEnds
            let columns = hasAll ? EventRecord.allColumns : EventRecord.columns
            events = try database.statement(
                "SELECT \(columns) FROM events WHERE seq > ?1 ORDER BY seq")
            events.bind(1, Int64(clamping: cursor))
            event = try database.statement("SELECT \(columns) FROM events WHERE seq = ?1")
            keys = try database.statement(
                "SELECT seq, key FROM idempotency WHERE seq > ?1 ORDER BY seq")
            keys.bind(1, Int64(clamping: cursor))
            state = try database.statement(
                "SELECT seq FROM retained WHERE resource = ?1 AND name = ?2")
            if hasAll {
                end = try database.statement("SELECT seq FROM ended WHERE resource = ?1")
                earlierEnds = try database.statement(
                    """
                    SELECT resource FROM ended WHERE (seq > ?1 OR ?1 = 0) AND seq < ?2
                    ORDER BY resource
                    """)
                earlierEnds?.bind(1, Int64(clamping: cursor))
                earlierEnds?.bind(2, Int64(clamping: oldest))
            } else {
                (end, earlierEnds) = (nil, nil)
            }
            try nextKey()
        } catch {
            try? database.execute("COMMIT")
            throw error
        }
    }

    /// Returns the next resource that had ended with an event which is not in the log any more;
    /// `nil` when there is no other one.
    package func nextEarlierEnd() throws(LogUnavailable) -> String? {
        guard let earlierEnds else { return nil }
        while try earlierEnds.step() {
            let resource = earlierEnds.text(0)
            if selectors.isEmpty || isChosen([resource]) { return resource }
        }
        return nil
    }

    /// Returns the next event, or `nil` at the end.
    package func next() throws(LogUnavailable) -> ExportedEvent? {
        while !isPastStates {
            guard try states.step() else {
                isPastStates = true
                break
            }
            let record = EventRecord(states, all: hasAll)
            guard isChosen(record.resources) else { continue }
            return try exported(record)
        }
        return try nextRecord().map { record throws(LogUnavailable) in try exported(record) }
    }

    /// Finds what is kept beside an event.
    private func exported(_ record: EventRecord) throws(LogUnavailable) -> ExportedEvent {
        let (stated, hasLost) = try state(in: record)
        let ended = record.isEnd ? try resourcesEnded(by: record) : []
        return ExportedEvent(
            record: record, isRetained: !stated.isEmpty,
            stateOf: hasLost && !stated.isEmpty ? stated : nil, isEnd: !ended.isEmpty,
            endOf: ended.isEmpty || ended.count == record.resources.count ? nil : ended,
            key: try key(of: record.sequence))
    }

    private func nextRecord() throws(LogUnavailable) -> EventRecord? {
        if selectors.isEmpty { return try events.step() ? EventRecord(events, all: hasAll) : nil }
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
        for statement in [states, events, event, keys, state] { statement.reset() }
        end?.reset()
        earlierEnds?.reset()
        try? database.execute("COMMIT")
    }

    private func record(_ sequence: Int64) throws(LogUnavailable) -> EventRecord {
        event.reset()
        event.bind(1, sequence)
        guard try event.step() else {
            throw LogUnavailable(
                .corrupt, message: "event \(sequence) is in the index and not in the log")
        }
        return EventRecord(event, all: hasAll)
    }

    private func isChosen(_ resources: [String]) -> Bool {
        selectors.isEmpty
            || IndexTerm.names(of: resources).contains {
                selectors.contains(Array($0.utf8))
            }
    }

    /// Returns the resources of which an event is the state, and whether another one has no state
    /// of that name at all, because it was forgotten or the event was never state.
    private func state(
        in record: EventRecord
    ) throws(LogUnavailable) -> (of: [String], hasLost: Bool) {
        var found: [String] = []
        var hasLost = false
        for resource in record.resources {
            state.reset()
            state.bind(1, resource)
            state.bind(2, record.name)
            if try state.step() {
                if state.integer(0) == Int64(clamping: record.sequence) { found.append(resource) }
            } else {
                hasLost = true
            }
        }
        return (found, hasLost)
    }

    private func resourcesEnded(by record: EventRecord) throws(LogUnavailable) -> [String] {
        guard let end else { return [] }
        var ended: [String] = []
        for resource in record.resources {
            end.reset()
            end.bind(1, resource)
            if try end.step(), end.integer(0) == Int64(clamping: record.sequence) {
                ended.append(resource)
            }
        }
        return ended
    }

    private func key(of sequence: UInt64) throws(LogUnavailable) -> String? {
        while let next = key, next.sequence < sequence { try nextKey() }
        return key?.sequence == sequence ? key?.text : nil
    }

    private func nextKey() throws(LogUnavailable) {
        key = try keys.step() ? (UInt64(clamping: keys.integer(0)), keys.text(1)) : nil
    }
}
