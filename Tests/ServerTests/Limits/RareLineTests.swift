import Reactor
import Testing

@testable import Server

struct `What is logged rarely` {
    private let start = Instant(milliseconds: 1_000_000)

    @Test func `is logged at once when nothing was for a while`() {
        var line = RareLine()
        let first = line.note(at: start)
        #expect(first.toLog == 1 && first.askAgain == nil)
        let later = line.note(at: start.advanced(milliseconds: 10_000))
        #expect(later.toLog == 1 && later.askAgain == nil)
    }

    @Test func `is gathered into one line in 10 seconds, and asked for once`() {
        var line = RareLine()
        _ = line.note(at: start)
        for index in 1...5_000 {
            let (toLog, askAgain) = line.note(at: start.advanced(milliseconds: index))
            #expect(toLog == nil)
            #expect(askAgain == (index == 1 ? start.advanced(milliseconds: 10_000) : nil))
        }
        let end = start.advanced(milliseconds: 10_000)
        #expect(line.take(at: end) == 5_000)
        #expect(line.take(at: end) == 0)
        // The next line is 10 s after that one.
        let next = line.note(at: end.advanced(milliseconds: 1))
        #expect(next.toLog == nil && next.askAgain == end.advanced(milliseconds: 10_000))
    }

    @Test func `that waited is in the line of the next one`() {
        var line = RareLine()
        _ = line.note(at: start)
        _ = line.note(at: start.advanced(milliseconds: 1))
        #expect(line.note(at: start.advanced(milliseconds: 10_001)).toLog == 2)
    }
}
