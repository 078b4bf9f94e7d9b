internal import JSON
internal import Records

extension LogCheck {
    /// How many blocks are compared at a time, with the entries of about 65,000 events in memory.
    private static let blocksAtOnce = 64

    /// Checks that the index has exactly the entries that the events call for.
    func checkIndex(_ expected: IndexSums) throws(LogUnavailable) {
        let index = file.index
        let oldest = try file.bounds().oldest
        var found = IndexSums()
        try index.eachEntry(from: oldest) { found.add($0, $1) }
        let blocks = expected.differences(from: found).sorted()
        for start in stride(from: 0, to: blocks.count, by: Self.blocksAtOnce) {
            let end = min(start + Self.blocksAtOnce, blocks.count)
            try compare(index, from: oldest, in: Set(blocks[start..<end]))
        }
    }

    /// Reports each entry of the given blocks that is missing from the index or does not belong
    /// there.
    private func compare(
        _ index: EventIndex, from oldest: UInt64, in blocks: Set<Int64>
    ) throws(LogUnavailable) {
        var missing: Set<IndexEntry> = []
        try index.eachEvent(after: oldest - 1, upTo: try index.parts().end) { event, names in
            let sequence = Int64(clamping: event)
            guard blocks.contains(IndexSums.block(of: sequence)) else { return true }
            for name in names {
                missing.insert(IndexEntry(word: IndexTerm.word(for: name), sequence: sequence))
            }
            return true
        }
        var strays: [IndexEntry] = []
        try index.eachEntry(from: oldest) { word, sequence in
            guard blocks.contains(IndexSums.block(of: sequence)) else { return }
            let entry = IndexEntry(word: word, sequence: sequence)
            if missing.remove(entry) == nil { strays.append(entry) }
        }
        for entry in missing.sorted() {
            find("event \(entry.sequence): event_index does not have it for \(entry.name.quoted)")
        }
        for entry in strays.sorted() {
            let name = entry.name.quoted
            find("event_index: event \(entry.sequence) is not there, or not one of \(name)")
        }
    }
}

/// Sums of hashed index entries, one for each block of 1,024 sequences.
struct IndexSums {
    private var sums: [Int64: UInt64] = [:]

    /// The block that a sequence is in.
    static func block(of sequence: Int64) -> Int64 { sequence >> 10 }

    mutating func add(_ word: String, _ sequence: Int64) {
        // A mixing step (Stafford's 13th), so that sums of near sequences do not cancel.
        var hash = FNV1a.hash(word)
        hash ^= UInt64(bitPattern: sequence) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        sums[Self.block(of: sequence), default: 0] &+= hash ^ hash >> 31
    }

    /// Returns the blocks whose sums differ.
    func differences(from other: IndexSums) -> Set<Int64> {
        Set(sums.keys).union(other.sums.keys).filter { sums[$0] != other.sums[$0] }
    }
}

/// An entry of the index: one word of one event.
private struct IndexEntry: Hashable, Comparable {
    /// In UTF-8, because Swift takes `é` and `e` with a combining accent for equal.
    let word: [UInt8]
    let sequence: Int64

    init(word: String, sequence: Int64) {
        self.word = Array(word.utf8)
        self.sequence = sequence
    }

    var name: String { IndexTerm.name(of: String(decoding: word, as: UTF8.self)) }

    static func < (one: IndexEntry, other: IndexEntry) -> Bool {
        one.sequence == other.sequence
            ? one.word.lexicographicallyPrecedes(other.word) : one.sequence < other.sequence
    }
}
