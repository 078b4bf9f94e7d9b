import Testing

@testable import WALFormat

@Suite(.timeLimit(.minutes(5)))
struct `A scan of a write-ahead log` {
    /// 6 transactions of 3 frames each.
    private let log = {
        var log = WALLog()
        for _ in 0..<6 { log.transaction(3) }
        return log
    }()

    private func damaged(_ range: Range<Int>, in bytes: [UInt8]? = nil) -> WALScan {
        var bytes = bytes ?? log.bytes
        for index in range { bytes[index] ^= 0xFF }
        return .of(bytes)
    }

    @Test(arguments: [false, true])
    func `reads a sound log to its end`(isBigEndian: Bool) {
        var log = WALLog(isBigEndian: isBigEndian)
        log.transaction(1)
        log.transaction(4)
        let scan = WALScan.of(log.bytes)
        #expect(scan.hasHeader)
        #expect(scan.frames == 5)
        #expect(scan.transactions == 2)
        #expect(!scan.isDamaged)
    }

    @Test(arguments: 0..<18)
    func `finds what stands behind a damaged page`(frame: Int) {
        let start = WALLog.offset(ofFrame: frame) + 100
        let scan = damaged(start..<start + 64)
        #expect(scan.frames == frame / 3 * 3)
        // In the last transaction, a damaged frame looks like a commit that was cut off, unless the
        // mark stands behind it.
        let isLastFrame = frame == 17
        #expect(scan.isDamaged == !isLastFrame)
        #expect(scan.strandedFrames == (isLastFrame ? 0 : 18 - frame / 3 * 3))
        #expect(scan.strandedTransactions == (isLastFrame ? 0 : 6 - frame / 3))
    }

    @Test(arguments: [0, 4, 8, 12, 16])
    func `finds what stands behind a damaged frame header`(field: Int) {
        let start = WALLog.offset(ofFrame: 4) + field
        let scan = damaged(start..<start + 4)
        #expect(scan.frames == 3)
        #expect(scan.isDamaged)
        // The second field is the mark of a commit, which the damage makes of none.
        #expect(scan.strandedTransactions == (field == 4 ? 6 : 5))
    }

    @Test(arguments: 0..<32)
    func `finds a log whose header is damaged`(byte: Int) {
        let scan = damaged(byte..<byte + 1)
        #expect(!scan.hasHeader)
        #expect(scan.frames == 0)
        #expect(scan.strandedFrames == 18)
        #expect(scan.strandedTransactions == 6)
    }

    @Test func `finds a log whose beginning is damaged with the first frame's header`() {
        let scan = damaged(0..<64)
        #expect(!scan.hasHeader)
        #expect(scan.isDamaged)
    }

    @Test(arguments: [1, 2, 3, 4, 5])
    func `finds a hole where the disk forgot what it had confirmed`(frame: Int) {
        // The older log shows through, or zeros do.
        var older = WALLog(salts: (0, 77))
        older.transaction(18)
        var bytes = log.bytes
        let hole = WALLog.offset(ofFrame: frame)..<WALLog.offset(ofFrame: frame + 1)
        bytes[hole] = older.bytes[hole]
        #expect(WALScan.of(bytes).isDamaged)
        bytes[hole] = ArraySlice(repeatElement(0, count: hole.count))
        #expect(WALScan.of(bytes).isDamaged)
    }

    @Test func `is silent about an older log behind the end`() {
        var newer = WALLog(salts: (2, 99))
        newer.transaction(2)
        let scan = WALScan.of(newer.over(log))
        #expect(scan.frames == 2)
        #expect(!scan.isDamaged)
    }

    @Test func `is silent about a header whose log has not begun`() {
        #expect(!WALScan.of(WALLog(salts: (2, 99)).over(log)).isDamaged)
    }

    @Test func `is silent about a commit that was cut off anywhere`() {
        var longer = log
        longer.transaction(2)
        var older = WALLog(salts: (0, 77))
        older.transaction(24)
        for end in stride(from: log.bytes.count, to: longer.bytes.count, by: 23) {
            let cut = Array(longer.bytes[..<end])
            for bytes in [cut, cut + older.bytes[end...]] {
                let scan = WALScan.of(bytes)
                #expect(scan.frames == 18)
                #expect(!scan.isDamaged, "cut off at \(end)")
            }
        }
    }

    @Test func `is silent about a transaction that was undone`() {
        var log = log
        log.transaction(5, commits: false)
        let scan = WALScan.of(log.bytes)
        #expect(scan.frames == 18)
        #expect(!scan.isDamaged)
    }

    @Test func `counts frames without a commit in front of the damage`() {
        var log = log
        log.transaction(3)
        let start = WALLog.offset(ofFrame: 16)
        let scan = damaged(start..<start + 1, in: log.bytes)
        #expect(scan.frames == 15)
        #expect(scan.strandedFrames == 6)
        #expect(scan.strandedTransactions == 2)
    }

    @Test(arguments: [0, 1, 31]) func `takes a short file for no log`(count: Int) {
        let bytes = Array(log.bytes.prefix(count))
        #expect(unsafe WALHeader(bytes.span.bytes) == nil)
    }

    @Test(arguments: [0, 1, 256, 513, 1_000, 131_072])
    func `takes no number for a page size that is none`(value: Int) {
        #expect(PageSize(UInt32(value)) == nil)
    }
}
