// Where a write-ahead log ends, and what stands behind its end.
//
// Problem: SQLite takes the first frame with a wrong checksum for the end of the log. That is right
//   for a commit that a crash has cut off, whose frames nobody was promised. It says nothing when
//   bytes in the middle were damaged, or when a disk confirmed a write and forgot it: then all
//   transactions behind that place are gone without a word.
// So the whole file is read. Transactions are written one behind the other, and the last frame of
//   each has a commit mark. Behind a commit that was cut off there is therefore no frame with such
//   a mark, except those that an earlier use of the log left, which have other salts. A frame with
//   a commit mark and the log's own salts proves that the log once went on to there.
// What it cannot tell: whether the very last commit was cut off or damaged, when the damage is in
//   its last frame. Nor can it tell damage from a power failure during which the disk wrote the
//   frames of a commit in another order. The latter counts as damage, because saying nothing would
//   be worse.
// Cost: one pass over the file, about 1 GB/s.

/// Reads a write-ahead log frame by frame and counts what SQLite will not read
/// (sqlite.org/fileformat2.html, 4).
package struct WALScan: Sendable {
    /// The number of bytes of a frame's own header, in front of its page.
    package static let frameHeaderSize = 24

    /// Whether SQLite accepts the header; if not, it ignores the log.
    package let hasHeader: Bool
    /// The number of bytes of a frame: its header and a page.
    package let frameSize: Int
    /// The number of frames that SQLite reads, up to the last commit.
    package private(set) var frames = 0
    /// The number of transactions that SQLite reads.
    package private(set) var transactions = 0
    /// The number of frames of this use of the log, up to its last commit, that SQLite does not
    /// read although a commit stands behind the place where it stops; 0 when nothing is wrong.
    package private(set) var strandedFrames = 0
    /// The number of transactions in the stranded frames.
    package private(set) var strandedTransactions = 0

    private var checksum: WALChecksum
    private var salts: WALSalts?
    /// The salts of the previous frame; when the header is not valid, the first pair that two
    /// frames in a row share is taken for the log's.
    private var previousSalts: WALSalts?
    /// The number of frames with a right checksum so far, whether committed or not.
    private var soundFrames = 0
    private var isBroken: Bool
    /// The numbers of frames and commits behind the last commit that SQLite reads.
    ///
    /// A commit mark in the first frame that SQLite does not take is noted apart, because that
    /// frame may be the last one of a commit that was cut off.
    private var framesSinceBreak = 0
    private var transactionsSinceBreak = 0
    private var brokenFrameCommits = false

    /// Begins a scan with the log's header.
    ///
    /// `pageSize` is that of the database, for a header that is not valid.
    package init(header bytes: RawSpan, pageSize: Int) {
        let header = WALHeader(bytes)
        hasHeader = header != nil
        frameSize = Self.frameHeaderSize + (header?.pageSize ?? pageSize)
        checksum = header?.checksum ?? WALChecksum(isBigEndian: false)
        salts = header?.salts
        isBroken = header == nil
    }

    /// Whether transactions stand behind the place where SQLite stops.
    package var isDamaged: Bool { strandedTransactions > 0 }

    /// Takes the next frame of `frameSize` bytes; a shorter one is the end of the file and ignored.
    package mutating func take(_ frame: RawSpan) {
        guard frame.byteCount == frameSize else { return }
        let own = WALSalts(frame, at: 8)
        let isCommit = frame.word(at: 4) != 0
        if !isBroken, isSound(frame, own) {
            soundFrames += 1
            guard isCommit else { return }
            frames = soundFrames
            transactions += 1
        } else {
            takeUnread(own, isCommit: isCommit)
        }
    }

    private mutating func isSound(_ frame: RawSpan, _ own: WALSalts) -> Bool {
        guard own == salts, frame.word(at: 0) != 0 else { return false }
        checksum.add(frame.extracting(0..<8))
        checksum.add(frame.extracting(Self.frameHeaderSize..<frameSize))
        return checksum.isWritten(in: frame, at: 16)
    }

    private mutating func takeUnread(_ own: WALSalts, isCommit: Bool) {
        let isFirst = !isBroken
        isBroken = true
        if isFirst { framesSinceBreak = soundFrames - frames }
        if salts == nil {
            defer { previousSalts = own }
            framesSinceBreak += 1
            if isCommit { transactionsSinceBreak += 1 }
            // Frames are counted before the salts are known, because the first one's may be
            // damaged.
            if own == previousSalts { salts = own }
            return strand()
        }
        guard own == salts else { return }
        framesSinceBreak += 1
        guard isCommit else { return }
        if isFirst {
            brokenFrameCommits = true
        } else {
            transactionsSinceBreak += 1
            strand()
        }
    }

    private mutating func strand() {
        guard transactionsSinceBreak > 0 else { return }
        strandedFrames = framesSinceBreak
        strandedTransactions = transactionsSinceBreak + (brokenFrameCommits ? 1 : 0)
    }
}
