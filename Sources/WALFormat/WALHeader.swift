/// The header of SQLite's write-ahead log (sqlite.org/fileformat2.html, 4.1).
package struct WALHeader: Sendable, Equatable {
    /// The number of bytes of the header, at the beginning of the file.
    package static let size = 32

    /// The magic number without its last bit, which gives the byte order of the checksums.
    private static let magic: UInt32 = 0x377f_0682
    private static let version: UInt32 = 3_007_000

    /// The number of bytes of a page of the database.
    package let pageSize: Int
    let salts: WALSalts
    let checksum: WALChecksum

    /// Reads a header, as SQLite does when it opens a log.
    ///
    /// - Returns: `nil` for a header that SQLite does not accept, after which it ignores the whole
    ///   log.
    package init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= Self.size, bytes.word(at: 0) & ~1 == Self.magic,
            bytes.word(at: 4) == Self.version, let pageSize = PageSize(bytes.word(at: 8))
        else { return nil }
        var checksum = WALChecksum(isBigEndian: bytes.word(at: 0) & 1 == 1)
        checksum.add(bytes.extracting(0..<24))
        guard checksum.isWritten(in: bytes, at: 24) else { return nil }
        self.pageSize = pageSize.bytes
        self.checksum = checksum
        salts = WALSalts(bytes, at: 16)
    }
}

/// The pair of numbers that all frames of one use of the log share.
///
/// Another pair is drawn whenever SQLite begins the log anew.
struct WALSalts: Equatable, Sendable {
    private let first: UInt32
    private let second: UInt32

    init(_ bytes: RawSpan, at offset: Int) {
        first = bytes.word(at: offset)
        second = bytes.word(at: offset + 4)
    }
}

/// A size of pages that SQLite allows.
package struct PageSize: Sendable, Equatable {
    package let bytes: Int

    /// Checks a number of bytes.
    ///
    /// - Returns: `nil` unless it is a power of two from 512 to 65,536.
    package init?(_ value: UInt32) {
        guard (512...65_536).contains(value), value & (value - 1) == 0 else { return nil }
        bytes = Int(value)
    }

    /// Reads the page size from the beginning of a database, where 1 stands for 65,536
    /// (sqlite.org/fileformat2.html, 1.3.2).
    package init?(databaseHeader bytes: RawSpan) {
        guard bytes.byteCount >= 18 else { return nil }
        let value = UInt32(bytes.word(at: 16) >> 16)
        self.init(value == 1 ? 65_536 : value)
    }
}

/// The running checksum over a header and all frames behind it (sqlite.org/fileformat2.html, 4.2).
struct WALChecksum: Sendable, Equatable {
    private let isBigEndian: Bool
    private var first: UInt32 = 0
    private var second: UInt32 = 0

    init(isBigEndian: Bool) {
        self.isBigEndian = isBigEndian
    }

    /// Adds `bytes` to the checksum; their number is a multiple of 8.
    mutating func add(_ bytes: RawSpan) {
        var (one, two) = (first, second)
        var offset = 0
        while offset + 8 <= bytes.byteCount {
            let big = bytes.word(at: offset)
            let next = bytes.word(at: offset + 4)
            one = one &+ (isBigEndian ? big : big.byteSwapped) &+ two
            two = two &+ (isBigEndian ? next : next.byteSwapped) &+ one
            offset += 8
        }
        (first, second) = (one, two)
    }

    /// Returns whether the two words at `offset` are this checksum, which is always stored
    /// big-endian.
    func isWritten(in bytes: RawSpan, at offset: Int) -> Bool {
        bytes.word(at: offset) == first && bytes.word(at: offset + 4) == second
    }
}

extension RawSpan {
    /// Returns the big-endian word at an offset.
    @inline(__always)
    func word(at offset: Int) -> UInt32 {
        unsafe UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
