import Testing

@testable import Hub
@testable import Reactor

@Suite(.timeLimit(.minutes(5)))
struct `A shard` {
    @Test func `delivers an event once, however many of its names match`() {
        let shard = Shard()
        let both = shard.open("post:1", "user:2", "post:*", "user:*")
        let pattern = shard.open("post:*")
        let other = shard.open("post:3", "job:*")
        shard.distribute(EventFrame(1, to: "post:1", "user:2", "post:9", block: "x\n\n"))
        #expect(shard.sendText(to: both) == "x\n\n")
        #expect(shard.sendText(to: pattern) == "x\n\n")
        #expect(shard.sendText(to: other) == "")
        #expect(shard.counters.delivered == 2)
        #expect(shard.position == 1)
    }

    @Test func `moves its position with durable events alone`() {
        let shard = Shard()
        shard.position = 7
        shard.distribute(EventFrame(nil, to: "a:1"))
        #expect(shard.position == 7)
        shard.distribute(EventFrame(8, to: "a:1"))
        #expect(shard.position == 8)
    }

    @Test func `gives each stream its framing`() {
        let shard = Shard()
        let chunked = shard.open("a:1", framing: .chunked)
        let bare = shard.open("a:1", framing: .bare)
        shard.distribute(EventFrame(1, to: "a:1", block: "x\n\n"))
        #expect(shard.sendText(to: chunked) == "3\r\nx\n\n\r\n")
        #expect(shard.sendText(to: bare) == "x\n\n")
    }

    @Test func `leaves out names that a stream did not ask for, but never the hub's own`() {
        let shard = Shard()
        let subscriber = Subscriber(filter: ["wanted"])
        shard.add(subscriber, to: selectors("a:1"))
        shard.distribute(EventFrame(1, to: "a:1", name: "other", block: "1\n\n"))
        shard.distribute(EventFrame(2, to: "a:1", name: "wanted", block: "2\n\n"))
        shard.distribute(EventFrame(nil, to: "a:1", name: "other", block: "3\n\n"))
        shard.queue(EventFrame(control: "4"), for: subscriber)
        #expect(shard.sendText(to: subscriber) == "2\n\n4\n\n")
        #expect(shard.counters.dropped == 0)
    }

    @Test func `hears no more of what it left and at once of what it joined`() {
        let shard = Shard()
        let subscriber = shard.open("a:1", "a:2")
        let added = shard.change(
            subscriber, adding: selectors("a:2", "b:1", "b:1", "c:*"),
            removing: selectors("a:1", "z:9"))
        #expect(added == selectors("b:1", "c:*"))
        #expect(subscriber.selectors == selectors("a:2", "b:1", "c:*"))
        #expect(shard.counters.subscriptions == 3)
        for (sequence, name) in ["a:1", "a:2", "b:1", "c:5"].enumerated() {
            shard.distribute(EventFrame(UInt64(sequence + 1), to: name, block: "\(name)\n\n"))
        }
        #expect(shard.sendText(to: subscriber) == "a:2\n\nb:1\n\nc:5\n\n")
    }

    @Test func `takes a name that is removed and added in one change as new`() {
        let shard = Shard()
        let subscriber = shard.open("a:1")
        let added = shard.change(
            subscriber, adding: selectors("a:1"), removing: selectors("a:1"))
        #expect(added == selectors("a:1"))
        #expect(subscriber.selectors == selectors("a:1"))
        shard.distribute(EventFrame(1, to: "a:1", block: "x\n\n"))
        #expect(shard.sendText(to: subscriber) == "x\n\n")
    }

    @Test func `forgets a stream with all that waited for it`() {
        let shard = Shard()
        let gone = shard.open("a:1", "b:*")
        let stays = shard.open("a:1")
        shard.distribute(EventFrame(1, to: "a:1"))
        _ = shard.send(3, to: gone)
        shard.remove(gone)
        shard.remove(gone)
        #expect(gone.phase == .closed)
        #expect(gone.selectors.isEmpty && !gone.hasQueued)
        #expect(shard.counters.streams == 1)
        #expect(shard.counters.subscriptions == 1)
        #expect(shard.selectors == selectors("a:1"))
        #expect(shard.pool.count == 1)
        #expect(!shard.wantsPage(gone))
        shard.distribute(EventFrame(2, to: "a:1", "b:1"))
        #expect(!gone.hasQueued)
        #expect(shard.sendText(to: stays) == "id: 1\n\nid: 2\n\n")
        #expect(shard.pool.count == 0)
    }

    @Test func `keeps no trace of names that nobody asks for any more`() {
        let shard = Shard()
        for number in 0..<100 { shard.remove(shard.open("a:\(number)", "k\(number):*")) }
        #expect(shard.resources.isEmpty && shard.kinds.isEmpty)
        #expect(shard.counters.subscriptions == 0)
    }

    @Test func `names each stream that got something once, until it is asked`() {
        let shard = Shard()
        let first = shard.open("a:1")
        let second = shard.open("a:2")
        shard.distribute(EventFrame(1, to: "a:1"))
        shard.distribute(EventFrame(2, to: "a:1"))
        #expect(shard.dirtyStreams().map(ObjectIdentifier.init) == [ObjectIdentifier(first)])
        #expect(shard.dirtyStreams().isEmpty)
        second.isWritable = false
        shard.distribute(EventFrame(3, to: "a:2"))
        #expect(shard.dirtyStreams().isEmpty)
        #expect(second.hasQueued)
    }

    @Test(arguments: 1...12)
    func `goes on where the kernel stopped, at whatever byte`(step: Int) {
        let shard = Shard()
        let subscriber = shard.open("a:1", framing: .chunked)
        var expected = ""
        for sequence in 1...7 as ClosedRange<UInt64> {
            let frame = EventFrame(sequence, to: "a:1")
            expected += frame.chunkText
            shard.distribute(frame)
        }
        var received = ""
        while subscriber.hasQueued { received += shard.sendText(step, to: subscriber) }
        #expect(received == expected)
        #expect(shard.counters.delivered == 7)
        #expect(shard.pool.count == 0)
    }

    @Test func `names at most as many pieces as one write takes`() {
        let shard = Shard(count: 2_000)
        let subscriber = shard.open("a:1")
        for sequence in 1...1_500 as ClosedRange<UInt64> {
            shard.distribute(EventFrame(sequence, to: "a:1", block: "x"))
        }
        #expect(shard.send(to: subscriber).count == IOVectors.capacity)
        #expect(shard.send(to: subscriber).count == 1_500 - IOVectors.capacity)
        #expect(!subscriber.hasQueued)
    }

    @Test func `tells a cursor only of a live stream that has taken everything`() {
        let shard = Shard()
        let subscriber = shard.open("a:1")
        shard.position = 4
        #expect(shard.cursor(of: subscriber) == 4)
        shard.distribute(EventFrame(5, to: "a:1"))
        #expect(shard.cursor(of: subscriber) == nil)
        _ = shard.send(3, to: subscriber)
        #expect(shard.cursor(of: subscriber) == nil)
        _ = shard.send(to: subscriber)
        #expect(shard.cursor(of: subscriber) == 5)
        shard.distribute(EventFrame(6, to: "a:2"))
        #expect(shard.cursor(of: subscriber) == 6)
        let behind = Subscriber(phase: .behind(cursor: 2))
        shard.add(behind, to: selectors("a:1"))
        #expect(shard.cursor(of: behind) == nil)
        // What comes while a snapshot is on its way is not written yet.
        shard.requestSnapshot(of: selectors("a:1"), for: subscriber)
        shard.distribute(EventFrame(7, to: "a:1"))
        #expect(shard.cursor(of: subscriber) == nil)
    }

    @Test func `adds up what its workers count`() {
        let shard = Shard()
        let subscriber = shard.open("a:1", "a:2")
        shard.distribute(EventFrame(1, to: "a:1"))
        _ = shard.send(to: subscriber)
        let sum = shard.counters + shard.counters
        #expect(sum.streams == 2)
        #expect(sum.subscriptions == 4)
        #expect(sum.delivered == 2)
        #expect(sum.dropped == 0 && sum.fellBehind == 0)
    }
}
