internal import Records

/// The words of the newest events, kept from when an event is stored until the index takes it.
///
/// Without them, indexing would read hundreds of events again within one commit, for which all
/// publishers wait. Words that a failed transaction has left are dropped when its sequences are
/// given again. Nobody asks for them before, since they lie behind the log's end.
struct UnindexedWords {
    private struct Entry {
        let sequence: UInt64
        /// The index in `words` behind the last word of the event.
        let end: Int
    }

    /// The capacity, in entries and in bytes, that is kept for the next events when all are
    /// indexed.
    private static let keptCapacity = 64 << 10

    private var words: [UInt8] = []
    private var entries: [Entry] = []
    /// The words of every event of the log with `after < sequence <= last` are here.
    private var after: UInt64 = 0

    private var last: UInt64 { entries.last?.sequence ?? after }

    /// Notes the event that was stored as `sequence`, with its list of resources as the store keeps
    /// it.
    mutating func append(_ sequence: UInt64, list: borrowing Span<UInt8>) {
        if sequence <= after || sequence > last + 1 {
            removeAll(after: sequence - 1)
        } else {
            while let entry = entries.last, entry.sequence >= sequence { entries.removeLast() }
            words.removeLast(words.count - (entries.last?.end ?? 0))
        }
        add(sequence, list)
    }

    /// Notes an event that was read from the file and follows those that are here.
    ///
    /// In a damaged log some between them may be missing.
    mutating func add(_ sequence: UInt64, _ list: borrowing Span<UInt8>) {
        IndexTerm.append(wordsOf: list, to: &words)
        entries.append(Entry(sequence: sequence, end: words.count))
    }

    /// Whether all events with `cursor < sequence <= last` are here.
    func has(after cursor: UInt64, upTo last: UInt64) -> Bool {
        after <= cursor && last <= self.last
    }

    /// Calls `body` with the words of each event with `cursor < sequence <= last`, ascending.
    func forEach(
        after cursor: UInt64, upTo last: UInt64,
        _ body: (_ sequence: UInt64, _ words: borrowing Span<UInt8>) throws(LogUnavailable) -> Void
    ) throws(LogUnavailable) {
        var start = 0
        for entry in entries {
            if entry.sequence > last { return }
            if entry.sequence > cursor {
                try body(entry.sequence, words.span.extracting(start..<entry.end))
            }
            start = entry.end
        }
    }

    /// Forgets all words; the next event that is noted follows `cursor`.
    mutating func removeAll(after cursor: UInt64) {
        words.removeAll(keepingCapacity: words.capacity <= Self.keptCapacity)
        entries.removeAll(keepingCapacity: entries.capacity <= Self.keptCapacity)
        after = cursor
    }
}
