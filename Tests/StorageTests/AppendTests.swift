import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `Appending` {
    private let fixture: Fixture
    private var store: EventStore { fixture.store }

    init() throws {
        fixture = try Fixture()
    }

    @Test func `gives sequences without gaps from 1, over all submissions of a batch`() throws {
        #expect(store.head == 0)
        #expect(store.oldest == 1)
        let (placements, at) = try store.append(
            [
                [NewEvent("a:1")],
                [],
                [NewEvent("a:2"), NewEvent("a:3", isTransient: true), NewEvent("a:4")],
            ], at: 5, retention: .all)
        #expect(
            placements == [
                [.stored(sequence: 1)],
                [],
                [.stored(sequence: 2), .transient, .stored(sequence: 3)],
            ])
        #expect(at == 5)
        #expect(store.head == 3)
        #expect(store.oldest == 1)
    }

    @Test func `keeps every field byte for byte`() throws {
        let data = "{\"b\":1.0e0,\"b\":\"\\u00e9 é e\u{301}\"}"
        try fixture.append(
            NewEvent(
                "a:e\u{301}", "b:\u{E9}", name: "post_update", data: data, coalesceKey: "k\0 1"),
            NewEvent("a:2", coalesceKey: ""))
        try fixture.reopen()
        let records = try store.newest(count: 10, bytes: 1 << 20)
        #expect(records.map(\.sequence) == [1, 2])
        #expect(records.map(\.at) == [1_000_000, 1_000_000])
        let record = try #require(records.first)
        #expect(record.name == "post_update")
        #expect(
            record.resources.map { Array($0.utf8) }
                == ["a:e\u{301}", "b:\u{E9}"].map { Array($0.utf8) })
        #expect(record.data == Array(data.utf8))
        #expect(record.coalesceKey == "k\0 1")
        #expect(records.last?.coalesceKey == "")
    }

    @Test func `names the publisher of each event by its bytes, also after a failure`() throws {
        struct Fault: Error {}
        func event(_ publisher: String?) -> NewEvent {
            NewEvent(
                name: "n", resources: ["a:1"], data: [48], isRetained: true, publisher: publisher)
        }
        _ = try store.write(at: 1, retention: .all) { writes throws(LogUnavailable) in
            try writes.change { _ throws(LogUnavailable) in
                throw LogUnavailable(.constraint, message: "of the change's own")
            }
        }
        try fixture.append(event("sub:caf\u{e9}"), event("sub:cafe\u{301}"), event(nil))
        try fixture.append(event("sub:caf\u{e9}"), event("key:shop"))
        let rows = try store.database.statement(
            """
            SELECT seq, hex(publishers.name) FROM events LEFT JOIN publishers ON publisher = number
            ORDER BY seq
            """)
        defer { rows.reset() }
        var found: [String] = []
        while try rows.step() { found.append(rows.text(1)) }
        func hex(_ text: String) -> String {
            text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
                .joined()
        }
        #expect(
            found
                == ["sub:caf\u{e9}", "sub:cafe\u{301}", "", "sub:caf\u{e9}", "key:shop"].map(hex))
    }

    /// Swift's characters are grapheme clusters, in which a comma or a colon may go under.
    @Test(arguments: [
        "post:\u{600}", "post:\u{301}x", "post:\u{200D}", "post:👩\u{200D}👩", "post::*",
    ])
    func `cuts resource names at bytes, not at characters`(name: String) throws {
        try fixture.append(NewEvent(name, "a:\u{600}", "a:\u{301}", isRetained: true))
        let record = try #require(try store.newest(count: 1, bytes: 100).first)
        #expect(record.resources == [name, "a:\u{600}", "a:\u{301}"])
        for selector in [name, "post:*", "a:\u{600}", "a:*", "a:\u{301}"] {
            #expect(try fixture.events(selector) == [1], "\(selector.unicodeScalars)")
            #expect(
                try fixture.state(selector).map(\.sequence) == [1], "\(selector.unicodeScalars)")
        }
        fixture.retention = .count(1)
        try fixture.append(NewEvent("z:1"))
    }

    @Test func `continues after a restart`() throws {
        try fixture.append(NewEvent("a:1"), NewEvent("a:2"))
        try fixture.reopen()
        #expect(store.head == 2)
        #expect(store.oldest == 1)
        #expect(try fixture.append(NewEvent("a:3")) == [.stored(sequence: 3)])
    }

    @Test func `keeps the head when every event is deleted, over restarts too`() throws {
        for _ in 0..<7 { try fixture.append(NewEvent("a:1")) }
        try fixture.pruneAll(.count(0))
        #expect(store.head == 7)
        #expect(store.oldest == 8)
        try fixture.reopen()
        #expect(store.head == 7)
        #expect(store.oldest == 8)
        #expect(try store.newest(count: 10, bytes: 100).isEmpty)
        #expect(try fixture.append(NewEvent("a:1")) == [.stored(sequence: 8)])
        try fixture.reopen()
        #expect(store.head == 8)
        #expect(store.oldest == 8)
    }

    // MARK: Time

    @Test func `never lets the time fall when the clock goes back`() throws {
        #expect(try store.append([[NewEvent("a:1")]], at: 100, retention: .all).at == 100)
        #expect(try store.append([[NewEvent("a:1")]], at: 40, retention: .all).at == 100)
        #expect(try store.append([[NewEvent("a:1")]], at: 101, retention: .all).at == 101)
        try fixture.reopen()
        #expect(try store.append([[NewEvent("a:1")]], at: 50, retention: .all).at == 101)
        #expect(try store.newest(count: 9, bytes: 999).map(\.at) == [100, 100, 101, 101])
    }

    @Test func `never lets the time fall when every event is deleted, over restarts too`() throws {
        try fixture.append(NewEvent("a:1"))
        fixture.now += 10
        // It deletes what it has just stored.
        fixture.retention = .count(0)
        try fixture.append(NewEvent("a:1"))
        #expect(store.oldest == 3)
        try fixture.reopen()
        #expect(try store.append([[NewEvent("a:1")]], at: 1, retention: .all).at == 1_000_010)
    }

    @Test func `does not take the time of what failed`() throws {
        try fixture.append(NewEvent("a:1"))
        try fill()
        #expect(storeError { _ = try store.append([[big]], at: 1 << 40, retention: .all) } != nil)
        try empty()
        #expect(
            try store.append([[NewEvent("a:1")]], at: 2_000_000, retention: .all).at == 2_000_000)
    }

    // MARK: Keys

    @Test func `answers a key that was used before with the first event`() throws {
        #expect(try fixture.append(NewEvent("a:1", key: "k")) == [.stored(sequence: 1)])
        #expect(try fixture.append(NewEvent("b:9", key: "k")) == [.repeated(sequence: 1)])
        #expect(try fixture.append(NewEvent("b:9", key: "K")) == [.stored(sequence: 2)])
        try fixture.reopen()
        #expect(try fixture.append(NewEvent("a:1", key: "k")) == [.repeated(sequence: 1)])
        #expect(store.head == 2)
        #expect(try fixture.events("b:9") == [2])
    }

    @Test func `knows a key within one submission and one batch`() throws {
        let (placements, _) = try store.append(
            [
                [NewEvent("a:1", key: "k"), NewEvent("a:1", key: "k")],
                [NewEvent("a:1", key: "k"), NewEvent("a:1")],
            ], at: 1, retention: .all)
        #expect(
            placements == [
                [.stored(sequence: 1), .repeated(sequence: 1)],
                [.repeated(sequence: 1), .stored(sequence: 2)],
            ])
    }

    @Test func `knows the key of a transient event`() throws {
        #expect(try fixture.append(NewEvent("a:1", isTransient: true, key: "k")) == [.transient])
        #expect(try fixture.append(NewEvent("a:1", key: "k")) == [.repeated(sequence: nil)])
        #expect(store.head == 0)
    }

    @Test(arguments: ["", "a\0b", "e\u{301}"])
    func `takes keys byte for byte`(key: String) throws {
        #expect(try fixture.append(NewEvent("a:1", key: key)) == [.stored(sequence: 1)])
        #expect(try fixture.append(NewEvent("a:1", key: key)) == [.repeated(sequence: 1)])
        #expect(try fixture.append(NewEvent("a:1", key: "a")) == [.stored(sequence: 2)])
        #expect(try fixture.append(NewEvent("a:1", key: "\u{E9}")) == [.stored(sequence: 3)])
    }

    @Test func `forgets a key after 24 hours`() throws {
        let day: Int64 = 24 * 60 * 60 * 1000
        try fixture.append(NewEvent("a:1", key: "k"))
        fixture.now += day
        #expect(try fixture.append(NewEvent("a:1", key: "k")) == [.repeated(sequence: 1)])
        fixture.now += 1
        #expect(try fixture.append(NewEvent("a:1", key: "k")) == [.stored(sequence: 2)])
        fixture.now += day
        #expect(try fixture.append(NewEvent("a:1", key: "k")) == [.repeated(sequence: 2)])
        #expect(try store.database.integer("SELECT count(*) FROM idempotency") == 1)
    }

    // MARK: What fails

    private var big: NewEvent {
        NewEvent("a:1", data: String(repeating: "x", count: 200_000), isRetained: true, key: "k")
    }

    private func fill() throws {
        let pages = try store.database.integer("PRAGMA page_count") ?? 0
        try store.database.execute("PRAGMA max_page_count = \(pages)")
    }

    private func empty() throws {
        try store.database.execute("PRAGMA max_page_count = 1000000")
    }

    @Test func `changes nothing when it throws`() throws {
        for _ in 0..<3 { try fixture.append(NewEvent("a:1", key: "first")) }
        try fixture.append(NewEvent("a:1"))
        try fill()
        for _ in 0..<3 {
            let error = storeError {
                _ = try store.append(
                    [[NewEvent("a:2", isRetained: true, key: "small")], [big]], at: fixture.now,
                    retention: .count(0))
            }
            #expect(error?.kind == .full)
            #expect(store.head == 2)
            #expect(store.oldest == 1)
        }
        #expect(try fixture.events("a:1", "a:2") == [1, 2])
        #expect(try fixture.state("a:1", "a:2").isEmpty)
        try empty()
        #expect(
            try fixture.append(NewEvent("a:2", key: "small"), big) == [
                .stored(sequence: 3), .stored(sequence: 4),
            ])
        try fixture.reopen()
        #expect(store.head == 4)
    }

    @Test func `fails, and does not crash, when the store is closed`() throws {
        let database = try Database(path: fixture.folder.path + "/other.db")
        _ = try database.integer("SELECT 1")
        database.close()
        #expect(storeError { _ = try database.integer("SELECT 1") } != nil)
        #expect(storeError { try database.execute("SELECT 1") } != nil)
        #expect(storeError { try database.transaction { () throws(LogUnavailable) in } } != nil)
        #expect(storeError { try database.read { () throws(LogUnavailable) in } } != nil)
        database.close()
    }

    @Test func `says that the file takes writes, or why not`() throws {
        try store.probe()
        try store.database.execute("PRAGMA query_only = ON")
        #expect(storeError { try store.probe() }?.kind == .readOnly)
        try store.database.execute("PRAGMA query_only = OFF")
        try store.probe()
        #expect(store.head == 0)
    }
}
