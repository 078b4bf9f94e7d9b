import Hub
import Reactor
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A desk for members` {
    private let post = Resource(checked: "post:1")
    private let start = Instant(milliseconds: 1_000_000)

    private func notice(
        _ stream: UInt64, _ count: Int, _ joined: [MemberName], _ left: [MemberName] = []
    ) -> MemberDesk.Notice {
        MemberDesk.Notice(
            stream: stream, resource: post, count: count, joined: joined, left: left)
    }

    private func changes(
        _ first: Int, _ joined: [MemberName], _ left: [MemberName] = [], room: Int = 1
    ) -> MemberChanges {
        MemberChanges(room: room, first: first, joined: joined, left: left)
    }

    private func beginning(_ names: [MemberName], _ version: Int) -> MemberBoard.Beginning {
        MemberBoard.Beginning(
            room: 1, list: MemberList(members: Set(names), version: version))
    }

    private let unknown = MemberBoard.Beginning(room: 1, list: nil)

    @Test func `tells the whole list once count and list are known`() {
        var desk = MemberDesk()
        #expect(desk.watch(post, by: 1, from: unknown, count: nil, now: start) == [])
        #expect(desk.hear(2, of: post, now: start) == [])
        let told = desk.hear(changes(1, members("a", "b")), of: post, now: start)
        #expect(told == [notice(1, 2, members("a", "b"))])
        #expect(desk.resources(watchedBy: 1) == [post])
    }

    @Test func `tells a list that is known at once, and of nobody where nobody is`() {
        var desk = MemberDesk()
        let list = beginning(members("b", "a"), 5)
        let told = desk.watch(post, by: 1, from: list, count: 4, now: start)
        #expect(told == [notice(1, 4, members("a", "b"))])
        var empty = MemberDesk()
        _ = empty.watch(post, by: 1, from: unknown, count: 0, now: start)
        #expect(empty.hear(changes(1, []), of: post, now: start) == [notice(1, 0, [])])
    }

    @Test func `tells what has changed, at most once a second, and the sum of it`() {
        var desk = MemberDesk()
        _ = desk.watch(post, by: 1, from: beginning(members("a"), 1), count: 1, now: start)
        func at(_ milliseconds: Int) -> Instant { start.advanced(milliseconds: milliseconds) }
        #expect(desk.hear(changes(2, members("b", "c")), of: post, now: at(10)) == [])
        #expect(desk.hear(3, of: post, now: at(20)) == [])
        #expect(desk.wantsLook() == true)
        #expect(desk.wantsLook() == false)
        #expect(desk.hear(changes(4, [], members("a", "b")), of: post, now: at(30)) == [])
        #expect(desk.takeDelayed(now: at(999)) == [])
        #expect(desk.wantsLook() == true)
        let told = desk.takeDelayed(now: at(1_000))
        #expect(told == [notice(1, 3, members("c"), members("a"))])
        #expect(desk.wantsLook() == false)
        #expect(desk.hear(changes(6, members("a")), of: post, now: at(2_000)).count == 1)
    }

    @Test func `says nothing when all is as it was told`() {
        var desk = MemberDesk()
        _ = desk.watch(post, by: 1, from: beginning(members("a"), 1), count: 1, now: start)
        _ = desk.hear(changes(2, members("b")), of: post, now: start)
        _ = desk.hear(changes(3, [], members("b")), of: post, now: start)
        #expect(desk.takeDelayed(now: start.advanced(milliseconds: 2_000)) == [])
        #expect(desk.hear(1, of: post, now: start.advanced(milliseconds: 4_000)) == [])
    }

    @Test func `tells each stream from where it was told before`() {
        var desk = MemberDesk()
        func at(_ milliseconds: Int) -> Instant { start.advanced(milliseconds: milliseconds) }
        _ = desk.watch(post, by: 1, from: beginning(members("a"), 1), count: 1, now: at(0))
        _ = desk.hear(changes(2, members("b")), of: post, now: at(500))
        // The list that this one begins with holds a change that is still on its way here.
        let late = beginning(members("a", "b", "c"), 3)
        let told = desk.watch(post, by: 2, from: late, count: 3, now: at(900))
        #expect(told == [notice(2, 3, members("a", "b", "c"))])
        let first = desk.hear(changes(3, members("c")), of: post, now: at(1_000))
        #expect(first == [notice(1, 3, members("b", "c"))])
        let both = desk.hear(changes(4, [], members("b")), of: post, now: at(2_500))
        #expect(Set(both.map(\.stream)) == [1, 2])
        #expect(both.allSatisfy { $0.joined == [] && $0.left == members("b") })
    }

    @Test func `knows what is said of a room that is gone from its own`() {
        var desk = MemberDesk()
        let first = MemberBoard.Beginning(room: 2, list: nil)
        _ = desk.watch(post, by: 1, from: first, count: 1, now: start)
        #expect(desk.hear(changes(9, members("x"), room: 1), of: post, now: start) == [])
        let told = desk.hear(changes(1, members("a"), room: 2), of: post, now: start)
        #expect(told == [notice(1, 1, members("a"))])
    }

    @Test func `forgets a watch, and what waited for it`() {
        var desk = MemberDesk()
        _ = desk.watch(post, by: 1, from: beginning(members("a"), 1), count: 1, now: start)
        _ = desk.hear(changes(2, members("b")), of: post, now: start)
        #expect(desk.unwatch(post, by: 1) == true)
        #expect(desk.unwatch(post, by: 1) == false)
        #expect(desk.resources(watchedBy: 1) == [])
        #expect(desk.takeDelayed(now: start.advanced(milliseconds: 2_000)) == [])
        #expect(desk.hear(changes(3, members("c")), of: post, now: start) == [])
        #expect(desk.hear(7, of: post, now: start) == [])
    }
}
