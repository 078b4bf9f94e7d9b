import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `A page of events` {
    private let fixture: Fixture
    private var store: EventStore { fixture.store }

    init() throws {
        fixture = try Fixture()
    }

    private func page(
        _ selectors: String..., after cursor: UInt64 = 0, upTo last: UInt64? = nil,
        limit: Int = 100, bytes: Int = 1 << 20
    ) throws -> (sequences: [UInt64], end: UInt64)? {
        let page = try fixture.reader.page(
            after: cursor, upTo: last ?? store.head, selectors: selectors, limit: limit,
            byteLimit: bytes)
        return page.map { ($0.records.map(\.sequence), $0.end) }
    }

    private func check(
        _ page: (sequences: [UInt64], end: UInt64)?, _ sequences: [UInt64], end: UInt64,
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(page?.sequences == sequences, sourceLocation: location)
        #expect(page?.end == end, sourceLocation: location)
    }

    private func fill() throws {
        try fixture.append(
            NewEvent("a:1"), NewEvent("b:1"), NewEvent("a:1", "b:1"), NewEvent("a:2"),
            NewEvent("c:1"), NewEvent("a:1", "a:2", "a:3"))
    }

    @Test func `has the events of one resource, and is complete up to where it was asked for`()
        throws
    {
        try fill()
        check(try page("a:1"), [1, 3, 6], end: 6)
        check(try page("c:1"), [5], end: 6)
        check(try page("none:1"), [], end: 6)
        check(try page(), [], end: 6)
    }

    @Test func `has each event once when several of its resources match`() throws {
        try fill()
        check(try page("a:1", "b:1"), [1, 2, 3, 6], end: 6)
        check(try page("a:3", "a:2", "a:1"), [1, 3, 4, 6], end: 6)
        check(try page("a:1", "a:*", "a:1"), [1, 3, 4, 6], end: 6)
    }

    @Test func `has a kind's events for a pattern`() throws {
        try fill()
        check(try page("a:*"), [1, 3, 4, 6], end: 6)
        check(try page("b:*", "c:1"), [2, 3, 5], end: 6)
        try fixture.append(NewEvent("aa:1"), NewEvent("A:1"))
        check(try page("a:*"), [1, 3, 4, 6], end: 8)
    }

    @Test func `takes a resource whose id ends as a pattern does for a resource`() throws {
        try fixture.append(NewEvent("a:b:*"), NewEvent("a:b:1"), NewEvent("b:1"), NewEvent("a:**"))
        check(try page("a:b:*"), [1], end: 4)
        check(try page("a:**"), [4], end: 4)
        check(try page("a:*"), [1, 2, 4], end: 4)
        check(try page("b:*"), [3], end: 4)
    }

    @Test func `begins after the cursor and ends where it is told`() throws {
        try fill()
        check(try page("a:1", after: 1), [3, 6], end: 6)
        check(try page("a:1", after: 3), [6], end: 6)
        check(try page("a:1", after: 6), [], end: 6)
        check(try page("a:1", upTo: 5), [1, 3], end: 5)
        check(try page("a:1", after: 1, upTo: 2), [], end: 2)
        check(try page("a:1", after: 4, upTo: 2), [], end: 4)
    }

    @Test(arguments: 1...8)
    func `has no more than its limit, and is complete up to its last event`(limit: Int) throws {
        try fill()
        let all: [UInt64] = [1, 2, 3, 4, 6]
        let expected = Array(all.prefix(limit))
        let page = try page("a:1", "b:1", "a:2", limit: limit)
        check(page, expected, end: limit >= all.count ? 6 : expected.last ?? 0)
    }

    @Test func `ends early when its events are large, but has one at least`() throws {
        for _ in 0..<5 {
            try fixture.append(NewEvent("a:1", data: String(repeating: "1", count: 1000)))
        }
        check(try page("a:1", bytes: 1), [1], end: 1)
        check(try page("a:1", bytes: 1000), [1], end: 1)
        check(try page("a:1", bytes: 1001), [1, 2], end: 2)
        check(try page("a:1", after: 2, bytes: 2500), [3, 4, 5], end: 5)
        check(try page("a:1", after: 2, upTo: 9, bytes: 2500), [3, 4, 5], end: 9)
    }

    @Test func `is none when events after the cursor are no longer kept`() throws {
        try fill()
        try fixture.pruneAll(.count(2))
        #expect(try page("a:1", after: 3) == nil)
        #expect(try page("none:1", after: 0) == nil)
        check(try page("a:1", after: 4), [6], end: 6)
        try fixture.pruneAll(.count(0))
        #expect(try page("a:1", after: 5) == nil)
        check(try page("a:1", after: 6), [], end: 6)
    }

    @Test func `is empty on an empty log`() throws {
        check(try page("a:1"), [], end: 0)
    }

    @Test func `serves a hundred selectors`() throws {
        for number in 0..<300 { try fixture.append(NewEvent("a:\(number)", "b:\(number % 7)")) }
        let selectors = (0..<100).map { "a:\($0 * 3)" }
        let page = try fixture.reader.page(
            after: 150, upTo: 300, selectors: selectors, limit: 20, byteLimit: 1 << 20)
        let sequences: [UInt64] = (0..<20).map { 151 + $0 * 3 }
        #expect(page?.records.map(\.sequence) == sequences)
        #expect(page?.end == sequences.last)
    }

    @Test func `shows one state of the log while the writer goes on`() throws {
        try fill()
        let other = try EventReader.open(directory: fixture.folder.path)
        defer { other.close() }
        #expect(
            try other.page(
                after: 0, upTo: store.head, selectors: ["a:1"], limit: 9, byteLimit: 999)?
                .records.count == 3)
        try fixture.append(NewEvent("a:1"))
        #expect(
            try other.page(
                after: 6, upTo: store.head, selectors: ["a:1"], limit: 9, byteLimit: 999)?
                .records.map(\.sequence) == [7])
    }

    @Test func `reports an event that is missing instead of leaving it out`() throws {
        try fill()
        try fixture.folder.alter("DELETE FROM events WHERE seq = 3")
        #expect(storeError { _ = try page("a:1", after: 1) }?.kind == .corrupt)
        check(try page("a:1", after: 3), [6], end: 6)
    }

    @Test func `reports numbers that cannot be instead of ending the process`() throws {
        try fill()
        try fixture.folder.alter(
            "UPDATE retained SET seq = -1; UPDATE head SET seq = -1; DELETE FROM events")
        _ = storeError { _ = try page("a:1") }
    }

    @Test func `of the newest has the end of the log within count and bytes`() throws {
        for _ in 0..<10 {
            try fixture.append(NewEvent("a:1", data: String(repeating: "1", count: 800)))
        }
        func newest(_ count: Int, _ bytes: Int) throws -> [UInt64] {
            try store.newest(count: count, bytes: bytes).map(\.sequence)
        }
        #expect(try newest(3, 1 << 20) == [8, 9, 10])
        #expect(try newest(100, 1 << 20) == Array(1...10))
        #expect(try newest(100, 3_000) == [8, 9, 10])
        #expect(try newest(100, 1) == [10])
        #expect(try newest(.max, .max) == Array(1...10))
    }
}
