import HubTestSupport
import Records
import Storage
import TestSupport
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `A mark` {
    private let marks: [Mark?] = [.final, nil, .reopened, .final]

    /// Publishes one event for each mark, the last of which is state.
    private func publish(_ hub: BrokerFixture) async throws {
        let marks = marks
        try await hub.broker.write { _ throws(LogUnavailable) in
            (
                (),
                marks.enumerated().map { number, mark in
                    Publication("a:1", isRetained: number == 3, mark: mark)
                }
            )
        }
    }

    private func replayed(_ hub: BrokerFixture) async throws -> [Mark?]? {
        try await hub.broker.page(after: 0, upTo: 4, matching: selectors("a:1"), limit: 9)?
            .frames.map(\.mark)
    }

    private func state(_ hub: BrokerFixture) async throws -> [Mark?] {
        try await hub.broker.state(of: selectors("a:1"), after: 0, upTo: 9, limit: 9)
            .map(\.frame.mark)
    }

    @Test(arguments: LogHome.allCases)
    func `comes with the event live, replayed and as state`(home: LogHome) async throws {
        let hub = try BrokerFixture(home)
        let port = Port(hub.broker)
        try await publish(hub)
        #expect(port.frames.map(\.mark) == marks)
        #expect(try await replayed(hub) == marks)
        #expect(try await state(hub) == [.final])
        await hub.close()
    }

    @Test(arguments: [1, 1_000])
    func `is there after a restart, in the memory tail and in the file`(tail: Int) async throws {
        var hub = try BrokerFixture(.file)
        let folder = hub.folder
        try await publish(hub)
        await hub.close()
        hub = try BrokerFixture(.file, tail: tail, folder: folder)
        #expect(try await replayed(hub) == marks)
        #expect(try await state(hub) == [.final])
        await hub.close()
    }

    @Test func `goes when the state is replaced by an event without one`() async throws {
        let hub = try BrokerFixture(.file)
        try await publish(hub)
        try await hub.broker.write { _ throws(LogUnavailable) in
            ((), [Publication("a:1", isRetained: true)])
        }
        #expect(try await state(hub) == [nil])
        await hub.close()
    }

    @Test func `comes with a piece as long as that is live`() async throws {
        let hub = try BrokerFixture(.file)
        let port = Port(hub.broker)
        try await hub.broker.write { _ throws(LogUnavailable) in
            ((), [Publication("a:1", isTransient: true, mark: .piece(attempt: 2, offset: 7))])
        }
        #expect(port.frames.map(\.mark) == [.piece(attempt: 2, offset: 7)])
        await hub.close()
    }

    @Test func `has a code of its own, and other codes are none`() {
        for mark in [Mark.final, .reopened] {
            #expect(mark.code.flatMap(Mark.init(code:)) == mark)
        }
        #expect(Mark.piece(attempt: 1, offset: 0).code == nil)
        for code in [0, 3, -1, .max] as [Int64] { #expect(Mark(code: code) == nil) }
    }
}
