import Reactor
import TestSupport
import Testing

@testable import Hub

/// A hub as another program opens it, in memory or in a folder of its own.
struct HubFixture: Sendable {
    let hub: EventHub
    let folder: Folder

    init(
        _ home: LogHome = .memory, folder: Folder = Folder(),
        _ change: (inout EventHub.Options) -> Void = { _ in }
    ) throws {
        self.folder = folder
        var options = EventHub.Options()
        options.durability = .normal
        change(&options)
        hub = try EventHub.open(home == .memory ? .memory : .folder(folder.path), options: options)
    }

    /// Closes the hub; the folder is there until then.
    func close() async { await hub.close() }

    /// Publishes events whose data are the numbers; their sequences.
    @discardableResult
    func publish(_ numbers: ClosedRange<Int>, to resource: String = "a:1") async throws -> [UInt64]
    {
        let publications = try numbers.map { try Publication(to: resource, data: "\($0)") }
        return try await hub.publish(publications).compactMap { $0?.sequence }
    }
}

extension Subscription {
    /// The next events.
    func take(_ count: Int) async throws -> [Event] {
        var events: [Event] = []
        while events.count < count {
            events.append(try #require(try await next(), "it ended after \(events.count) events"))
        }
        return events
    }

    /// All events until it ends.
    func rest() async throws -> [Event] {
        var events: [Event] = []
        for try await event in self { events.append(event) }
        return events
    }
}

extension [Event] {
    var numbers: [Int] { compactMap { Int($0.text) } }
    var sequences: [UInt64] { compactMap { $0.id?.sequence } }
}

extension SubscriptionDesk {
    /// Subscriptions that are open.
    var count: Int { state.withLock { $0.shard.counters.streams } }

    /// Tasks that wait for an event.
    var waitingCount: Int {
        state.withLock { $0.streams.values.reduce(0) { $0 + $1.waiting.count } }
    }

    /// Events that wait in queues.
    var queuedCount: Int {
        state.withLock { $0.streams.values.reduce(0) { $0 + $1.subscriber.outbox.count } }
    }
}
