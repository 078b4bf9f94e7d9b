import Reactor
import Telemetry
import Testing

@testable import Hub

/// A hub in memory whose time the test moves; events may be 1,000 ms old.
private struct AgingHub {
    let clock = HandClock()
    let broker: Broker
    private let port = Port()

    init(age: Int64? = 1_000, tail: Int = 1_000) {
        let log = clock.log(age: age)
        broker = Broker(
            over: log, state: log, changes: log, tail: .init(count: tail, bytes: 1 << 24))
    }

    /// Publishes one event after the other, each `step` ms after the one before.
    func publish(_ publications: Publication..., every step: Int64 = 0) {
        for publication in publications {
            clock.advance(step)
            broker.publish([publication], answer: port, ticket: 0)
        }
    }

    /// How a cursor fares: `nil` when it resumes, else the reason and the oldest event kept.
    func refusal(_ sequence: UInt64) -> String? {
        switch broker.resumption(from: "\(epoch)-\(sequence)") {
        case .success: nil
        case .failure(let refusal): "\(refusal.reason) \(refusal.oldest)"
        }
    }

    func states(_ names: String...) async throws -> [UInt64] {
        try await broker.states(of: names.map(selector)).states.map(\.id.sequence).sorted()
    }

    func snapshot(_ names: String...) async throws -> [UInt64] {
        try await broker.state(of: names.map(selector), after: 0, upTo: .max, limit: 1_000)
            .map(\.sequence)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `A log in memory with a retention age` {
    private let event = Publication("a:1")
    private let state = Publication("a:1", isRetained: true)

    @Test func `expires a cursor when the event after it is too old, though nothing is published`()
    {
        let hub = AgingHub()
        hub.publish(event, event, event, every: 100)
        hub.clock.advance(800)
        #expect(hub.refusal(0) == nil, "the first is 1,000 ms old, as it may be")
        hub.clock.advance(1)
        #expect(hub.refusal(0) == "expired 2")
        #expect(hub.refusal(1) == nil)
        #expect(hub.broker.oldest == 2)
        hub.clock.advance(100)
        #expect(hub.refusal(1) == "expired 3")
        hub.clock.advance(100_000)
        #expect(hub.refusal(2) == "expired 4")
        #expect(hub.refusal(3) == nil, "the head always resumes")
        #expect(hub.refusal(4) == "future 4")
    }

    @Test func `gives no page from before what it keeps`() async throws {
        let hub = AgingHub()
        hub.publish(event, event, event, every: 500)
        func recent(_ cursor: UInt64) -> [UInt64]? {
            hub.broker.recentPage(after: cursor, upTo: 3, matching: selectors("a:1"), limit: 9)?
                .frames.compactMap(\.sequence)
        }
        #expect(recent(0) == [1, 2, 3])
        hub.clock.advance(1)
        #expect(recent(0) == nil)
        #expect(recent(1) == [2, 3])
        hub.clock.advance(500)
        let gone = try await hub.broker.page(
            after: 1, upTo: 3, matching: selectors("a:1"), limit: 9)
        #expect(gone == nil)
        let kept = try await hub.broker.page(
            after: 2, upTo: 3, matching: selectors("a:1"), limit: 9)
        #expect(kept?.frames.compactMap(\.sequence) == [3])
    }

    @Test func `goes on with its sequences when every event is gone`() {
        let hub = AgingHub()
        hub.publish(event, event)
        hub.clock.advance(5_000)
        hub.publish(event)
        #expect(hub.broker.lastID.sequence == 3)
        #expect(hub.refusal(1) == "expired 3")
        #expect(hub.refusal(2) == nil)
    }

    @Test func `holds its count too`() {
        let hub = AgingHub(tail: 3)
        hub.publish(event, event, event, event, event, every: 100)
        #expect(hub.refusal(1) == "expired 3")
        hub.clock.advance(801)
        #expect(hub.refusal(2) == "expired 4")
        hub.publish(event, event, event)
        #expect(hub.refusal(4) == "expired 6")
    }

    @Test func `is moved on by transient events as well`() {
        let hub = AgingHub()
        hub.publish(event)
        hub.publish(Publication("a:1", isTransient: true), every: 1_001)
        #expect(hub.broker.oldest == 2)
    }

    @Test func `forgets state that is too old, though nothing is published`() async throws {
        let hub = AgingHub()
        hub.publish(state, Publication("b:1", isRetained: true), every: 100)
        #expect(try await hub.states("a:1", "b:*") == [1, 2])
        hub.clock.advance(901)
        #expect(try await hub.snapshot("a:1", "b:*") == [2])
        #expect(try await hub.states("a:1", "b:*") == [2])
        hub.clock.advance(100)
        #expect(try await hub.states("a:1", "b:*") == [])
        #expect(try await hub.snapshot("a:1", "b:*") == [])
        #expect(!hub.broker.mayHoldState(of: selectors("a:1", "b:*")))
    }

    @Test func `keeps the newest state of a name by its own time`() async throws {
        let hub = AgingHub()
        hub.publish(state, event, state, every: 600)
        #expect(try await hub.states("a:*") == [3])
        hub.clock.advance(1_000)
        #expect(try await hub.snapshot("a:1") == [3])
        hub.clock.advance(1)
        #expect(try await hub.snapshot("a:1") == [])
        hub.publish(state)
        #expect(try await hub.states("a:1") == [4])
    }

    @Test func `remembers keys however old their events are`() {
        let hub = AgingHub()
        hub.publish(Publication("a:1", key: "k"))
        hub.publish(Publication("a:1", key: "k"), every: 60_000)
        #expect(hub.broker.lastID.sequence == 1)
        #expect(hub.refusal(0) == "expired 2")
    }

    @Test func `deletes nothing when the clock has just jumped ahead by a year`() async throws {
        let hub = AgingHub()
        hub.publish(state)
        hub.clock.jump(365 * 86_400_000)
        #expect(hub.refusal(0) == nil)
        #expect(try await hub.states("a:1") == [1])
    }

    @Test func `keeps everything where no age is given`() async throws {
        let hub = AgingHub(age: nil)
        hub.publish(state)
        hub.clock.advance(100 * 365 * 86_400_000)
        #expect(hub.refusal(0) == nil)
        #expect(try await hub.states("a:1") == [1])
    }
}
