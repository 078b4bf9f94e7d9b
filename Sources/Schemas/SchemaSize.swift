// How large a schema is, before SQLite reads it.
//
// Problem: SQLite parses all statements of a schema before it answers anything, and does so without
//   a limit of time or memory. A file of 64 MiB can hold schemas that take half a minute and ten
//   times its size.
// Format: sqlite.org/fileformat2.html, 1.6. The schema is the table whose root is page 1; a cell of
//   its leaves begins with its number of bytes.
// Cost: one read for each page of that table.

/// The number of a schema's entries and of their bytes.
struct SchemaSize: Equatable {
    private(set) var entries = 0
    private(set) var text = 0

    /// Counts until a limit is passed.
    ///
    /// - Parameters:
    ///   - limits: how much may be there.
    ///   - read: returns up to so many bytes from a place in the file.
    /// - Throws: `SchemaError` when there is more, or the pages are damaged.
    init(
        limits: SchemaLimits, read: (_ offset: Int, _ count: Int) throws(SchemaError) -> [UInt8]
    ) throws(SchemaError) {
        let head = try read(0, 100)
        guard head.count == 100 else { throw .damaged("it ends within its first 100 bytes") }
        let stored = Int(head[16]) << 8 | Int(head[17])
        let pageSize = stored == 1 ? 65_536 : stored
        guard (512...65_536).contains(pageSize), pageSize & (pageSize - 1) == 0 else {
            throw .damaged("its pages have no possible size")
        }
        var left = [1]
        var pages = 0
        while let page = left.popLast() {
            pages += 1
            // A tree whose pages lead in a circle is never at its end.
            guard pages <= limits.entries + limits.entries / 2 else {
                throw Self.tooMany(limits)
            }
            let bytes = try read((page - 1) * pageSize, pageSize)
            guard bytes.count == pageSize else { throw .damaged("a page of its schema is missing") }
            try take(Page(bytes: bytes, start: page == 1 ? 100 : 0), limits, &left)
        }
    }

    private static func tooMany(_ limits: SchemaLimits) -> SchemaError {
        SchemaError(
            "The database has more than \(limits.entries) tables, indexes, views and triggers; "
                + "no more are read.")
    }

    private mutating func take(
        _ page: Page, _ limits: SchemaLimits, _ left: inout [Int]
    ) throws(SchemaError) {
        guard let cells = page.cells else { throw .damaged("a page of its schema has no sense") }
        for cell in cells {
            if page.isLeaf {
                entries += 1
                text += page.number(at: cell)
            } else {
                left.append(page.child(at: cell))
            }
        }
        if !page.isLeaf { left.append(page.child(at: page.start + 8)) }
        guard entries <= limits.entries else { throw Self.tooMany(limits) }
        guard text <= limits.text else {
            throw SchemaError(
                "The database's schema has more than \(limits.text) bytes; no more are read.")
        }
        guard left.allSatisfy({ $0 > 0 }) else { throw .damaged("its schema names a page 0") }
    }
}

/// A page of a table's tree.
private struct Page {
    let bytes: [UInt8]
    /// Where the page's own head begins.
    let start: Int

    var isLeaf: Bool { bytes[start] == 13 }

    /// Where the cells begin; `nil` when it is no page of a table.
    var cells: [Int]? {
        guard isLeaf || bytes[start] == 5 else { return nil }
        let first = start + (isLeaf ? 8 : 12)
        let count = short(at: start + 3)
        guard first + 2 * count <= bytes.count else { return nil }
        let cells = (0..<count).map { short(at: first + 2 * $0) }
        // A cell of an inner page begins with the number of a page, in 4 bytes.
        return cells.allSatisfy { $0 + (isLeaf ? 1 : 4) <= bytes.count } ? cells : nil
    }

    func child(at offset: Int) -> Int { short(at: offset) << 16 | short(at: offset + 2) }

    /// Reads a number of variable length, cut to what no file has.
    func number(at offset: Int) -> Int {
        var value = 0
        for byte in bytes[offset...].prefix(8) {
            value = value << 7 | Int(byte & 0x7F)
            if byte < 0x80 { return value }
        }
        return 1 << 40
    }

    private func short(at offset: Int) -> Int { Int(bytes[offset]) << 8 | Int(bytes[offset + 1]) }
}
