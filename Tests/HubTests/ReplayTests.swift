import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
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

@Suite(.timeLimit(.minutes(5)))
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

    @Test func `gets what is published meanwhile behind the state of what it added`() {
        let (shard, subscriber) = streamAwaitingState()
        shard.distribute(EventFrame(6, to: "a:2"))
        shard.distribute(EventFrame(nil, to: "a:1", block: "transient\n\n"))
        shard.queue(EventFrame(control: "subscribed"), for: subscriber)
        #expect(shard.sendText(to: subscriber) == "subscribed\n\n")
        #expect(shard.cursor(of: subscriber) == nil)
        shard.queue([state(1), state(2)], isLast: false, for: subscriber)
        shard.distribute(EventFrame(7, to: "a:1"))
        shard.queue([state(4)], isLast: true, for: subscriber)
        shard.distribute(EventFrame(8, to: "a:1"))
        #expect(
            shard.sendText(to: subscriber)
                == "state 1\n\nstate 2\n\nstate 4\n\nid: 6\n\ntransient\n\nid: 7\n\nid: 8\n\n")
        #expect(shard.cursor(of: subscriber) == 8)
        #expect(shard.pool.count == 0)
    }

    @Test func `reads from the log what is too much to be held back`() {
        let (shard, subscriber) = streamAwaitingState(count: 3)
        shard.distribute(EventFrame(nil, to: "a:1"))
        for sequence in 6...7 as ClosedRange<UInt64> {
            shard.distribute(EventFrame(sequence, to: "a:1"))
        }
        shard.distribute(EventFrame(nil, to: "a:1"))
        #expect(subscriber.phase == .live)
        shard.distribute(EventFrame(8, to: "a:1"))
        #expect(subscriber.phase == .behind(cursor: 5))
        #expect(shard.counters.dropped == 2)
        #expect(shard.counters.fellBehind == 1)
        #expect(shard.pool.count == 0)
        shard.queue([state(4)], isLast: true, for: subscriber)
        shard.queue(
            [EventFrame(6, to: "a:1"), EventFrame(7, to: "a:1"), EventFrame(8, to: "a:1")],
            upTo: 8, for: subscriber)
        #expect(
            shard.sendText(to: subscriber) == "state 4\n\nid: 6\n\nid: 7\n\nid: 8\n\n")
        #expect(subscriber.phase == .live)
    }

    @Test func `takes what was held back for it with it when it ends`() {
        let (shard, subscriber) = streamAwaitingState()
        shard.distribute(EventFrame(6, to: "a:1"))
        #expect(shard.pool.count == 1)
        shard.remove(subscriber)
        #expect(shard.pool.count == 0)
    }

    /// A live stream of `a:1` at sequence 5 that has added `a:2`.
    private func streamAwaitingState(count: Int = 100) -> (Shard, Subscriber) {
        let shard = Shard(count: count)
        shard.position = 5
        let subscriber = shard.open("a:1")
        _ = shard.change(subscriber, adding: selectors("a:2"), removing: [])
        shard.requestSnapshot(of: selectors("a:2"), for: subscriber)
        return (shard, subscriber)
    }

    private func state(_ sequence: UInt64, _ name: String = "wanted") -> StateFrame {
        let block = Array("state \(sequence)\n\n".utf8)
        return StateFrame(
            sequence: sequence, frame: EventFrame(block, content: .control, name: name))
    }
}
