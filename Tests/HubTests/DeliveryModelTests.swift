import Testing

@testable import Hub

/// Whole hubs in miniature: a broker, one worker's shard, and clients with sockets of all speeds.
///
/// Each client must get every matching durable event once and in order, over all its connections,
/// or be told that some are gone.
@Suite(.timeLimit(.minutes(5)))
struct `Delivery from the log to slow and fast clients` {
    /// What a run is like.
    struct Run: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Events that stay in memory.
        var tail = 10_000
        /// Milliseconds after which they go; a step of the run takes one in the mean.
        var age: Int64?
        var queue = 8
        var hasReconnects = false
        var hasCoalescing = false
        /// Whether every other client gets its live events in batches.
        var hasBatches = false
        /// Of 10 chances to take bytes, those that a client's socket uses.
        var speeds = [1, 3, 9, 10]
    }

    static let runs = [
        Run(testDescription: "steady"),
        Run(testDescription: "queues of one", queue: 1),
        Run(testDescription: "reconnecting", hasReconnects: true),
        Run(testDescription: "coalescing", hasReconnects: true, hasCoalescing: true),
        Run(testDescription: "in batches", hasReconnects: true, hasBatches: true),
        Run(testDescription: "in batches, queues of one", queue: 1, hasBatches: true),
        Run(
            testDescription: "in batches, coalescing", hasReconnects: true, hasCoalescing: true,
            hasBatches: true),
        Run(
            testDescription: "in batches, overtaken", tail: 12, queue: 3, hasReconnects: true,
            hasBatches: true, speeds: [1, 1, 2, 10]),
        Run(testDescription: "overtaken by retention", tail: 30, hasReconnects: true),
        Run(testDescription: "overtaken often", tail: 12, queue: 3, speeds: [1, 1, 2, 10]),
        Run(testDescription: "overtaken by age", age: 40, hasReconnects: true),
        Run(testDescription: "overtaken by both", tail: 30, age: 25, queue: 3, hasReconnects: true),
    ]

    @Test(arguments: runs, 1...3)
    func `gives each event once and in order, or says that some are gone`(
        run: Run, seed: UInt64
    ) throws {
        let hub = DeliveryModel(run, seed: seed)
        for _ in 0..<1_500 { try hub.step() }
        try hub.finish()
        if run.tail < 100 || run.age != nil {
            #expect(hub.expirations > 0, "the run did not do what it is for")
        } else {
            #expect(hub.expirations == 0)
            #expect(hub.shard.counters.fellBehind > 0)
        }
    }
}
