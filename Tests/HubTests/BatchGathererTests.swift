import Reactor
import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `A gatherer of events` {
    private let gatherer = BatchGatherer(window: 100)

    private func at(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

    /// Gathers an event; whether a window began with it.
    @discardableResult
    private func gather(_ index: Int32, _ size: Int = 10) -> Bool {
        gatherer.append(FrameHandle(index: index), byteCount: size)
    }

    @Test func `opens a window with its first event and hands over all of it in order`() {
        #expect(gatherer.isEmpty)
        #expect(gather(3))
        #expect(!gather(1))
        #expect(!gather(2))
        #expect(gatherer.take().map(\.index) == [3, 1, 2])
        #expect(gatherer.isEmpty)
        #expect(gather(4), "the next window")
    }

    @Test func `is looked at when its window is over, and said so`() {
        gather(1)
        #expect(gatherer.begin(at: at(1_000)) == at(1_100))
        #expect(gatherer.look(at: at(1_099)) == .later(at(1_100)))
        #expect(gatherer.look(at: at(1_100)) == .over)
    }

    @Test func `has one look planned, whatever the number of windows that were full before`() {
        gather(1)
        #expect(gatherer.begin(at: at(0)) == at(100))
        for turn in 1...5 as ClosedRange<UInt64> {
            _ = gatherer.take()
            gather(1)
            #expect(gatherer.begin(at: at(10 * turn)) == nil)
        }
        #expect(gatherer.look(at: at(100)) == .later(at(150)))
        #expect(gatherer.look(at: at(150)) == .over)
        _ = gatherer.take()
        gather(1)
        #expect(gatherer.begin(at: at(150)) == at(250), "no look was planned any more")
    }

    @Test func `is found empty after a window that was full before, and begins anew`() {
        gather(1)
        _ = gatherer.begin(at: at(0))
        _ = gatherer.take()
        #expect(gatherer.look(at: at(100)) == .nothing)
        #expect(gather(2))
        #expect(gatherer.begin(at: at(500)) == at(600))
    }

    @Test func `is full with a hundred events`() {
        for index in 0..<99 {
            gather(Int32(index))
            #expect(!gatherer.isFull)
        }
        gather(99)
        #expect(gatherer.isFull)
        _ = gatherer.take()
        #expect(!gatherer.isFull)
    }

    @Test func `takes a mebibyte, and one event of any size alone`() {
        #expect(gatherer.takes(2 << 20))
        gather(1, 1 << 19)
        #expect(gatherer.takes(1 << 19))
        #expect(!gatherer.takes(1 << 19 + 1))
        gather(2, 1 << 19)
        #expect(gatherer.isFull)
        _ = gatherer.take()
        gather(3, 2 << 20)
        #expect(gatherer.isFull)
    }

    @Test func `goes on with its window when the only event in it is replaced`() {
        gather(1, 400)
        _ = gatherer.begin(at: at(0))
        gatherer.remove(at: 0, byteCount: 400)
        #expect(gatherer.isEmpty)
        #expect(!gather(2, 400), "a window began anew, and would never end")
        #expect(gatherer.look(at: at(100)) == .over)
        #expect(gatherer.takes(1 << 20 - 400), "what was replaced still counts")
    }
}
