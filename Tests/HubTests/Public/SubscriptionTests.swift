import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `A subscription within a program` {
    @Test(arguments: LogHome.allCases)
    func `replays from a cursor while others publish, and goes on live`(
        home: LogHome
    ) async throws {
        let fixture = try HubFixture(home) {
            $0.queueEvents = 7
            if home == .file { $0.memoryEvents = 10 }
        }
        try await fixture.publish(1...300)
        let cursor = EventID(epoch: fixture.hub.cursor.epoch, sequence: 100)
        async let publishing: Void = {
            for number in 301...500 { try await fixture.publish(number...number) }
        }()
        let subscription = try fixture.hub.subscribe(to: ["a:1"], from: .after(cursor))
        let events = try await subscription.take(400)
        try await publishing
        #expect(events.numbers == Array(101...500))
        #expect(events.sequences == Array(101...500))
        #expect(subscription.cursor == fixture.hub.cursor)
        await fixture.close()
    }

    @Test(arguments: LogHome.allCases)
    func `begins with the state and goes on without gap or overlap`(home: LogHome) async throws {
        let fixture = try HubFixture(home) {
            $0.queueEvents = 5
            if home == .file { $0.memoryEvents = 10 }
        }
        let hub = fixture.hub
        let resources = 40
        @Sendable func publish(_ number: Int) async throws {
            try await hub.publish(
                Publication(to: "a:\(number % resources)", data: "\(number)", keeping: .retained))
        }
        for number in 1...100 { try await publish(number) }
        async let publishing: Void = { for number in 101...300 { try await publish(number) } }()
        let subscription = try hub.subscribe(to: ["a:*"], from: .state)
        var events = try await subscription.take(1)
        #expect(subscription.cursor == nil, "the state has not been given out whole")
        while events.last?.id?.sequence != 300 { events += try await subscription.take(1) }
        try await publishing
        let live = Array(events.drop(while: \.isState))
        #expect(live.allSatisfy { !$0.isState })
        let begin = try #require(live.first?.id?.sequence)
        #expect(live.sequences == Array(begin...300))
        let state = Array(events.prefix(while: \.isState))
        #expect(state.sequences == state.sequences.sorted())
        #expect(state.sequences.allSatisfy { $0 < begin })
        #expect(Set(state.map(\.resources)).count == state.count, "each once")
        // What is in neither was replaced before the state was read.
        let known = Set((state + live).flatMap(\.resources))
        #expect(known.count == resources)
        #expect(subscription.cursor == hub.cursor)
        await fixture.close()
    }

    @Test(arguments: LogHome.allCases)
    func `gives state that nothing is published after, and its cursor`(home: LogHome) async throws {
        let fixture = try HubFixture(home) { $0.queueEvents = 2 }
        for number in 1...5 {
            try await fixture.hub.publish(
                Publication(to: "a:\(number)", data: "\(number)", keeping: .retained))
        }
        try await fixture.publish(6...6, to: "b:1")
        let subscription = try fixture.hub.subscribe(to: ["a:*"], from: .state)
        #expect(try await subscription.take(5).numbers == Array(1...5))
        // Whether there is more is known once it was asked for.
        let more = Task { try await subscription.next() }
        while subscription.cursor == nil { await Task.yield() }
        #expect(subscription.cursor == fixture.hub.cursor)
        try await fixture.publish(7...7, to: "a:9")
        #expect(try await more.value?.text == "7")
        await fixture.close()
    }

    @Test(arguments: LogHome.allCases)
    func `that is slow loses nothing durable, and keeps no more than its queue`(
        home: LogHome
    ) async throws {
        let fixture = try HubFixture(home) {
            $0.queueEvents = 5
            if home == .file { $0.memoryEvents = 20 }
        }
        let subscription = try fixture.hub.subscribe(to: ["a:1"])
        for start in stride(from: 1, through: 291, by: 10) {
            try await fixture.publish(start...start + 9)
            try await fixture.hub.publish(
                Publication(to: "a:1", data: "0", keeping: .transient))
            #expect(fixture.hub.desk.queuedCount <= 5)
        }
        #expect(subscription.cursor?.sequence == 0)
        let events = try await subscription.take(300)
        #expect(events.numbers == Array(1...300), "without the transient events")
        try await fixture.hub.publish(Publication(to: "a:1", data: "0", keeping: .transient))
        #expect(try await subscription.take(1).numbers == [0])
        await fixture.close()
    }

    @Test func `says that events are gone when it was too slow for what is kept`() async throws {
        let fixture = try HubFixture {
            $0.memoryEvents = 10
            $0.queueEvents = 2
        }
        let subscription = try fixture.hub.subscribe(to: ["a:1"])
        try await fixture.publish(1...1)
        #expect(try await subscription.take(1).numbers == [1])
        for number in 2...50 { try await fixture.publish(number...number) }
        let oldest = EventID(epoch: fixture.hub.cursor.epoch, sequence: 41)
        await #expect(throws: EventHubError.expired(oldest: oldest)) {
            try await subscription.rest()
        }
        #expect(try await subscription.next() == nil, "an error ends it")
        let cursor = try #require(subscription.cursor)
        #expect(cursor.sequence == 1)
        #expect(throws: EventHubError.expired(oldest: oldest)) {
            try fixture.hub.subscribe(to: ["a:1"], from: .after(cursor))
        }
        let last = EventID(epoch: cursor.epoch, sequence: 40)
        let again = try fixture.hub.subscribe(to: ["a:1"], from: .after(last))
        #expect(try await again.take(10).numbers == Array(41...50))
        await fixture.close()
    }

    @Test func `does not begin at a cursor that is none of its log`() async throws {
        let (hub, other) = (try HubFixture().hub, try HubFixture().hub)
        let ahead = EventID(epoch: hub.cursor.epoch, sequence: 1)
        for cursor in [ahead, other.cursor] {
            #expect(throws: EventHubError.unknownCursor(cursor)) {
                try hub.subscribe(to: ["a:1"], from: .after(cursor))
            }
        }
        #expect(EventID("\(ahead)") == ahead)
        await hub.close()
        await other.close()
    }

    @Test func `gives only the names that it asks for, and each event once`() async throws {
        let hub = try HubFixture().hub
        let subscription = try hub.subscribe(to: ["a:*", "a:1", "b:1", "a:1"], events: ["x", "y"])
        for (number, name) in ["x", "z", "y", "message"].enumerated() {
            try await hub.publish(
                Publication(to: "a:1", "b:1", "a:2", event: name, data: "\(number)"))
        }
        #expect(try await subscription.take(2).map(\.name) == ["x", "y"])
        #expect(subscription.cursor == hub.cursor, "what it does not ask for counts as given")
        await hub.close()
    }

    @Test func `replaces in its queue what a newer event of the same key makes old`() async throws {
        let hub = try HubFixture().hub
        let subscription = try hub.subscribe(to: ["a:1"])
        for number in 1...5 {
            try await hub.publish(Publication(to: "a:1", data: "\(number)", coalesceKey: "p"))
        }
        try await hub.publish(Publication(to: "a:1", data: "6"))
        #expect(try await subscription.take(2).numbers == [5, 6])
        await hub.close()
    }

    @Test func `is shared by those who iterate over it`() async throws {
        let fixture = try HubFixture { $0.queueEvents = 3 }
        let subscription = try fixture.hub.subscribe(to: ["a:1"])
        let readers = (0..<4).map { _ in Task { try await subscription.rest() } }
        for number in 1...200 { try await fixture.publish(number...number) }
        while subscription.cursor != fixture.hub.cursor { await Task.yield() }
        await fixture.close()
        var all: [Int] = []
        for reader in readers {
            let part = try await reader.value.numbers
            #expect(part == part.sorted())
            all += part
        }
        #expect(all.sorted() == Array(1...200))
    }
}
