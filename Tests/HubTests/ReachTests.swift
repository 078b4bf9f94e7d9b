import Reactor
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `Whoever waits for a sequence` {
    private let broker = Broker(tail: LogTailLimits(count: 100, bytes: 1 << 20))
    private let port = SilentPort()

    private func publish(_ count: Int) {
        let events = Array(repeating: Publication("a:1"), count: count)
        broker.publish(events, answer: port, ticket: 0)
    }

    /// Begins to wait; returns once it is known to wait.
    private func wait(for sequence: UInt64) async -> Task<UInt64, Never> {
        let before = waiterCount
        let task = Task {
            await broker.reach(sequence)
            return broker.lastID.sequence
        }
        while waiterCount == before { await Task.yield() }
        return task
    }

    private var waiterCount: Int { broker.state.withLock(\.waiters.count) }

    @Test func `goes on at once when it is there`() async {
        await broker.reach(0)
        publish(3)
        await broker.reach(2)
        await broker.reach(3)
        #expect(waiterCount == 0)
    }

    @Test func `goes on when it comes, and not before`() async {
        let (second, fourth) = (await wait(for: 2), await wait(for: 4))
        publish(1)
        #expect(waiterCount == 2)
        publish(1)
        #expect(await second.value == 2)
        #expect(waiterCount == 1)
        publish(3)
        #expect(await fourth.value == 5)
        #expect(waiterCount == 0)
    }

    @Test func `is not alone`() async {
        var tasks: [Task<UInt64, Never>] = []
        for _ in 0..<10 { tasks.append(await wait(for: 1)) }
        publish(1)
        for task in tasks { #expect(await task.value == 1) }
        #expect(waiterCount == 0)
    }
}

/// A port to which nobody listens.
private final class SilentPort: BrokerPort {
    func post(_ frames: [EventFrame]) {}
    func post(_ answer: PublishAnswer, for ticket: UInt64) {}
}
