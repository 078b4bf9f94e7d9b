import HubTestSupport
import Reactor
import Records
import Telemetry
import TestSupport
import Testing

@testable import Hub
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `A write through the broker` {
    @Test(arguments: LogHome.allCases)
    func `gives back its value once its events are with every worker`(home: LogHome) async throws {
        let hub = try BrokerFixture(home)
        let port = Port(hub.broker)
        let id = try await hub.broker.write { records throws(LogUnavailable) in
            let job = try records.jobs.insert(
                NewJob(kind: "post", input: [1]), id: "j", at: records.now)
            return (
                job.id,
                [
                    Publication("job:j", name: "first"),
                    Publication("job:j", name: "second", isTransient: true),
                    Publication("job:j", name: "third", isRetained: true),
                ]
            )
        }
        #expect(id == "j")
        #expect(port.frames.map(\.name) == ["first", "second", "third"])
        #expect(port.frames.map(\.sequence) == [1, nil, 2])
        #expect(hub.broker.lastID.sequence == 2)
        let listing = try await hub.broker.states(of: selectors("job:*"))
        let (cursor, states) = (listing.cursor, listing.states)
        #expect(cursor.sequence == 2)
        #expect(states.map(\.name) == ["third"])
        try await hub.broker.write { _ throws(LogUnavailable) in ((), []) }
        #expect(port.frames.count == 3)
        await hub.close()
    }

    @Test(arguments: LogHome.allCases)
    func `is in order with all that is published`(home: LogHome) async throws {
        let hub = try BrokerFixture(home)
        let broker = hub.broker
        let ports = (0..<2).map { _ in Port(broker) }
        let numbers = await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    var last: [UInt64] = []
                    for number in 0..<50 {
                        if task % 2 == 0 {
                            broker.publish(
                                [Publication("a:1")], answer: ports[0], ticket: UInt64(number))
                            continue
                        }
                        let written = try? await broker.write { _ throws(LogUnavailable) in
                            let name = "w\(task)"
                            return (
                                number,
                                [
                                    Publication("a:\(number)", name: name),
                                    Publication("a:\(number)", name: name),
                                ]
                            )
                        }
                        // What a write's answer tells is in every mailbox by then.
                        let own = ports[1].frames.filter { $0.name == "w\(task)" }
                        guard written == number, own.count == 2 * (number + 1) else { return last }
                        last = own.compactMap(\.sequence)
                    }
                    return last
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Closing commits what was published and not yet answered.
        await hub.close()
        let written = numbers.filter { !$0.isEmpty }
        #expect(written.map(\.count) == [100, 100, 100, 100])
        for sequences in written {
            #expect(sequences == sequences.sorted(), "a writer's changes are in its order")
            let pairs = stride(from: 0, to: sequences.count, by: 2)
            #expect(pairs.allSatisfy { sequences[$0] + 1 == sequences[$0 + 1] })
        }
        let frames = ports[0].frames
        #expect(frames.compactMap(\.sequence) == Array(1...600))
        #expect(ports[1].frames.map(ObjectIdentifier.init) == frames.map(ObjectIdentifier.init))
        #expect(ports[0].answers.count == 200)
    }

    @Test(arguments: LogHome.allCases)
    func `is seen by whoever reads after its answer`(home: LogHome) async throws {
        let hub = try BrokerFixture(home)
        for number in 0..<40 {
            let job = try await hub.insert("\(number)")
            let found = try await hub.broker.read { records throws(LogUnavailable) in
                try records.jobs.find("\(number)")
            }
            #expect(found == job)
        }
        await hub.close()
    }

    @Test(arguments: LogHome.allCases)
    func `that fails has done and told nothing`(home: LogHome) async throws {
        let hub = try BrokerFixture(home)
        let port = Port(hub.broker)
        try await hub.insert("first")
        for kind in [LogUnavailable.Kind.constraint, .other] {
            let refusal = await hub.refusal { records throws(LogUnavailable) in
                _ = try records.jobs.insert(
                    NewJob(kind: "post", input: []), id: "lost", at: records.now)
                throw LogUnavailable(kind, message: "as told")
            }
            #expect(refusal?.description.contains("as told") == true)
            #expect(hub.broker.unavailability == nil, "the fault is the change's own")
        }
        let taken = await hub.refusal { records throws(LogUnavailable) in
            _ = try records.jobs.insert(
                NewJob(kind: "post", input: []), id: "first", at: records.now)
        }
        #expect(taken != nil)
        try await hub.insert("second")
        #expect(port.frames.map(\.sequence) == [1, 2])
        let jobs = try await hub.broker.read { records throws(LogUnavailable) in
            try records.jobs.list(state: nil, kind: nil, before: nil, limit: 9).map(\.id)
        }
        #expect(jobs == ["second", "first"])
        await hub.close()
    }

    @Test(arguments: LogHome.allCases)
    func `fails a read that fails, and no other`(home: LogHome) async throws {
        let hub = try BrokerFixture(home)
        await #expect(throws: LogUnavailable.self) {
            try await hub.broker.read { _ throws(LogUnavailable) in
                throw LogUnavailable(.other, message: "as told")
            }
        }
        #expect(try await hub.broker.read { _ throws(LogUnavailable) in 5 } == 5)
        await hub.close()
    }

    @Test func `is refused by a log that is closed`() async throws {
        let hub = try BrokerFixture(.file)
        try await hub.insert("j")
        await hub.close()
        let refusal = await hub.refusal { _ throws(LogUnavailable) in }
        #expect(refusal?.description.contains("stopping") == true)
        let again = try BrokerFixture(.file, folder: hub.folder)
        let found = try await again.broker.read { records throws(LogUnavailable) in
            try records.jobs.find("j")
        }
        #expect(found?.id == "j")
        #expect(again.broker.lastID.sequence == 1)
        await again.close()
    }

    @Test func `is refused while another process holds the file, and goes on after`() async throws {
        let hub = try BrokerFixture(.file)
        let port = Port(hub.broker)
        try await hub.insert("first")
        let other = try Database(path: hub.folder.path + "/martlet.db")
        try other.execute("BEGIN IMMEDIATE")
        let refusal = await hub.refusal { records throws(LogUnavailable) in
            _ = try records.jobs.insert(
                NewJob(kind: "post", input: []), id: "lost", at: records.now)
        }
        #expect(refusal?.description.contains("locked") == true)
        #expect(hub.broker.unavailability != nil)
        let known = try await hub.broker.read { records throws(LogUnavailable) in
            try records.jobs.find("first")
        }
        #expect(known != nil, "what is there can be read")
        try other.execute("ROLLBACK")
        other.close()
        try await hub.insert("second")
        #expect(hub.broker.unavailability == nil)
        #expect(port.frames.map(\.sequence) == [1, 2])
        let lost = try await hub.broker.read { records throws(LogUnavailable) in
            try records.jobs.find("lost")
        }
        #expect(lost == nil)
        await hub.close()
    }
}
