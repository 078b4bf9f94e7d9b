// Where a write-ahead log ends, and what stands behind its end.
//
// Problem: SQLite takes the first frame with a wrong checksum for the end of the log. That is right
//   for a commit that a crash has cut off, whose frames nobody was promised. It says nothing when
//   bytes in the middle were damaged, or when a disk confirmed a write and forgot it: then all
//   transactions behind that place are gone without a word.
// So the whole file is read. A transaction is written in order: first its frames, the last of which
//   has the mark of the commit, and the next transaction behind it. So behind the last frame of a
//   commit that was cut off there is no frame with a mark, unless it is of an earlier use of the
//   log; those have other salts. One with the log's own salts proves that the log once went on to
//   there.
// What it cannot tell: whether the very last commit was cut off or damaged, when the damage is in
//   its last frame. The same frames are left when power failed while the disk wrote a commit's
//   frames in another order. That counts as damage here, because nothing is worse than silence.
// Cost: one pass over the file, about 1 GB/s.

/// Reads a write-ahead log frame by frame and counts what SQLite will not read
/// (sqlite.org/fileformat2.html, 4).
package struct WALScan: Sendable {
    /// Bytes of a frame's own header, in front of its page.
    package static let frameHeaderSize = 24

    /// Whether SQLite takes the header for one; without it SQLite ignores the log.
    package let hasHeader: Bool
    /// Bytes of a frame: its header and a page.
    package let frameSize: Int
    /// Frames that SQLite reads, up to the last commit.
    package private(set) var frames = 0
    /// Transactions that SQLite reads.
    package private(set) var transactions = 0
    /// Frames of this use of the log, up to the last commit's, that SQLite does not read though a
    /// commit stands behind the place where it stops; 0 when nothing is wrong.
    package private(set) var strandedFrames = 0
    /// The transactions in them.
    package private(set) var strandedTransactions = 0

    private var checksum: WALChecksum
    private var salts: WALSalts?
    /// The salts of the frame before; with a header that is none, the first pair that two frames
    /// share is the log's.
    private var previousSalts: WALSalts?
    /// Frames with a right checksum so far, whether committed or not.
    private var soundFrames = 0
    private var isBroken: Bool
    /// Frames and commits since the place where it broke, the first of them apart: that one may be
    /// the last frame of a commit that was cut off.
    private var framesSinceBreak = 0
    private var transactionsSinceBreak = 0
    private var brokenFrameCommits = false

    /// Begins with a log's header.
    ///
    /// `pageSize` is the database's, for a header that does not give it.
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

    /// Takes the next frame, which has `frameSize` bytes; a shorter one is the end of the file.
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
            // The first frame is counted already, whose salts may be what is damaged.
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
