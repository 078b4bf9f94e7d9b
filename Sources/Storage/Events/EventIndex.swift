// Finds the events of a resource or of a kind.
//
// Problem: in a B-tree by (resource, sequence) each event goes to a place of its own. With many
//   resources that is a page per event to be read, written, logged and brought into the file, and
//   again when the event is deleted.
// So the index is SQLite's full-text index (FTS5): what comes is written as a sorted run, and runs
//   are merged into longer ones. An event is a document, its words are its resources and, as
//   `kind:*`, their kinds (no event can be published to that name). Three more things make it
//   cheap:
// - The newest events, fewer than `IndexSizes.lag`, are not in it yet; a reader looks at them one
//   by one. So most commits of single events write one page.
// - Entries are never taken out one by one. The index has parts that are used in turn, each for a
//   stretch of the log; a part is emptied at once when none of its events is kept any more.
// - It keeps sequences alone, no positions and no text (`detail`, `content`, `columnsize`).
// Invariant: a part has every event of its stretch that is kept, and perhaps some that are not;
//   nobody asks for those, since a reader begins behind a cursor that is kept.
// Cost: a query costs by what it finds and by the number of parts.

internal import Records

/// The readers' side of the index.
struct EventIndex {
    static let partCount = 4
    /// The first format of the file that has this index.
    static let firstVersion = 3

    let database: Database
    /// Whether the file has an index; one of an older format has none, and all of its events are
    /// looked at one by one.
    private let isThere: Bool

    init(_ database: Database, version: Int = firstVersion) {
        self.database = database
        isThere = version >= Self.firstVersion
    }

    /// Returns which stretch of the log each part of the index has now.
    ///
    /// - Throws: `LogUnavailable` when the file does not say.
    func parts() throws(LogUnavailable) -> IndexParts {
        isThere ? try IndexParts(database) : IndexParts()
    }

    /// The SQL by which a migration makes the index.
    static let tables =
        """
        CREATE TABLE event_index_parts (part INTEGER PRIMARY KEY, after INTEGER NOT NULL,
            last INTEGER NOT NULL, CHECK (after <= last)) STRICT;

        """
        + (0..<partCount).map { part in
            """
            INSERT INTO event_index_parts VALUES (\(part), 0, 0);
            CREATE VIRTUAL TABLE event_index_\(part) USING fts5(names, content='', columnsize=0,
                detail=none, tokenize="ascii tokenchars ':*._-~'");

            """
        }.joined()

    /// Returns the first `limit` events with `cursor < sequence <= last` that match one of
    /// `selectors`, in ascending order.
    func sequences(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [String], limit: Int
    ) throws(LogUnavailable) -> [UInt64] {
        let parts = try self.parts()
        guard !selectors.isEmpty else { return [] }
        var found: [UInt64] = []
        for part in parts.ascending where part.last > cursor && part.after < last {
            let rows = try database.statement(
                """
                SELECT rowid FROM event_index_\(part.number) WHERE event_index_\(part.number) MATCH ?1
                AND rowid > ?2 AND rowid <= ?3 ORDER BY rowid LIMIT ?4
                """)
            defer { rows.reset() }
            rows.bind(1, IndexTerm.query(for: selectors))
            rows.bind(2, Int64(clamping: cursor))
            rows.bind(3, Int64(clamping: last))
            rows.bind(4, Int64(limit - found.count))
            while try rows.step() { found.append(UInt64(clamping: rows.integer(0))) }
            if found.count == limit { return found }
        }
        try eachEvent(after: max(cursor, parts.end), upTo: last) { sequence, names in
            if Self.isAny(of: selectors, in: names) { found.append(sequence) }
            return found.count < limit
        }
        return found
    }

    /// Calls `body` with the matching events before `end` and down to `oldest`, newest first, until
    /// it returns `false`.
    func eachNewest(
        downTo oldest: UInt64, before end: UInt64 = .max, matching selectors: [String],
        _ body: (UInt64) -> Bool
    ) throws(LogUnavailable) {
        guard !selectors.isEmpty, end > oldest else { return }
        let parts = try self.parts()
        var unindexed: [UInt64] = []
        try eachEvent(after: parts.end, upTo: end - 1) { sequence, names in
            if Self.isAny(of: selectors, in: names) { unindexed.append(sequence) }
            return true
        }
        for sequence in unindexed.reversed() where !body(sequence) { return }
        for part in parts.ascending.reversed()
        where part.count > 0 && part.last >= oldest && part.after < end {
            let rows = try database.statement(
                """
                SELECT rowid FROM event_index_\(part.number) WHERE event_index_\(part.number) MATCH ?1
                AND rowid >= ?2 AND rowid < ?3 ORDER BY rowid DESC
                """)
            defer { rows.reset() }
            rows.bind(1, IndexTerm.query(for: selectors))
            rows.bind(2, Int64(clamping: oldest))
            rows.bind(3, Int64(clamping: end))
            while try rows.step() {
                if !body(UInt64(clamping: rows.integer(0))) { return }
            }
        }
    }

    /// Returns the newest event of a resource that is kept; 0 when there is none.
    ///
    /// Cost: the events that are not indexed are compared within SQLite, some hundred at most
    /// outside of a large transaction.
    func newest(of resource: String, downTo oldest: UInt64) throws(LogUnavailable) -> UInt64 {
        let parts = try self.parts()
        let recent = try database.statement(
            """
            SELECT seq FROM events WHERE seq > ?1
            AND (resources = ?2 OR instr(',' || resources || ',', ',' || ?2 || ','))
            ORDER BY seq DESC LIMIT 1
            """)
        defer { recent.reset() }
        recent.bind(1, Int64(clamping: max(parts.end, oldest - 1)))
        recent.bind(2, resource)
        if try recent.step() { return UInt64(clamping: recent.integer(0)) }
        for part in parts.ascending.reversed() where part.count > 0 && part.last >= oldest {
            let rows = try database.statement(
                """
                SELECT rowid FROM event_index_\(part.number) WHERE event_index_\(part.number) MATCH ?1
                AND rowid >= ?2 ORDER BY rowid DESC LIMIT 1
                """)
            defer { rows.reset() }
            rows.bind(1, IndexTerm.query(for: [resource]))
            rows.bind(2, Int64(clamping: oldest))
            if try rows.step() { return UInt64(clamping: rows.integer(0)) }
        }
        return 0
    }

    /// Calls `body` with the names of each event with `cursor < sequence <= last`, in ascending
    /// order, until it returns `false`.
    func eachEvent(
        after cursor: UInt64, upTo last: UInt64,
        _ body: (_ sequence: UInt64, _ names: [String]) -> Bool
    ) throws(LogUnavailable) {
        let rows = try database.statement(
            "SELECT seq, resources FROM events WHERE seq > ?1 AND seq <= ?2 ORDER BY seq")
        defer { rows.reset() }
        rows.bind(1, Int64(clamping: cursor))
        rows.bind(2, Int64(clamping: last))
        while try rows.step() {
            let resources = names(in: rows.text(1))
            if !body(UInt64(clamping: rows.integer(0)), IndexTerm.names(of: resources)) { return }
        }
    }

    private static func isAny(of selectors: [String], in names: [String]) -> Bool {
        // By bytes: Swift's equality takes `é` and `e` with an accent for the same.
        names.contains { name in selectors.contains { $0.utf8.elementsEqual(name.utf8) } }
    }
}

/// The numbers of events that decide when the index is written.
package struct IndexSizes: Sendable {
    /// The number of waiting events from which on they are indexed; fewer are looked at one by one.
    let lag: UInt64
    /// The number of events that a part has at least before the next one is begun.
    let smallestPart: UInt64

    package init(lag: UInt64 = 512, smallestPart: UInt64 = 4096) {
        self.lag = lag
        self.smallestPart = smallestPart
    }
}

/// Which stretch of the log each part of the index has.
struct IndexParts {
    struct Part {
        let number: Int
        /// The sequence after which its stretch begins.
        var after: UInt64
        /// The last sequence of its stretch.
        var last: UInt64

        var count: UInt64 { last - after }
    }

    /// All parts, ordered by their numbers.
    private(set) var parts: [Part]

    /// The parts of an index that holds nothing.
    init() {
        parts = (0..<EventIndex.partCount).map { Part(number: $0, after: 0, last: 0) }
    }

    init(_ database: Database) throws(LogUnavailable) {
        let rows = try database.statement(
            "SELECT part, after, last FROM event_index_parts ORDER BY part")
        parts = try rows.rows { row in
            Part(
                number: Int(row.integer(0)), after: UInt64(clamping: row.integer(1)),
                last: UInt64(clamping: row.integer(2)))
        }
        guard parts.map(\.number) == Array(0..<EventIndex.partCount),
            parts.allSatisfy({ $0.after <= $0.last })
        else {
            throw LogUnavailable(
                .corrupt,
                message: "\(database.path): event_index_parts does not tell what is indexed")
        }
    }

    /// The last event that is in the index.
    var end: UInt64 { current.last }

    /// The part that takes new events.
    var current: Part { parts.max { $0.last < $1.last } ?? parts[0] }

    /// The part that comes next.
    var next: Part { parts[(current.number + 1) % parts.count] }

    /// The parts in the order of their stretches.
    var ascending: [Part] { parts.sorted { $0.last < $1.last } }

    mutating func set(_ number: Int, after: UInt64, last: UInt64) {
        parts[number].after = after
        parts[number].last = last
    }
}
