@testable import WALFormat

/// A write-ahead log made by the rules of the format, apart from the reader's own code.
struct WALLog {
    static let pageSize = 512

    private(set) var bytes: [UInt8] = []
    private var sum: (UInt32, UInt32) = (0, 0)
    private let isBigEndian: Bool
    let salts: (UInt32, UInt32)

    init(salts: (UInt32, UInt32) = (1, 2), isBigEndian: Bool = false) {
        self.salts = salts
        self.isBigEndian = isBigEndian
        let header: [UInt32] = [
            0x377f_0682 | (isBigEndian ? 1 : 0), 3_007_000, UInt32(Self.pageSize), 0, salts.0,
            salts.1,
        ]
        append(header.flatMap(Self.big))
        bytes += Self.big(sum.0) + Self.big(sum.1)
    }

    /// Where a frame begins, counted from 0.
    static func offset(ofFrame index: Int) -> Int {
        WALHeader.size + index * (WALScan.frameHeaderSize + pageSize)
    }

    /// A transaction of so many frames; without `commits`, one that has not ended.
    mutating func transaction(_ frames: Int, commits: Bool = true) {
        for frame in 1...frames {
            let size: UInt32 = commits && frame == frames ? 9 : 0
            let page = (0..<Self.pageSize).map { UInt8(truncatingIfNeeded: $0 &* 7 + frame) }
            append(Self.big(UInt32(frame)) + Self.big(size), andThen: page)
        }
    }

    /// Writes this log over the beginning of an older one, as SQLite does.
    func over(_ older: WALLog) -> [UInt8] {
        bytes + older.bytes.dropFirst(bytes.count)
    }

    private mutating func append(_ head: [UInt8], andThen page: [UInt8]) {
        add(head)
        add(page)
        var marks: [UInt8] = []
        for word in [salts.0, salts.1, sum.0, sum.1] { marks += Self.big(word) }
        bytes += head + marks + page
    }

    private mutating func append(_ part: [UInt8]) {
        add(part)
        bytes += part
    }

    private mutating func add(_ part: [UInt8]) {
        for start in stride(from: 0, to: part.count, by: 8) {
            sum.0 = sum.0 &+ word(part, start) &+ sum.1
            sum.1 = sum.1 &+ word(part, start + 4) &+ sum.0
        }
    }

    private func word(_ part: [UInt8], _ start: Int) -> UInt32 {
        let word = part[start..<start + 4].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        return isBigEndian ? word : word.byteSwapped
    }

    private static func big(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

extension WALScan {
    /// Reads a whole file.
    static func of(_ bytes: [UInt8]) -> WALScan {
        let span = unsafe bytes.span.bytes
        var scan = WALScan(header: span.extracting(0..<WALHeader.size), pageSize: WALLog.pageSize)
        for start in stride(from: WALHeader.size, to: bytes.count, by: scan.frameSize) {
            scan.take(span.extracting(start..<min(start + scan.frameSize, bytes.count)))
        }
        return scan
    }
}
