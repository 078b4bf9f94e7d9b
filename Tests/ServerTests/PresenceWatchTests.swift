import Reactor
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A watch on presence` {
    private let start = Instant(milliseconds: 1_000_000)

    @Test func `tells the first count at once`() {
        var watch = PresenceWatch()
        #expect(watch.hear(0, now: start) == 0)
        #expect(watch.waiting == nil)
    }

    @Test func `tells a change at once when a second has passed`() {
        var watch = PresenceWatch()
        _ = watch.hear(3, now: start)
        #expect(watch.hear(4, now: start.advanced(milliseconds: 1_000)) == 4)
    }

    @Test func `tells nothing twice`() {
        var watch = PresenceWatch()
        _ = watch.hear(3, now: start)
        #expect(watch.hear(3, now: start.advanced(milliseconds: 5_000)) == nil)
        #expect(watch.speak(now: start.advanced(milliseconds: 9_000)) == nil)
    }

    @Test func `keeps what comes within a second, and tells the newest of it then`() {
        var watch = PresenceWatch()
        _ = watch.hear(1, now: start)
        for (offset, count) in [(1, 2), (500, 3), (999, 4)] {
            #expect(watch.hear(count, now: start.advanced(milliseconds: offset)) == nil)
            #expect(watch.waiting == count)
        }
        #expect(watch.speak(now: start.advanced(milliseconds: 999)) == nil)
        #expect(watch.speak(now: start.advanced(milliseconds: 1_000)) == 4)
        #expect(watch.waiting == nil)
        #expect(watch.hear(5, now: start.advanced(milliseconds: 1_999)) == nil)
        #expect(watch.hear(6, now: start.advanced(milliseconds: 2_000)) == 6)
    }

    @Test func `has nothing to tell when the count is again what was told`() {
        var watch = PresenceWatch()
        _ = watch.hear(1, now: start)
        _ = watch.hear(2, now: start.advanced(milliseconds: 10))
        #expect(watch.hear(1, now: start.advanced(milliseconds: 20)) == nil)
        #expect(watch.waiting == nil)
        #expect(watch.speak(now: start.advanced(milliseconds: 5_000)) == nil)
    }
}
