/// The most that can be in use of the file, judged from when SQLite was last asked.
///
/// SQLite parses a pragma anew each time, which costs more than to store an event. But a page comes
/// into use only by being written, so SQLite need not be asked while what was written since cannot
/// have reached the limit. What the present transaction writes counts from the next one on.
struct FileUsage {
    /// Bytes of a page.
    let pageSize: Int
    private var lookedAt: (bytes: Int, pagesWritten: Int)?

    init(pageSize: Int) {
        self.pageSize = pageSize
    }

    /// Caches the size that SQLite has just given.
    mutating func note(_ bytes: Int, pagesWritten: Int) {
        lookedAt = (bytes, pagesWritten)
    }

    /// Drops the cached size; the next check reads it from SQLite.
    mutating func forget() {
        lookedAt = nil
    }

    /// Whether more than `limit` bytes may be in use, so that SQLite has to be asked.
    func mayExceed(_ limit: Int, pagesWritten: Int) -> Bool {
        guard let lookedAt else { return true }
        // SQLite's count has 31 bits and goes on at 0, or in other versions at the least negative
        // number.
        let pages = (pagesWritten - lookedAt.pagesWritten) & 0x7FFF_FFFF
        return pages > 1 << 30 || lookedAt.bytes + pages * pageSize > limit
    }
}
