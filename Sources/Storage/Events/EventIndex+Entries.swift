// Reads all entries of the index, to count and to check them. SQLite shows them through virtual
// tables (fts5vocab), which each connection makes for itself.

internal import Records

extension EventIndex {
    /// Counts the different resources and kinds of the events from `oldest` on.
    func countNames(from oldest: UInt64) throws(LogUnavailable) -> (resources: Int64, kinds: Int64)
    {
        let parts = try self.parts()
        var newest: Set<[UInt8]> = []
        try eachEvent(after: max(parts.end, oldest - 1), upTo: .max) { _, names in
            for name in names { newest.insert(Array(IndexTerm.word(for: name).utf8)) }
            return true
        }
        // Each part gives its words in the order of their bytes: the least of all is the next one.
        var sources = try entries(of: parts, from: oldest).map(WordSource.init)
        defer { for source in sources { source.rows.reset() } }
        var (names, kinds): (Int64, Int64) = (0, 0)
        func count(_ word: [UInt8]) {
            names += 1
            let isPattern = word.suffix(2) == [UInt8(ascii: ":"), UInt8(ascii: "*")]
            if isPattern, word.firstIndex(of: UInt8(ascii: ":")) == word.count - 2 { kinds += 1 }
        }
        for index in sources.indices { try sources[index].advance(past: []) }
        while let word = sources.compactMap(\.word).min(by: { $0.lexicographicallyPrecedes($1) }) {
            count(word)
            newest.remove(word)
            for index in sources.indices { try sources[index].advance(past: word) }
        }
        for word in newest { count(word) }
        return (names - kinds, kinds)
    }

    /// Calls `body` with each word of each indexed event from `oldest` on.
    ///
    /// A part is read from where its stretch of the log begins and beyond its end, where nothing
    /// should be.
    func eachEntry(
        from oldest: UInt64, _ body: (_ word: String, _ sequence: Int64) -> Void
    ) throws(LogUnavailable) {
        for rows in try entries(of: try parts(), from: oldest) {
            defer { rows.reset() }
            while try rows.step() { body(rows.text(0), rows.integer(1)) }
        }
    }

    private func entries(
        of parts: IndexParts, from oldest: UInt64
    ) throws(LogUnavailable) -> [Statement] {
        var found: [Statement] = []
        for part in parts.ascending where part.count > 0 && part.last >= oldest {
            try database.execute(
                """
                CREATE VIRTUAL TABLE IF NOT EXISTS temp.event_words_\(part.number)
                USING fts5vocab(main, event_index_\(part.number), instance)
                """)
            let rows = try database.statement(
                "SELECT term, doc FROM temp.event_words_\(part.number) WHERE doc >= ?1")
            rows.bind(1, Int64(clamping: max(oldest, part.after + 1)))
            found.append(rows)
        }
        return found
    }
}

/// The different words of one part, ascending.
private struct WordSource {
    let rows: Statement
    private(set) var word: [UInt8]? = []

    init(_ rows: Statement) {
        self.rows = rows
    }

    mutating func advance(past passed: [UInt8]) throws(LogUnavailable) {
        while word == passed { word = try rows.step() ? rows.bytes(0) : nil }
    }
}
