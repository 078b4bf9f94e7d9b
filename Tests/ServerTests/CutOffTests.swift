import Reactor
import Testing

@testable import Server

struct `Streams that are cut off` {
    private let start = Instant(milliseconds: 1_000_000)

    @Test func `are logged at once when none was for a while`() {
        var cutOffs = CutOffs()
        let first = cutOffs.note(at: start)
        #expect(first.toLog == 1 && first.askAgain == nil)
        let later = cutOffs.note(at: start.advanced(milliseconds: 10_000))
        #expect(later.toLog == 1 && later.askAgain == nil)
    }

    @Test func `are gathered into one line in 10 seconds, and asked for once`() {
        var cutOffs = CutOffs()
        _ = cutOffs.note(at: start)
        for index in 1...5_000 {
            let (toLog, askAgain) = cutOffs.note(at: start.advanced(milliseconds: index))
            #expect(toLog == nil)
            #expect(askAgain == (index == 1 ? start.advanced(milliseconds: 10_000) : nil))
        }
        let end = start.advanced(milliseconds: 10_000)
        #expect(cutOffs.take(at: end) == 5_000)
        #expect(cutOffs.take(at: end) == 0)
        // The next line is 10 s after that one.
        let next = cutOffs.note(at: end.advanced(milliseconds: 1))
        #expect(next.toLog == nil && next.askAgain == end.advanced(milliseconds: 10_000))
    }

    @Test func `that waited are in the line of the next one`() {
        var cutOffs = CutOffs()
        _ = cutOffs.note(at: start)
        _ = cutOffs.note(at: start.advanced(milliseconds: 1))
        #expect(cutOffs.note(at: start.advanced(milliseconds: 10_001)).toLog == 2)
    }
}
