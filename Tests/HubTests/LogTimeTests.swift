import TestSupport
import Testing

@testable import Hub

/// A wall clock and the time elapsed, moved by hand, with the log's time beside them; milliseconds.
private struct Clocks {
    var wall: Int64
    var elapsed: Int64 = 5_000
    var time: LogTime
    var changes: [LogTime.Change] = []

    init(wall: Int64 = 1_000_000_000, since last: Int64 = 0) {
        self.wall = wall
        time = LogTime(wall: wall, elapsed: 5_000, since: last)
    }

    /// The log's time after both clocks have gone on.
    mutating func read(after milliseconds: Int64 = 0) -> Int64 {
        wall += milliseconds
        elapsed += milliseconds
        let (read, change) = time.read(wall: wall, elapsed: elapsed)
        if let change { changes.append(change) }
        return read
    }
}

private let minute: Int64 = 60_000
private let hour: Int64 = 60 * minute
private let year: Int64 = 365 * 24 * hour

@Suite struct `The log's time` {
    @Test func `is the wall clock's`() {
        var clocks = Clocks()
        for passed in [0, 1, 5, minute, hour, year] {
            #expect(clocks.read(after: passed) == clocks.wall)
        }
        #expect(clocks.changes == [])
    }

    @Test func `follows a step forward of an hour at once`() {
        var clocks = Clocks()
        clocks.wall += hour
        #expect(clocks.read() == clocks.wall)
        #expect(clocks.changes == [])
    }

    @Test func `goes on by itself when the clock has jumped ahead, until it is right again`() {
        var clocks = Clocks()
        let start = clocks.wall
        clocks.wall += year
        #expect(clocks.read() == start)
        #expect(clocks.read(after: minute) == start + minute)
        #expect(clocks.changes == [.doubts(year)])
        clocks.wall -= year
        #expect(clocks.read(after: minute) == start + 2 * minute)
        #expect(clocks.changes == [.doubts(year), .follows])
    }

    @Test func `follows a clock that has jumped ahead once it has stood for an hour`() {
        var clocks = Clocks()
        let start = clocks.wall
        clocks.wall += year
        #expect(clocks.read() == start)
        #expect(clocks.read(after: hour - 1) == start + hour - 1)
        #expect(clocks.read(after: 1) == start + year + hour)
        #expect(clocks.changes == [.doubts(year), .follows])
        #expect(clocks.read(after: minute) == clocks.wall)
    }

    @Test func `waits for another hour when the clock jumps again`() {
        var clocks = Clocks()
        let start = clocks.wall
        clocks.wall += year
        _ = clocks.read()
        clocks.wall += year
        #expect(clocks.read(after: hour - 1) == start + hour - 1)
        #expect(clocks.read(after: hour - 1) == start + 2 * hour - 2)
        #expect(clocks.read(after: 1) == clocks.wall)
    }

    @Test func `goes at half its speed when the clock has gone back, until they meet`() {
        var clocks = Clocks()
        let start = clocks.read()
        clocks.wall -= 10 * minute
        #expect(clocks.read() == start)
        #expect(clocks.read(after: 4) == start + 2)
        for passed in 5...20 {
            #expect(clocks.read(after: 1) == start + Int64(passed) / 2, "read every millisecond")
        }
        #expect(clocks.read(after: 20 * minute - 20) == start + 10 * minute)
        #expect(clocks.read(after: minute) == clocks.wall)
        #expect(clocks.changes == [.slows(10 * minute), .follows])
    }

    @Test func `says nothing of a clock that is a few seconds behind`() {
        var clocks = Clocks()
        _ = clocks.read()
        clocks.wall -= 5_000
        #expect(clocks.read(after: 1_000) == 1_000_000_500)
        #expect(clocks.read(after: 20_000) == clocks.wall)
        #expect(clocks.changes == [])
    }

    @Test func `begins at the log's last event when the clock is before it`() {
        var clocks = Clocks(wall: 1_000, since: 10_000)
        #expect(clocks.read() == 10_000)
        #expect(clocks.read(after: 100) == 10_050)
    }

    @Test func `is slow when a clock that was doubted turns out to be behind`() {
        var clocks = Clocks()
        let start = clocks.wall
        clocks.wall += year
        #expect(clocks.read(after: 10 * minute) == start + 10 * minute)
        clocks.wall -= 2 * year
        #expect(clocks.read(after: minute) == start + 11 * minute)
        #expect(clocks.read(after: minute) == start + 11 * minute + minute / 2)
    }

    @Test func `never falls nor stands still, and leaps to no clock that has just jumped`() {
        for seed in 0..<200 {
            var numbers = SeededNumbers(seed: UInt64(seed))
            var clocks = Clocks()
            var last = clocks.read()
            var jumped = clocks.elapsed - hour
            for _ in 0..<300 {
                if Int.random(in: 0..<8, using: &numbers) == 0 {
                    let jump = Int64.random(in: 2 * hour...year, using: &numbers)
                    clocks.wall += Bool.random(using: &numbers) ? jump : -jump
                    jumped = clocks.elapsed
                }
                let passed = Int64.random(in: 0...10 * minute, using: &numbers)
                let time = clocks.read(after: passed)
                #expect(time >= last + passed / 2 - 1, "seed \(seed)")
                if clocks.elapsed - jumped < hour {
                    #expect(time <= last + passed + hour, "seed \(seed)")
                }
                last = time
            }
        }
    }
}
