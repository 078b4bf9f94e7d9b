/// Lines out of pieces that are cut anywhere; a value without I/O.
struct LineSplitter {
    /// Bytes of a line at most, its end not counted.
    static let maximumLine = 1 << 20

    private var bytes: [UInt8] = []
    /// Where the next line begins.
    private var start = 0
    /// Up to where there is no line feed.
    private var searched = 0

    mutating func append(_ piece: [UInt8]) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes += piece
    }

    /// The next line without its end, which is LF or CR LF; `nil` when it has not come.
    ///
    /// - Throws: `.tooLong`.
    mutating func next() throws(AnswerFault) -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: 0x0A) else {
            searched = bytes.count
            // The carriage return may be there and the line feed not.
            guard searched - start <= Self.maximumLine + 1 else { throw .tooLong }
            return nil
        }
        let line = bytes[start..<end]
        start = end + 1
        searched = start
        return try Self.withoutEnd(line)
    }

    /// What is left when nothing more comes: a last line without an end; `nil` for none.
    mutating func rest() throws(AnswerFault) -> [UInt8]? {
        defer {
            bytes = []
            start = 0
            searched = 0
        }
        return start < bytes.count ? try Self.withoutEnd(bytes[start...]) : nil
    }

    private static func withoutEnd(_ line: ArraySlice<UInt8>) throws(AnswerFault) -> [UInt8] {
        let line = line.last == 0x0D ? line.dropLast() : line
        guard line.count <= maximumLine else { throw .tooLong }
        return Array(line)
    }
}
