/// Splits pieces that are cut anywhere into lines; a value without I/O.
struct LineSplitter {
    /// The most bytes of a line, without its end.
    static let maximumLine = 1 << 20

    private var bytes: [UInt8] = []
    /// The index at which the next line begins.
    private var start = 0
    /// The index before which there is no further line feed.
    private var searched = 0

    mutating func append(_ piece: [UInt8]) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes += piece
    }

    /// Returns the next line without its end, LF or CR LF; `nil` when it is not complete.
    ///
    /// - Throws: `.tooLong` for a line above `maximumLine`.
    mutating func next() throws(AnswerFault) -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: 0x0A) else {
            searched = bytes.count
            // The carriage return may have come without its line feed.
            guard searched - start <= Self.maximumLine + 1 else { throw .tooLong }
            return nil
        }
        let line = bytes[start..<end]
        start = end + 1
        searched = start
        return try Self.withoutEnd(line)
    }

    /// Returns what is left when nothing more comes: a last line without an end; `nil` for none.
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
