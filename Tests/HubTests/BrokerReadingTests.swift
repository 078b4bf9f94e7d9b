import HubTestSupport
import Records
import Storage
import Testing

@testable import Hub

@Suite(.timeLimit(.minutes(5)))
struct `A page through the broker` {
    private func sequences(_ page: EventPage?) -> [UInt64]? {
        page?.frames.compactMap(\.sequence)
    }

    private func fill(_ broker: Broker, _ count: Int) async throws {
        for _ in 0..<count {
            try await broker.write { _ throws(LogUnavailable) in
                ((), [Publication("a:1"), Publication("b:1")])
            }
        }
    }

    @Test func `goes on in memory where the file's part ends`() async throws {
        let hub = try BrokerFixture(.file, tail: 20)
        try await fill(hub.broker, 30)
        func page(_ cursor: UInt64, upTo last: UInt64 = 60, _ limit: Int) async throws -> EventPage?
        {
            try await hub.broker.page(
                after: cursor, upTo: last, matching: selectors("a:1"), limit: limit)
        }
        // The events from 41 on are in memory; every other one is for this stream.
        let whole = try #require(try await page(10, 100))
        #expect(sequences(whole) == Array(stride(from: 11, to: 60, by: 2)))
        #expect(whole.end == 60)
        let full = try #require(try await page(30, 8))
        #expect(sequences(full) == [31, 33, 35, 37, 39, 41, 43, 45])
        #expect(full.end == 45)
        let older = try #require(try await page(10, 8))
        #expect(sequences(older) == [11, 13, 15, 17, 19, 21, 23, 25])
        #expect(older.end == 25)
        let justFull = try #require(try await page(30, 5))
        #expect(sequences(justFull) == [31, 33, 35, 37, 39])
        #expect((39...40).contains(justFull.end))
        let below = try #require(try await page(10, upTo: 35, 100))
        #expect(sequences(below) == Array(stride(from: 11, through: 35, by: 2)))
        #expect(below.end == 35)
        await hub.close()
    }

    @Test func `is none when memory is all there is, and has given up what was asked for`()
        async throws
    {
        let hub = try BrokerFixture(.memory, tail: 20)
        try await fill(hub.broker, 30)
        let lost = try await hub.broker.page(
            after: 39, upTo: 60, matching: selectors("a:1"), limit: 100)
        #expect(lost == nil)
        let kept = try await hub.broker.page(
            after: 40, upTo: 60, matching: selectors("a:1"), limit: 100)
        #expect(sequences(kept) == Array(stride(from: 41, to: 60, by: 2)))
        await hub.close()
    }
}
