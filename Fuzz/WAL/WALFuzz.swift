// Holds for every file:
// - nothing traps, and no count exceeds the frames that were given;
// - what is stranded and what is read do not overlap;
// - cut off behind the last frame that is read, the log reads the same and has nothing stranded.

import WALFormat

/// Runs the invariants over one input of libFuzzer's.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard bytes.count >= WALHeader.size else { return 0 }
    let scan = scanned(bytes, frames: .max)
    let given = (bytes.count - WALHeader.size) / scan.frameSize
    precondition(scan.frames + scan.strandedFrames <= given, "more frames than there are")
    precondition(scan.transactions <= scan.frames, "a transaction without a frame")
    precondition(scan.strandedTransactions <= scan.strandedFrames, "a commit without a frame")
    precondition(scan.isDamaged == (scan.strandedFrames > 0), "damage without a commit")
    precondition(scan.hasHeader || scan.frames == 0, "a log without a header is read")

    let whole = scanned(bytes, frames: scan.frames)
    precondition(whole.frames == scan.frames && whole.transactions == scan.transactions)
    precondition(!whole.isDamaged, "what is read counts as damaged")
    return 0
}

private func scanned(_ bytes: [UInt8], frames: Int) -> WALScan {
    let span = unsafe bytes.span.bytes
    var scan = WALScan(header: span.extracting(0..<WALHeader.size), pageSize: 512)
    var (offset, left) = (WALHeader.size, frames)
    while left > 0, offset + scan.frameSize <= bytes.count {
        scan.take(span.extracting(offset..<offset + scan.frameSize))
        offset += scan.frameSize
        left -= 1
    }
    return scan
}
