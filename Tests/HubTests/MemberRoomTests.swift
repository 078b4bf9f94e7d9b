import Testing

@testable import Hub

/// Members of these names.
func members(_ names: String...) -> [MemberName] { names.compactMap { MemberName($0) } }

@Suite(.timeLimit(.minutes(5)))
struct `A room of members` {
    private func numbered(_ range: Range<Int>) -> [MemberName] {
        range.compactMap { MemberName("u\($0)") }
    }

    @Test func `is told of when every worker has said who is there`() {
        var room = MemberRoom(7, workerCount: 2)
        #expect(room.report(arrived: members("b"), gone: [], by: 0) == nil)
        #expect(room.list == nil)
        #expect(room.report(arrived: members("c"), gone: [], by: 0) == nil)
        let changes = room.report(arrived: members("a", "b"), gone: [], by: 1)
        #expect(
            changes
                == MemberChanges(room: 7, first: 1, joined: members("a", "b", "c"), left: []))
        #expect(room.list == MemberList(members: Set(members("a", "b", "c")), version: 3))
    }

    @Test func `without anybody is told of once, too`() {
        var room = MemberRoom(1, workerCount: 1)
        let changes = MemberChanges(room: 1, first: 1, joined: [], left: [])
        #expect(room.report(arrived: [], gone: [], by: 0) == changes)
        #expect(room.report(arrived: [], gone: [], by: 0) == nil)
    }

    @Test func `has one who is on two workers until both have lost them`() {
        var room = MemberRoom(1, workerCount: 2)
        _ = room.report(arrived: members("a"), gone: [], by: 0)
        _ = room.report(arrived: [], gone: [], by: 1)
        #expect(room.report(arrived: members("a"), gone: [], by: 1) == nil)
        #expect(room.report(arrived: [], gone: members("a"), by: 0) == nil)
        let end = room.report(arrived: [], gone: members("a"), by: 1)
        #expect(end == MemberChanges(room: 1, first: 2, joined: [], left: members("a")))
    }

    @Test func `names 200, and another one when a place is free`() {
        var room = MemberRoom(1, workerCount: 1)
        let first = room.report(arrived: numbered(0..<300), gone: [], by: 0)
        #expect(first?.joined.count == 200 && first?.left == [])
        #expect(room.report(arrived: numbered(300..<310), gone: [], by: 0) == nil)
        let named = first?.joined ?? []
        let change = room.report(arrived: [], gone: Array(named.prefix(3)), by: 0)
        #expect(change?.left == Array(named.prefix(3)) && change?.joined.count == 3)
        #expect(change?.first == 201)
        let new = Set(change?.joined ?? [])
        #expect(new.isDisjoint(with: named))
        // One who is not named goes without a word.
        let rest = Set(numbered(0..<310)).subtracting(named).subtracting(new)
        #expect(room.report(arrived: [], gone: Array(rest.sorted().prefix(5)), by: 0) == nil)
        #expect(room.list?.members.count == 200)
    }

    @Test func `takes names apart byte by byte`() {
        var room = MemberRoom(1, workerCount: 1)
        let changes = room.report(arrived: members("\u{E9}", "e\u{301}"), gone: [], by: 0)
        #expect(changes?.joined.count == 2)
    }

    @Test func `has no names that are empty, long or hold control characters`() {
        #expect(MemberName("") == nil && MemberName("a\n") == nil && MemberName("\u{85}") == nil)
        #expect(MemberName(String(repeating: "é", count: 128))?.text.utf8.count == 256)
        #expect(MemberName(String(repeating: "é", count: 129)) == nil)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `The board of members` {
    private let post = resource("post:1")

    @Test func `has all workers track what is watched, and end with the last watcher`() {
        let board = MemberBoard(workerCount: 2)
        var posted: [String] = []
        func note(_ message: MemberBoard.Message, _ worker: Int) {
            switch message {
            case .track(let resource, let room):
                posted.append("track \(resource) \(room) \(worker)")
            case .untrack(let resource): posted.append("untrack \(resource) \(worker)")
            case .changed(_, let changes): posted.append("\(changes.joined.map(\.text)) \(worker)")
            }
        }
        func say(_ names: [MemberName], by worker: Int, room: Int) {
            board.report(
                MemberReport(resource: post, room: room, arrived: names, gone: []), by: worker,
                post: note)
        }
        let first = board.watch(post, by: 1, post: note)
        #expect(first == MemberBoard.Beginning(room: 1, list: nil))
        #expect(posted == ["track post:1 1 0", "track post:1 1 1"])
        say(members("a"), by: 0, room: 1)
        say(members("b"), by: 1, room: 1)
        #expect(posted.dropFirst(2) == [#"["a", "b"] 1"#])
        let list = MemberList(members: Set(members("a", "b")), version: 2)
        #expect(board.watch(post, by: 0, post: note) == MemberBoard.Beginning(room: 1, list: list))
        say(members("c"), by: 0, room: 1)
        #expect(posted.suffix(2) == [#"["c"] 0"#, #"["c"] 1"#])
        board.unwatch(post, by: 1, post: note)
        #expect(posted.count == 5)
        board.unwatch(post, by: 0, post: note)
        #expect(posted.suffix(2) == ["untrack post:1 0", "untrack post:1 1"])
        // A report that was on its way to the room that is gone says nothing of the new one.
        _ = board.watch(post, by: 0, post: note)
        say(members("d"), by: 0, room: 1)
        say(members("e"), by: 0, room: 2)
        say([], by: 1, room: 2)
        #expect(posted.last == #"["e"] 0"#)
    }
}
