import Glibc
import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `The end of a subscription` {
    @Test(arguments: LogHome.allCases)
    func `comes with the hub's, after what waits in its queue`(home: LogHome) async throws {
        let fixture = try HubFixture(home)
        let queued = try fixture.hub.subscribe(to: ["a:1"])
        let waiting = try fixture.hub.subscribe(to: ["b:1"])
        let rest = Task { try await waiting.rest() }
        while fixture.hub.desk.waitingCount == 0 { await Task.yield() }
        try await fixture.publish(1...3)
        await fixture.close()
        #expect(try await rest.value.isEmpty)
        #expect(try await queued.rest().numbers == [1, 2, 3])
        #expect(queued.cursor?.sequence == 3 && waiting.cursor?.sequence == 3)
    }

    @Test func `that was behind says where to go on`() async throws {
        let fixture = try HubFixture(.file) { $0.queueEvents = 4 }
        let subscription = try fixture.hub.subscribe(to: ["a:1"])
        try await fixture.publish(1...50)
        let before = try await subscription.take(10).numbers
        await fixture.close()
        let given = try await before + subscription.rest().numbers
        #expect(given == Array(1...given.count) && given.count < 50)
        let cursor = try #require(subscription.cursor)
        #expect(cursor.sequence == given.count)
        let again = try HubFixture(.file, folder: fixture.folder)
        let rest = try again.hub.subscribe(to: ["a:1"], from: .after(cursor))
        #expect(try await rest.take(50 - given.count).numbers == Array(given.count + 1...50))
        await again.close()
    }

    @Test func `that was quiet does not fall back to where it began`() async throws {
        let fixture = try HubFixture()
        let subscription = try fixture.hub.subscribe(to: ["a:1"])
        let fresh = try fixture.hub.subscribe(to: ["a:1"], from: .state)
        #expect(fresh.cursor == nil, "its state was not given out yet")
        try await fixture.publish(1...50, to: "b:1")
        #expect(subscription.cursor?.sequence == 50)
        try await fixture.publish(51...52)
        #expect(subscription.cursor?.sequence == 50, "what waits in the queue comes after it")
        subscription.cancel()
        #expect(subscription.cursor?.sequence == 50)
        await fixture.close()
    }

    @Test func `comes when the task that waits is cancelled`() async throws {
        let fixture = try HubFixture()
        let subscription = try fixture.hub.subscribe(to: ["a:1"])
        let task = Task { try await subscription.rest() }
        while fixture.hub.desk.waitingCount == 0 { await Task.yield() }
        #expect(fixture.hub.desk.count == 1)
        task.cancel()
        #expect(try await task.value.isEmpty)
        #expect(fixture.hub.desk.count == 0)
        #expect(try await subscription.next() == nil)
        try await fixture.publish(1...1)
        #expect(subscription.cursor?.sequence == 0, "it has not seen what came after")
        await fixture.close()
    }

    @Test func `comes when the task was cancelled before it asks`() async throws {
        let fixture = try HubFixture()
        let subscription = try fixture.hub.subscribe(to: ["a:1"])
        try await fixture.publish(1...1)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await subscription.next()
        }
        task.cancel()
        #expect(try await task.value == nil)
        #expect(fixture.hub.desk.count == 0)
        await fixture.close()
    }

    @Test func `comes by a call, and when nobody holds it`() async throws {
        let fixture = try HubFixture()
        let first = try fixture.hub.subscribe(to: ["a:1"])
        var second: Subscription? = try fixture.hub.subscribe(to: ["a:1"])
        #expect(fixture.hub.desk.count == 2 && second?.cursor != nil)
        second = nil
        #expect(fixture.hub.desk.count == 1)
        try await fixture.publish(1...2)
        first.cancel()
        #expect(fixture.hub.desk.count == 0)
        #expect(try await first.next() == nil)
        #expect(first.cursor?.sequence == 0)
        await fixture.close()
    }

    @Test func `comes with an error when the store cannot be read`() async throws {
        let fixture = try HubFixture(.file) {
            $0.memoryEvents = 1
            $0.queueEvents = 2
        }
        let subscription = try fixture.hub.subscribe(to: ["a:1"])
        try await fixture.publish(1...100)
        // The log of a store that is open is in its write-ahead log: all of it is lost here.
        let lost = unsafe truncate(fixture.folder.path + "/martlet.db-wal", 0)
        #expect(lost == 0)
        let error = await #expect(throws: EventHubError.self) { try await subscription.rest() }
        guard case .unavailable = error else {
            Issue.record("it is \(String(describing: error))")
            return
        }
        #expect(try await subscription.next() == nil)
        #expect(subscription.cursor?.sequence == 0)
        #expect(fixture.hub.desk.count == 0)
        await fixture.close()
    }
}
