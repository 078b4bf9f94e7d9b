import Records
import Testing

@testable import Hub

extension BrokerFixture {
    func publish(_ publications: Publication..., isPaced: Bool = false) async -> PublishAnswer {
        await withCheckedContinuation { continuation in
            broker.publish(
                publications, answer: AnswerPort(continuation), ticket: 0, isPaced: isPaced)
        }
    }

    func ended(_ names: String...) async throws -> [String] {
        try await broker.ends(of: names.map(selector)).map(\.resource).sorted()
    }
}

extension Publication {
    fileprivate func ending() -> Publication {
        var copy = self
        copy.isEnd = true
        return copy
    }

    fileprivate func expecting(_ sequence: UInt64, in broker: Broker) -> Publication {
        var copy = self
        copy.expected = EventID(epoch: broker.epoch, sequence: sequence)
        return copy
    }
}

extension PublishAnswer {
    fileprivate var sequences: [UInt64?]? {
        guard case .published(let ids) = self else { return nil }
        return ids.map { $0?.sequence }
    }

    /// The event that may not be published, and why.
    fileprivate var conflict: String? {
        guard case .conflict(let conflict, let published) = self else { return nil }
        let reason =
            switch conflict.reason {
            case .ended: "ended"
            case .newer(let current): "newer \(current.sequence)"
            }
        return "\(conflict.index) \(conflict.resource) \(reason), \(published) published"
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `What may be published` {
    @Test(arguments: LogHome.allCases)
    func `is nothing to what has ended, until that is forgotten`(home: LogHome) async throws {
        let hub = try BrokerFixture(home)
        #expect(await hub.publish(Publication("a:1", "a:2").ending()).sequences == [1])
        #expect(await hub.publish(Publication("a:1")).conflict == "0 a:1 ended, 0 published")
        let transient = Publication("a:3", "a:2", isTransient: true)
        #expect(await hub.publish(transient).conflict == "0 a:2 ended, 0 published")
        #expect(try await hub.ended("a:*", "b:1") == ["a:1", "a:2"])
        try await hub.broker.forget(resource("a:1"))
        #expect(try await hub.ended("a:*", "a:1") == ["a:2"])
        #expect(await hub.publish(Publication("a:1")).sequences == [2])
        await hub.close()
    }

    @Test(arguments: LogHome.allCases)
    func `is all of a publish or nothing, and of a paced one what stands before`(
        home: LogHome
    ) async throws {
        let hub = try BrokerFixture(home)
        let end = Publication("a:1").ending()
        let (one, two) = (Publication("b:1"), Publication("a:1", key: "k"))
        #expect(await hub.publish(one, end, two, one).conflict == "2 a:1 ended, 0 published")
        #expect(try await hub.ended("a:*") == [] && hub.broker.lastID.sequence == 0)
        let paced = await hub.publish(one, end, two, one, isPaced: true)
        #expect(paced.conflict == "2 a:1 ended, 2 published")
        #expect(try await hub.ended("a:*") == ["a:1"] && hub.broker.lastID.sequence == 2)
        try await hub.broker.forget(resource("a:1"))
        #expect(await hub.publish(two).sequences == [3], "the refused one did not use its key up")
        await hub.close()
    }

    @Test(arguments: LogHome.allCases)
    func `is what nothing is newer than, counting what stands before in the same publish`(
        home: LogHome
    ) async throws {
        let hub = try BrokerFixture(home)
        func event(_ name: String, _ expected: UInt64) -> Publication {
            Publication(name).expecting(expected, in: hub.broker)
        }
        #expect(await hub.publish(event("a:1", 0)).sequences == [1])
        #expect(await hub.publish(event("a:1", 0)).conflict == "0 a:1 newer 1, 0 published")
        #expect(await hub.publish(event("a:1", 2)).conflict == "0 a:1 newer 1, 0 published")
        #expect(await hub.publish(Publication("b:1"), event("a:1", 1)).sequences == [2, 3])
        #expect(await hub.publish(event("a:2", 3)).sequences == [4])
        let pair = await hub.publish(Publication("a:3"), event("a:3", 4))
        #expect(pair.conflict == "1 a:3 newer 0, 0 published")
        let transient = await hub.publish(Publication("a:3", isTransient: true), event("a:3", 4))
        #expect(transient.sequences == [nil, 5])
        var foreign = event("a:1", 3)
        foreign.expected = EventID(epoch: epoch, sequence: 3)
        #expect(await hub.publish(foreign).conflict == "0 a:1 newer 3, 0 published")
        await hub.close()
    }

    @Test(arguments: LogHome.allCases)
    func `is whatever has a key that was used, for it publishes nothing`(
        home: LogHome
    ) async throws {
        let hub = try BrokerFixture(home)
        let last = Publication("a:1", key: "end").ending()
        #expect(await hub.publish(last, last).sequences == [1, 1])
        #expect(await hub.publish(last).sequences == [1])
        let old = Publication("a:1", key: "end").expecting(0, in: hub.broker)
        #expect(await hub.publish(old).sequences == [1])
        #expect(await hub.publish(Publication("a:1", key: "other")).conflict != nil)
        await hub.close()
    }

    @Test func `is as before when the store is opened again`() async throws {
        let first = try BrokerFixture(.file)
        _ = await first.publish(Publication("a:1", isRetained: true).ending())
        _ = await first.publish(Publication("a:2"))
        await first.close()
        let again = try BrokerFixture(.file, folder: first.folder)
        #expect(await again.publish(Publication("a:1")).conflict == "0 a:1 ended, 0 published")
        #expect(try await again.ended("a:*") == ["a:1"])
        let newer = Publication("a:2").expecting(1, in: again.broker)
        #expect(await again.publish(newer).conflict == "0 a:2 newer 2, 0 published")
        await again.close()
    }

    @Test(arguments: LogHome.allCases)
    func `is state for its time alone`(home: LogHome) async throws {
        let hub = try BrokerFixture(home)
        var short = Publication("a:1", isRetained: true)
        short.lifetime = -1
        var long = Publication("a:2", isRetained: true)
        long.lifetime = 1 << 40
        _ = await hub.publish(short, long)
        let states = try await hub.broker.states(of: selectors("a:*")).states
        #expect(states.map(\.resource) == ["a:2"])
        let state = try await hub.broker.state(
            of: selectors("a:*"), after: 0, upTo: 9, limit: 9)
        #expect(state.map(\.sequence) == [2])
        await hub.close()
    }
}
