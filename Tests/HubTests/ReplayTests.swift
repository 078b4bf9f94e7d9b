import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(1)))
struct `A stream that is behind` {
    @Test func `becomes live with the page that reaches the shard's position`() {
        let shard = Shard()
        shard.position = 9
        let subscriber = Subscriber(phase: .behind(cursor: 2))
        shard.add(subscriber, to: selectors("a:1"))
        #expect(shard.wantsPage(subscriber))
        shard.queue([EventFrame(3, to: "a:1"), EventFrame(5, to: "a:1")], upTo: 5, for: subscriber)
        #expect(subscriber.phase == .behind(cursor: 5))
        #expect(!shard.wantsPage(subscriber))
        #expect(shard.sendText(to: subscriber) == "id: 3\n\nid: 5\n\n")
        #expect(shard.wantsPage(subscriber))
        // Published meanwhile: it is read from the log, not offered.
        shard.distribute(EventFrame(10, to: "a:1"))
        #expect(!subscriber.hasQueued)
        shard.queue([], upTo: 9, for: subscriber)
        #expect(subscriber.phase == .behind(cursor: 9))
        shard.queue([EventFrame(10, to: "a:1")], upTo: 10, for: subscriber)
        #expect(subscriber.phase == .live)
        shard.distribute(EventFrame(11, to: "a:1"))
        #expect(shard.sendText(to: subscriber) == "id: 10\n\nid: 11\n\n")
        #expect(!shard.wantsPage(subscriber))
    }

    @Test func `wants a page only when it can take one`() {
        let shard = Shard()
        shard.position = 9
        let subscriber = Subscriber(phase: .behind(cursor: 2))
        shard.add(subscriber, to: selectors("a:1"))
        subscriber.isWritable = false
        #expect(!shard.wantsPage(subscriber))
        subscriber.isWritable = true
        subscriber.isFetching = true
        #expect(!shard.wantsPage(subscriber))
        subscriber.isFetching = false
        shard.queue(EventFrame(control: "x"), for: subscriber)
        #expect(!shard.wantsPage(subscriber))
        _ = shard.send(to: subscriber)
        #expect(shard.wantsPage(subscriber))
    }

    @Test func `gets no names from the log that it did not ask for`() {
        let shard = Shard()
        shard.position = 3
        let subscriber = Subscriber(filter: ["wanted"], phase: .behind(cursor: 0))
        shard.add(subscriber, to: selectors("a:1"))
        let page = [
            EventFrame(1, to: "a:1", name: "other"), EventFrame(2, to: "a:1", name: "wanted"),
        ]
        shard.queue(page, upTo: 3, for: subscriber)
        #expect(shard.sendText(to: subscriber) == "id: 2\n\n")
        #expect(subscriber.phase == .live)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `A stream that opens with a snapshot` {
    @Test func `gets the state in pages, then what was published meanwhile, then is live`() {
        let shard = Shard()
        shard.position = 5
        let subscriber = Subscriber(phase: .opening(cursor: 5))
        shard.add(subscriber, to: selectors("a:*"))
        shard.requestSnapshot(of: selectors("a:*"), for: subscriber)
        #expect(shard.wantsPage(subscriber))
        #expect(subscriber.snapshots.map(\.last) == [5])
        shard.distribute(EventFrame(6, to: "a:1"))
        #expect(!subscriber.hasQueued)
        shard.queue([state(1), state(3)], isLast: false, for: subscriber)
        #expect(subscriber.snapshots.map(\.cursor) == [3])
        #expect(shard.sendText(to: subscriber) == "state 1\n\nstate 3\n\n")
        shard.queue([state(4)], isLast: true, for: subscriber)
        #expect(subscriber.snapshots.isEmpty)
        shard.finishOpening(subscriber)
        #expect(subscriber.phase == .behind(cursor: 5))
        shard.queue([EventFrame(6, to: "a:1")], upTo: 6, for: subscriber)
        #expect(subscriber.phase == .live)
        #expect(shard.sendText(to: subscriber) == "state 4\n\nid: 6\n\n")
        #expect(shard.counters.delivered == 1, "state is no delivery")
    }

    @Test func `is live at once when nothing was published meanwhile`() {
        let shard = Shard()
        shard.position = 5
        let subscriber = Subscriber(phase: .opening(cursor: 5))
        shard.add(subscriber, to: selectors("a:1"))
        shard.finishOpening(subscriber)
        #expect(subscriber.phase == .live)
        shard.finishOpening(subscriber)
        #expect(subscriber.phase == .live)
    }

    @Test func `gets no state of names that it did not ask for`() {
        let shard = Shard()
        let subscriber = Subscriber(filter: ["wanted"], phase: .opening(cursor: 5))
        shard.add(subscriber, to: selectors("a:1"))
        shard.requestSnapshot(of: selectors("a:1"), for: subscriber)
        shard.queue([state(1, "other"), state(2, "wanted")], isLast: true, for: subscriber)
        #expect(shard.sendText(to: subscriber) == "state 2\n\n")
    }

    @Test func `gets the state of what it adds later as of where it stands`() {
        let shard = Shard()
        shard.position = 8
        let behind = Subscriber(phase: .behind(cursor: 3))
        let live = Subscriber(2)
        for subscriber in [behind, live] {
            shard.add(subscriber, to: selectors("a:1"))
            shard.requestSnapshot(of: selectors("a:2"), for: subscriber)
        }
        #expect(behind.snapshots.map(\.last) == [3])
        #expect(live.snapshots.map(\.last) == [8])
        #expect(shard.wantsPage(behind) && shard.wantsPage(live))
    }

    private func state(_ sequence: UInt64, _ name: String = "wanted") -> StateFrame {
        let block = Array("state \(sequence)\n\n".utf8)
        return StateFrame(
            sequence: sequence, frame: EventFrame(block, content: .control, name: name))
    }
}
