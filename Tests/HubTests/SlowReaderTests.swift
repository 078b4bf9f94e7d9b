import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `A stream whose queue is full` {
    @Test func `reads on from before the oldest event that it has not begun to send`() {
        let shard = Shard(count: 3)
        let subscriber = shard.open("a:1")
        for sequence in 1...4 as ClosedRange<UInt64> {
            #expect(subscriber.phase == .live)
            shard.distribute(EventFrame(sequence, to: "a:1"))
        }
        #expect(subscriber.phase == .behind(cursor: 0))
        #expect(!subscriber.hasQueued)
        #expect(shard.counters.fellBehind == 1)
        #expect(shard.counters.dropped == 0)
        #expect(shard.pool.count == 0)
        shard.distribute(EventFrame(5, to: "a:1"))
        #expect(subscriber.phase == .behind(cursor: 0))
        #expect(!subscriber.hasQueued)
    }

    @Test func `has its cursor behind what it sent whole`() {
        let shard = Shard(count: 3)
        let subscriber = shard.open("a:1")
        shard.distribute(EventFrame(5, to: "a:1"))
        shard.distribute(EventFrame(6, to: "a:2"))
        _ = shard.send(to: subscriber)
        for sequence in [7, 9, 11, 12] as [UInt64] {
            shard.distribute(EventFrame(sequence, to: "a:1"))
        }
        #expect(subscriber.phase == .behind(cursor: 6))
    }

    @Test func `keeps the event that it has begun to send, and its place in it`() {
        let shard = Shard(count: 3)
        let subscriber = shard.open("a:1", framing: .chunked)
        let first = EventFrame(3, to: "a:1")
        shard.distribute(first)
        let begun = shard.sendText(4, to: subscriber)
        for sequence in 4...6 as ClosedRange<UInt64> {
            shard.distribute(EventFrame(sequence, to: "a:1"))
        }
        #expect(subscriber.phase == .behind(cursor: 3))
        #expect(!shard.wantsPage(subscriber))
        #expect(begun + shard.sendText(to: subscriber) == first.chunkText)
        #expect(shard.wantsPage(subscriber))
        #expect(shard.counters.delivered == 1)
    }

    @Test func `keeps the frames of the hub in their order`() {
        let shard = Shard(count: 4)
        let subscriber = shard.open("a:1")
        shard.queue(EventFrame(control: "connected"), for: subscriber)
        shard.distribute(EventFrame(1, to: "a:1"))
        shard.queue(EventFrame(control: "subscribed"), for: subscriber)
        shard.distribute(EventFrame(2, to: "a:1"))
        shard.distribute(EventFrame(3, to: "a:1"))
        #expect(subscriber.phase == .behind(cursor: 0))
        #expect(shard.sendText(to: subscriber) == "connected\n\nsubscribed\n\n")
        #expect(shard.pool.count == 0)
    }

    @Test func `keeps a half-sent frame of the hub before the others`() {
        let shard = Shard(count: 3)
        let subscriber = shard.open("a:1")
        shard.queue(EventFrame(control: "connected"), for: subscriber)
        #expect(shard.sendText(4, to: subscriber) == "conn")
        shard.distribute(EventFrame(1, to: "a:1"))
        shard.queue(EventFrame(control: "b"), for: subscriber)
        shard.distribute(EventFrame(2, to: "a:1"))
        #expect(subscriber.phase == .behind(cursor: 0))
        #expect(shard.sendText(to: subscriber) == "ected\n\nb\n\n")
    }

    @Test func `loses transient events, which are counted, and stays live for them alone`() {
        let shard = Shard(count: 2)
        let subscriber = shard.open("a:1")
        for _ in 0..<5 { shard.distribute(EventFrame(nil, to: "a:1", block: "t\n\n")) }
        #expect(subscriber.phase == .live)
        #expect(shard.counters.dropped == 3)
        #expect(shard.counters.fellBehind == 0)
        shard.distribute(EventFrame(8, to: "a:1"))
        #expect(subscriber.phase == .behind(cursor: 7))
        #expect(shard.counters.dropped == 5)
        shard.distribute(EventFrame(nil, to: "a:1"))
        #expect(shard.counters.dropped == 6)
        shard.distribute(EventFrame(nil, to: "a:2"))
        #expect(shard.counters.dropped == 6)
    }

    @Test func `is full by bytes as well, but takes one large event alone`() {
        let shard = Shard(count: 100, bytes: 100)
        let subscriber = shard.open("a:1")
        let large = String(repeating: "x", count: 500)
        shard.distribute(EventFrame(1, to: "a:1", block: large))
        #expect(subscriber.phase == .live)
        #expect(shard.sendText(to: subscriber) == large)
        shard.distribute(EventFrame(2, to: "a:1", block: "small"))
        shard.distribute(EventFrame(3, to: "a:1", block: large))
        #expect(subscriber.phase == .behind(cursor: 1))
    }

    @Test func `is told of once, until its queue has been emptied`() {
        let shard = Shard(count: 1)
        let subscriber = shard.open("a:1")
        shard.distribute(EventFrame(1, to: "a:1"))
        #expect(!subscriber.isStalled)
        shard.distribute(EventFrame(nil, to: "a:1"))
        shard.distribute(EventFrame(nil, to: "a:1"))
        #expect(subscriber.isStalled)
        #expect(shard.takeStalled().map(ObjectIdentifier.init) == [ObjectIdentifier(subscriber)])
        #expect(shard.takeStalled().isEmpty)
        shard.markStalled(subscriber)
        #expect(shard.takeStalled().isEmpty)
        _ = shard.send(2, to: subscriber)
        #expect(subscriber.isStalled)
        _ = shard.send(to: subscriber)
        #expect(!subscriber.isStalled)
        shard.markStalled(subscriber)
        #expect(shard.takeStalled().count == 1)
    }

    @Test func `is told of when frames of the hub alone have filled it`() {
        let shard = Shard(count: 3, bytes: 1_000)
        let many = shard.open("a:1")
        let large = shard.open("a:2")
        for number in 1...3 { shard.queue(EventFrame(control: "\(number)"), for: many) }
        #expect(shard.takeStalled().isEmpty)
        shard.queue(EventFrame(control: "4"), for: many)
        shard.queue(EventFrame(control: "1"), for: large)
        shard.queue(EventFrame(control: String(repeating: "x", count: 1_000)), for: large)
        let stalled = shard.takeStalled().map(ObjectIdentifier.init)
        #expect(stalled == [ObjectIdentifier(many), ObjectIdentifier(large)])
        #expect(shard.sendText(to: many) == "1\n\n2\n\n3\n\n4\n\n")
        #expect(!many.isStalled)
    }

    @Test func `stays stalled while it is behind, until it is live with an empty queue`() {
        let shard = Shard(count: 1)
        let subscriber = shard.open("a:1")
        shard.distribute(EventFrame(1, to: "a:1"))
        shard.distribute(EventFrame(2, to: "a:1"))
        #expect(shard.takeStalled().count == 1)
        shard.queue([EventFrame(1, to: "a:1")], upTo: 1, for: subscriber)
        _ = shard.send(to: subscriber)
        #expect(subscriber.phase == .behind(cursor: 1))
        #expect(subscriber.isStalled)
        shard.queue([EventFrame(2, to: "a:1")], upTo: 2, for: subscriber)
        #expect(subscriber.phase == .live)
        #expect(subscriber.isStalled)
        _ = shard.send(to: subscriber)
        #expect(!subscriber.isStalled)
    }

    @Test func `is no longer stalled when the rest of the log holds nothing for it`() {
        let shard = Shard(count: 1)
        let subscriber = Subscriber(filter: ["wanted"])
        shard.add(subscriber, to: selectors("a:1"))
        shard.distribute(EventFrame(1, to: "a:1", name: "wanted"))
        shard.distribute(EventFrame(2, to: "a:1", name: "wanted"))
        shard.distribute(EventFrame(3, to: "a:1", name: "other"))
        _ = shard.takeStalled()
        shard.queue([EventFrame(1, to: "a:1", name: "wanted")], upTo: 1, for: subscriber)
        shard.queue([EventFrame(2, to: "a:1", name: "wanted")], upTo: 2, for: subscriber)
        _ = shard.send(to: subscriber)
        shard.queue([EventFrame(3, to: "a:1", name: "other")], upTo: 3, for: subscriber)
        #expect(subscriber.phase == .live)
        #expect(!subscriber.hasQueued)
        #expect(!subscriber.isStalled, "a stall would not be timed: it would not be named again")
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `An event with a coalesce key` {
    @Test func `replaces the waiting one of its resources and key, at the end`() {
        let shard = Shard()
        let subscriber = shard.open("a:*")
        shard.distribute(EventFrame(1, to: "a:1", key: "k", block: "1\n\n"))
        shard.distribute(EventFrame(2, to: "a:2", key: "k", block: "2\n\n"))
        shard.distribute(EventFrame(3, to: "a:1", key: "other", block: "3\n\n"))
        shard.distribute(EventFrame(4, to: "a:1", "a:2", key: "k", block: "4\n\n"))
        shard.distribute(EventFrame(5, to: "a:1", block: "5\n\n"))
        shard.distribute(EventFrame(6, to: "a:1", key: "k", block: "6\n\n"))
        shard.distribute(EventFrame(7, to: "a:2", key: "k", block: "7\n\n"))
        #expect(shard.sendText(to: subscriber) == "3\n\n4\n\n5\n\n6\n\n7\n\n")
        #expect(shard.counters.delivered == 5)
        #expect(shard.pool.count == 0)
    }

    @Test func `replaces nothing that has begun to be sent`() {
        let shard = Shard()
        let subscriber = shard.open("a:1")
        shard.distribute(EventFrame(1, to: "a:1", key: "k", block: "first\n\n"))
        #expect(shard.sendText(2, to: subscriber) == "fi")
        shard.distribute(EventFrame(2, to: "a:1", key: "k", block: "second\n\n"))
        shard.distribute(EventFrame(3, to: "a:1", key: "k", block: "third\n\n"))
        #expect(shard.sendText(to: subscriber) == "rst\n\nthird\n\n")
    }

    @Test func `keeps a full queue from overflowing`() {
        let shard = Shard(count: 3)
        let subscriber = shard.open("a:1")
        for sequence in 1...2 as ClosedRange<UInt64> {
            shard.distribute(EventFrame(sequence, to: "a:1"))
        }
        for sequence in 3...50 as ClosedRange<UInt64> {
            shard.distribute(EventFrame(sequence, to: "a:1", key: "progress"))
        }
        #expect(subscriber.phase == .live)
        #expect(shard.sendText(to: subscriber) == "id: 1\n\nid: 2\n\nid: 50\n\n")
    }

    @Test func `replaces the only waiting event as well`() {
        let shard = Shard(count: 1)
        let subscriber = shard.open("a:1", framing: .chunked)
        for sequence in 1...9 as ClosedRange<UInt64> {
            shard.distribute(EventFrame(sequence, to: "a:1", key: "progress"))
        }
        #expect(subscriber.phase == .live)
        #expect(shard.sendText(to: subscriber) == EventFrame(9, to: "a:1").chunkText)
    }

    @Test func `leaves a durable event alone when it is itself transient and may be lost`() {
        let shard = Shard(count: 3)
        let subscriber = shard.open("a:1")
        shard.distribute(EventFrame(1, to: "a:1", key: "k", block: "kept\n\n"))
        shard.distribute(EventFrame(nil, to: "a:1", key: "k", block: "t1\n\n"))
        shard.distribute(EventFrame(nil, to: "a:1", key: "k", block: "t2\n\n"))
        #expect(shard.sendText(to: subscriber) == "kept\n\nt2\n\n")
    }

    @Test func `leaves the log complete for a stream that falls behind afterwards`() {
        let shard = Shard(count: 2)
        let subscriber = shard.open("a:1")
        shard.distribute(EventFrame(1, to: "a:1", key: "k"))
        shard.distribute(EventFrame(2, to: "a:1"))
        shard.distribute(EventFrame(3, to: "a:1", key: "k"))
        shard.distribute(EventFrame(4, to: "a:1"))
        #expect(subscriber.phase == .behind(cursor: 1))
    }
}
