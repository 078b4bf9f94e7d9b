import Reactor
import Testing

@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `The pace of activity` {
    private func at(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test func `announces the first change at once`() {
        var pace = ActivityPace()
        #expect(pace.note() == true)
        #expect(pace.wait(at: at(5)) == 0)
    }

    @Test func `has one see to all announcements until nothing is left`() {
        var pace = ActivityPace()
        #expect(pace.note() == true)
        #expect(pace.note() == false)
        pace.begin()
        #expect(pace.note() == false, "the one who announces looks again")
        pace.end(at: at(100), isStored: true)
        #expect(pace.wait(at: at(100)) == 1_001)
        #expect(pace.wait(at: at(1_100)) == 1)
        #expect(pace.wait(at: at(1_101)) == 0)
        pace.begin()
        pace.end(at: at(1_101), isStored: true)
        #expect(pace.wait(at: at(1_101)) == nil, "an idle hub has nothing to wait for")
        #expect(pace.note() == true)
        #expect(pace.wait(at: at(1_102)) == 1_000, "still at most once a second")
    }

    @Test func `forgets nothing that is noted while an announcement is made`() {
        var pace = ActivityPace()
        _ = pace.note()
        pace.begin()
        _ = pace.note()
        pace.end(at: at(10), isStored: true)
        #expect(pace.wait(at: at(10)) == 1_001)
    }

    @Test func `tries again what could not be stored, a second later`() {
        var pace = ActivityPace()
        _ = pace.note()
        pace.begin()
        pace.end(at: at(10), isStored: false)
        #expect(pace.wait(at: at(10)) == 1_001)
        pace.begin()
        pace.end(at: at(1_011), isStored: true)
        #expect(pace.wait(at: at(2_012)) == nil)
    }
}
