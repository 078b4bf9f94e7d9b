import Hub
import Reactor
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A desk for presence` {
    private let start = Instant(milliseconds: 1_000_000)
    private let post = Resource(checked: "post:1")
    private let other = Resource(checked: "post:2")

    private func notice(_ stream: UInt64, _ count: Int) -> PresenceDesk.Notice {
        PresenceDesk.Notice(stream: stream, resource: post, count: count)
    }

    @Test func `tells those that watch a resource, and nobody else`() {
        var desk = PresenceDesk()
        #expect(desk.watch(post, by: 1) == true)
        #expect(desk.watch(post, by: 2) == true)
        #expect(desk.watch(other, by: 3) == true)
        let notices = desk.hear(5, of: post, now: start)
        #expect(Set(notices.map(\.stream)) == [1, 2])
        #expect(notices.allSatisfy { $0.count == 5 && $0.resource == post })
    }

    @Test func `takes a second watch of one stream on one resource for none`() {
        var desk = PresenceDesk()
        #expect(desk.watch(post, by: 1) == true)
        #expect(desk.watch(post, by: 1) == false)
        #expect(desk.unwatch(post, by: 1) == true)
        #expect(desk.unwatch(post, by: 1) == false)
        #expect(desk.hear(5, of: post, now: start) == [])
        #expect(desk.resources(watchedBy: 1) == [])
    }

    @Test func `keeps a count that comes too soon, and asks once to be looked at`() {
        var desk = PresenceDesk()
        _ = desk.watch(post, by: 1)
        #expect(desk.hear(1, of: post, now: start) == [notice(1, 1)])
        #expect(desk.wantsLook() == false)
        #expect(desk.hear(2, of: post, now: start.advanced(milliseconds: 10)) == [])
        #expect(desk.wantsLook() == true)
        #expect(desk.wantsLook() == false)
        #expect(desk.takeDelayed(now: start.advanced(milliseconds: 500)) == [])
        #expect(desk.wantsLook() == true)
        #expect(desk.takeDelayed(now: start.advanced(milliseconds: 1_000)) == [notice(1, 2)])
        #expect(desk.wantsLook() == false)
    }

    @Test func `forgets what waits for a stream that has gone`() {
        var desk = PresenceDesk()
        _ = desk.watch(post, by: 1)
        _ = desk.hear(1, of: post, now: start)
        _ = desk.hear(2, of: post, now: start)
        #expect(desk.resources(watchedBy: 1) == [post])
        #expect(desk.unwatch(post, by: 1) == true)
        #expect(desk.takeDelayed(now: start.advanced(milliseconds: 2_000)) == [])
        #expect(desk.wantsLook() == false)
    }
}
