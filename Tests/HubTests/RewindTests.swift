import HubTestSupport
import Records
import TestSupport
import Testing

@testable import Hub

extension Broker {
    /// The cursor before the last `count` events that match, and the number of steps to it.
    fileprivate func rewind(
        _ count: Int, upTo last: UInt64, _ names: [String], events: Set<String>? = nil
    ) async throws -> (cursor: UInt64?, steps: Int) {
        var search = RewindSearch(
            count: count, upTo: last, matching: names.map(selector), named: events)
        var steps = 0
        while !search.isOver {
            search = try await advance(search)
            steps += 1
        }
        return (search.cursor, steps)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A search for the last events` {
    private func publish(_ events: [Publication], to broker: Broker) async throws {
        try await broker.write { _ throws(LogUnavailable) in ((), events) }
    }

    @Test(arguments: [(LogHome.memory, 10_000), (.file, 10_000), (.file, 700), (.file, 3)])
    func `finds what a look at all events would`(home: LogHome, tail: Int) async throws {
        let hub = try BrokerFixture(home, tail: tail)
        var numbers = SeededNumbers(seed: UInt64(tail))
        let resources = (0..<3).flatMap { kind in (0..<4).map { "k\(kind):\($0)" } }
        let events = ["common", "common", "common", "rare"]
        var model: [(sequence: UInt64, names: Set<String>, event: String)] = []
        for _ in 0..<15 {
            var batch: [Publication] = []
            for _ in 0..<120 {
                let names = Set(
                    (0..<2).map { _ in resources.randomElement(using: &numbers) ?? "k0:0" })
                let event = events.randomElement(using: &numbers) ?? "common"
                model.append((UInt64(model.count + 1), names, event))
                batch.append(
                    Publication(
                        resources: names.sorted().map(resource), name: EventName(known: event),
                        data: Array("1".utf8)))
            }
            try await publish(batch, to: hub.broker)
        }
        for _ in 0..<150 {
            let asked = Set(
                (0..<Int.random(in: 1...3, using: &numbers)).map { _ in
                    Bool.random(using: &numbers)
                        ? resources.randomElement(using: &numbers) ?? "k0:0"
                        : "k\(Int.random(in: 0..<4, using: &numbers)):*"
                })
            let kinds = asked.filter { $0.hasSuffix("*") }.map { $0.dropLast() }
            let filter: Set<String>? = [nil, ["rare"], ["none"]].randomElement(using: &numbers)
                .flatMap { $0 }
            let last = UInt64.random(in: 0...UInt64(model.count), using: &numbers)
            let count = [1, 5, 100, 1_000].randomElement(using: &numbers) ?? 1
            let matching = model.filter { event in
                event.sequence <= last && filter.map { $0.contains(event.event) } ?? true
                    && event.names.contains { name in
                        asked.contains(name) || kinds.contains { name.hasPrefix($0) }
                    }
            }
            let expected = matching.suffix(count).first.map { $0.sequence - 1 }
            let found = try await hub.broker.rewind(
                count, upTo: last, Array(asked), events: filter)
            try #require(found.cursor == expected, "\(count) of \(asked), \(filter ?? [])")
        }
        await hub.close()
    }

    @Test func `looks at a part of the log in each step`() async throws {
        for (home, tail) in [(LogHome.memory, 10_000), (.file, 3)] {
            let hub = try BrokerFixture(home, tail: tail)
            try await publish([Publication("a:1", name: "rare")], to: hub.broker)
            let common = (0..<2_000).map { _ in Publication("a:1", name: "common") }
            try await publish(common, to: hub.broker)
            let found = try await hub.broker.rewind(1, upTo: 2_001, ["a:1"], events: ["rare"])
            #expect(found.cursor == 0)
            #expect(found.steps > 2_000 / RewindSearch.step)
            let near = try await hub.broker.rewind(3, upTo: 2_001, ["a:1"])
            #expect(near.cursor == 1_998)
            #expect(near.steps == 1)
            await hub.close()
        }
    }

    @Test func `finds nothing for no resources, and in an empty log`() async throws {
        for home in LogHome.allCases {
            let hub = try BrokerFixture(home, tail: 3)
            #expect(try await hub.broker.rewind(5, upTo: 0, ["a:1"]).cursor == nil)
            try await publish((0..<9).map { _ in Publication("a:1") }, to: hub.broker)
            #expect(try await hub.broker.rewind(5, upTo: 9, []).cursor == nil)
            #expect(try await hub.broker.rewind(5, upTo: 9, ["b:*"]).cursor == nil)
            await hub.close()
        }
    }

    @Test func `finds only what is kept`() async throws {
        let hub = try BrokerFixture(.memory, tail: 10)
        try await publish((0..<30).map { _ in Publication("a:1") }, to: hub.broker)
        #expect(try await hub.broker.rewind(1_000, upTo: 30, ["a:*"]).cursor == 20)
        await hub.close()
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A stream that begins with the last events` {
    /// A stream that is opened at sequence 9.
    private func opened(_ shard: Shard) -> Subscriber {
        shard.position = 9
        let subscriber = Subscriber(phase: .opening(cursor: 9))
        shard.add(subscriber, to: selectors("a:1"))
        return subscriber
    }

    @Test func `reads the log from there, and finds in it what was published meanwhile`() {
        let shard = Shard()
        let subscriber = opened(shard)
        shard.distribute(EventFrame(10, to: "a:1"))
        #expect(!subscriber.hasQueued)
        shard.rewind(subscriber, to: 4)
        #expect(subscriber.phase == .behind(cursor: 4))
        #expect(shard.wantsPage(subscriber))
        shard.queue([5, 9, 10].map { EventFrame($0, to: "a:1") }, upTo: 10, for: subscriber)
        #expect(subscriber.phase == .live)
        shard.distribute(EventFrame(11, to: "a:1"))
        #expect(shard.sendText(to: subscriber) == "id: 5\n\nid: 9\n\nid: 10\n\nid: 11\n\n")
    }

    @Test func `shows the state of what was added meanwhile as of its beginning`() {
        let shard = Shard()
        let subscriber = opened(shard)
        let added = shard.change(subscriber, adding: selectors("b:1"), removing: [])
        shard.requestSnapshot(of: added, for: subscriber)
        #expect(subscriber.snapshots.map(\.last) == [9])
        shard.rewind(subscriber, to: 4)
        #expect(subscriber.snapshots.map(\.last) == [4], "what is later comes from the log")
    }

    @Test func `is left alone when it is not opening any more`() {
        let shard = Shard()
        let subscriber = opened(shard)
        shard.finishOpening(subscriber)
        shard.rewind(subscriber, to: 4)
        #expect(subscriber.phase == .live)
        shard.remove(subscriber)
        shard.rewind(subscriber, to: 4)
        #expect(subscriber.phase == .closed)
    }
}
