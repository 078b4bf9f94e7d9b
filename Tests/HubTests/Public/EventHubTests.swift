import Reactor
import TestSupport
import Testing

@testable import Hub
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `A hub within a program` {
    @Test(arguments: LogHome.allCases)
    func `gives each event as it was published`(home: LogHome) async throws {
        let fixture = try HubFixture(home)
        let subscription = try fixture.hub.subscribe(to: ["a:*", "b:1"])
        let id = try await fixture.hub.publish(
            Publication(to: "a:1", "b:1", "c:\"]", event: "greeting", data: " { \"t\" : \"ü\" } "))
        let passing = try await fixture.hub.publish(
            Publication(to: "a:2", data: "[1]", keeping: .transient))
        let events = try await subscription.take(2)
        #expect(passing == nil)
        #expect(id == fixture.hub.cursor && id?.sequence == 1)
        #expect(events.map(\.id) == [id, nil])
        #expect(events.map(\.name) == ["greeting", "message"])
        #expect(events.map(\.resources) == [["a:1", "b:1", "c:\"]"], ["a:2"]])
        #expect(events.map(\.text) == [#"{"t":"ü"}"#, "[1]"])
        #expect(events.allSatisfy { !$0.isState && $0.milliseconds > 1_700_000_000_000 })
        #expect(subscription.cursor == id)
        await fixture.close()
    }

    @Test(arguments: LogHome.allCases)
    func `publishes all events of a call or none, and those with a key once`(
        home: LogHome
    ) async throws {
        let fixture = try HubFixture(home)
        let hub = fixture.hub
        let subscription = try hub.subscribe(to: ["a:1"])
        let keyed = try Publication(to: "a:1", data: "1", key: "k")
        let ids = try await hub.publish([keyed, Publication(to: "a:1", data: "2"), keyed])
        #expect(ids.map(\.?.sequence) == [1, 2, 1])
        #expect(try await hub.publish(keyed)?.sequence == 1)
        #expect(try await hub.publish([]).isEmpty)
        try await hub.publish(Publication(to: "a:1", data: "3"))
        #expect(try await subscription.take(3).numbers == [1, 2, 3])
        await fixture.close()
    }

    @Test(arguments: [
        ([String](), "message", "1", "resources has 0 names"),
        (["a"], "message", "1", "it has no colon"),
        (["a:*"], "message", "1", "patterns are for streams"),
        (["presence:a:1"], "message", "1", "is the hub's own"),
        (["a:1"], "live", "1", "is an event of the hub itself"),
        (["a:1"], "open", "1", "EventSource"),
        (["a:1"], "no name", "1", "is no event name"),
        (["a:1"], "message", "", "not valid JSON"),
        (["a:1"], "message", #"1,"key":"x""#, "not valid JSON"),
        (["a:1"], "message", "1}", "not valid JSON"),
        (["a:1"], "message", "\"\(String(repeating: "x", count: 960 << 10))\"", "at most 983040"),
    ])
    func `takes no event that breaks a rule`(
        resources: [String], event: String, data: String, reason: String
    ) throws {
        let error = try #require(throws: EventHubError.self) {
            _ = try Publication(to: resources, event: event, data: data)
        }
        guard case .invalid(let sentence) = error else {
            Issue.record("it is \(error)")
            return
        }
        #expect(sentence.contains(reason), "\(sentence)")
    }

    @Test(arguments: LogHome.allCases)
    func `reads state, from which a subscription goes on`(home: LogHome) async throws {
        let fixture = try HubFixture(home)
        let hub = fixture.hub
        for (resource, event, data) in [
            ("a:1", "title", "1"), ("a:1", "title", "2"), ("a:1", "size", "3"),
            ("a:2", "size", "4"),
            ("b:1", "size", "5"),
        ] {
            try await hub.publish(
                Publication(to: resource, event: event, data: data, keeping: .retained))
        }
        let state = try await hub.state(of: ["a:*", "a:1"])
        let found = state.entries.map {
            "\($0.resource) \($0.name) \($0.text) \($0.id.sequence)"
        }
        #expect(found.sorted() == ["a:1 size 3 3", "a:1 title 2 2", "a:2 size 4 4"])
        #expect(state.entries.allSatisfy { $0.milliseconds > 1_700_000_000_000 })
        #expect(state.cursor.sequence == 5)
        try await hub.publish(Publication(to: "a:1", data: "6"))
        let subscription = try hub.subscribe(to: ["a:*"], from: .after(state.cursor))
        #expect(try await subscription.take(1).numbers == [6])
        #expect(try await hub.state(of: ["c:1"]).entries.isEmpty)
        await fixture.close()
    }

    @Test func `keeps a folder's events from one opening to the next`() async throws {
        let fixture = try HubFixture(.file)
        try await fixture.publish(1...3)
        let cursor = fixture.hub.cursor
        await fixture.close()
        let again = try HubFixture(.file, folder: fixture.folder)
        #expect(again.hub.cursor == cursor)
        let first = EventID(epoch: cursor.epoch, sequence: 1)
        let subscription = try again.hub.subscribe(to: ["a:1"], from: .after(first))
        try await again.publish(4...4)
        #expect(try await subscription.take(3).numbers == [2, 3, 4])
        await again.close()
    }

    @Test(arguments: LogHome.allCases)
    func `does nothing more once it is closed`(home: LogHome) async throws {
        let fixture = try HubFixture(home)
        let hub = fixture.hub
        let publication = try Publication(to: "a:1", data: "1")
        await fixture.close()
        await fixture.close()
        await #expect(throws: EventHubError.closed) { try await hub.publish(publication) }
        await #expect(throws: EventHubError.closed) { try await hub.state(of: ["a:1"]) }
        #expect(throws: EventHubError.closed) { try hub.subscribe(to: ["a:1"]) }
        #expect(hub.cursor.sequence == 0)
    }

    @Test func `answers whoever publishes as it closes, and keeps what it has taken`() async throws
    {
        let fixture = try HubFixture(.file)
        let publication = try Publication(to: "a:1", data: "1")
        let hub = fixture.hub
        let taken = await withTaskGroup { group in
            for _ in 0..<16 {
                group.addTask {
                    var last: UInt64 = 0
                    do throws(EventHubError) {
                        while let id = try await hub.publish(publication) { last = id.sequence }
                    } catch {
                        return error == .closed ? last : .max
                    }
                    return .max
                }
            }
            while hub.cursor.sequence < 100 { await Task.yield() }
            await hub.close()
            return await group.reduce(0, max)
        }
        let again = try HubFixture(.file, folder: fixture.folder)
        #expect(again.hub.cursor.sequence == taken)
        await again.close()
    }

    @Test func `says that the store takes nothing now, and goes on when it does`() async throws {
        let fixture = try HubFixture(.file)
        let subscription = try fixture.hub.subscribe(to: ["a:1"])
        try await fixture.publish(1...1)
        let other = try Database(path: fixture.folder.path + "/martlet.db")
        try other.execute("BEGIN IMMEDIATE")
        let publication = try Publication(to: "a:1", data: "2")
        let error = await #expect(throws: EventHubError.self) {
            try await fixture.hub.publish(publication)
        }
        guard case .unavailable(let sentence, let retryAfter) = error else {
            Issue.record("it is \(String(describing: error))")
            return
        }
        #expect(sentence.contains("locked") && retryAfter > 0)
        try other.execute("ROLLBACK")
        other.close()
        try await fixture.publish(3...3)
        #expect(try await subscription.take(2).numbers == [1, 3])
        await fixture.close()
    }

    @Test(arguments: LogHome.allCases)
    func `leaves nothing behind when it was closed`(home: LogHome) async throws {
        weak var broker: Broker?
        do {
            let fixture = try HubFixture(home)
            try await fixture.publish(1...3)
            broker = fixture.hub.broker
            await fixture.close()
        }
        // The last turns of threads that have ended may hold it a little longer.
        while broker != nil { await Task.yield() }
        #expect(broker == nil)
    }

    @Test func `is closed for everybody who closes it once the store is`() async throws {
        let fixture = try HubFixture(.file)
        try await fixture.publish(1...100)
        let areClosed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    await fixture.close()
                    return fixture.hub.desk.state.withLock(\.isClosed)
                }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(areClosed)
        let again = try HubFixture(.file, folder: fixture.folder)
        #expect(again.hub.cursor.sequence == 100)
        await again.close()
    }

    @Test func `can be opened again after it failed to open`() async throws {
        let fixture = try HubFixture(.file)
        try await fixture.publish(1...3)
        await fixture.close()
        let other = try Database(path: fixture.folder.path + "/martlet.db")
        try other.execute("ALTER TABLE events RENAME TO away")
        for _ in 0..<2 {
            let error = #expect(throws: EventHubError.self) {
                _ = try HubFixture(.file, folder: fixture.folder)
            }
            #expect(error?.description.contains("another hub") == false)
        }
        try other.execute("ALTER TABLE away RENAME TO events")
        other.close()
        let again = try HubFixture(.file, folder: fixture.folder)
        #expect(again.hub.cursor.sequence == 3)
        await again.close()
    }

    @Test func `knows what was trimmed before anything is published`() async throws {
        let fixture = try HubFixture(.file)
        let ids = try await fixture.publish(1...20)
        let cursor = EventID(epoch: fixture.hub.broker.epoch, sequence: ids[0])
        await fixture.close()
        let again = try HubFixture(.file, folder: fixture.folder) {
            $0.retentionEvents = 5
            $0.memoryEvents = 5
        }
        while again.hub.broker.oldest <= 2 { await Task.yield() }
        #expect(throws: EventHubError.self) {
            _ = try again.hub.subscribe(to: ["a:1"], from: .after(cursor))
        }
        await again.close()
    }

    @Test func `does not open what cannot be a store`() throws {
        let error = try #require(throws: EventHubError.self) {
            _ = try EventHub.open(.folder("/dev/null/store"))
        }
        guard case .cannotOpen = error else {
            Issue.record("it is \(error)")
            return
        }
    }

    @Test(arguments: [
        (\EventHub.Options.retentionEvents, 0), (\.retentionBytes, 65_535), (\.memoryEvents, 0),
        (\.memoryBytes, 1_023), (\.queueEvents, 0), (\.queueEvents, 10_001), (\.queueBytes, 1_023),
    ])
    func `takes no option out of its range`(
        option: any WritableKeyPath<EventHub.Options, Int> & Sendable, value: Int
    ) {
        #expect(throws: EventHubError.self) {
            _ = try HubFixture { $0[keyPath: option] = value }
        }
    }

    @Test(arguments: [
        [], ["a"], ["a:1", "presence:a:1"], ["presence:*"], (0...100).map { "a:\($0)" },
    ])
    func `takes no subscription to what is no resource`(names: [String]) async throws {
        let hub = try HubFixture().hub
        let error = try #require(throws: EventHubError.self) { _ = try hub.subscribe(to: names) }
        guard case .invalid = error else {
            Issue.record("it is \(error)")
            return
        }
        await #expect(throws: error) { try await hub.state(of: names) }
        await hub.close()
    }
}
