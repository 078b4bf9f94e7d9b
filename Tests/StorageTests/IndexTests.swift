import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The index of resources` {
    private let fixture: Fixture
    private var store: EventStore { fixture.store }

    init() throws {
        fixture = try Fixture()
    }

    private var parts: [IndexParts.Part] { store.bounds.index.parts }

    private func fill(_ count: Int) throws {
        for _ in 0..<count {
            try fixture.append(NewEvent("a:\(store.head % 3)", "b:1"))
        }
    }

    /// What the file's own table of parts says is what the store believes, and each event is found.
    private func check(at location: SourceLocation = #_sourceLocation) throws {
        let kept = try IndexParts(store.database).parts
        #expect(kept.map(\.after) == parts.map(\.after), sourceLocation: location)
        #expect(kept.map(\.last) == parts.map(\.last), sourceLocation: location)
        let all = Array(store.oldest..<store.head + 1)
        let found = try fixture.events("b:1", after: store.oldest - 1, limit: 7)
        #expect(found == all, sourceLocation: location)
        let some = try fixture.events("a:1", "a:2", after: store.oldest - 1, limit: 7)
        #expect(some == all.filter { $0 % 3 != 1 }, sourceLocation: location)
    }

    @Test func `is written when enough events are not in it`() throws {
        try fill(4)
        #expect(parts.allSatisfy { $0.count == 0 })
        try check()
        try fill(1)
        #expect(parts.map(\.count) == [5, 0, 0, 0])
        #expect(store.unindexedCount == 0)
        try fill(3)
        #expect(parts[0].last == 5 && store.unindexedCount == 3)
        try check()
        try fixture.reopen()
        #expect(store.unindexedCount == 3)
        try check()
    }

    @Test func `takes whatever many events come at once, published or imported`() throws {
        let events = (0..<200).map { NewEvent("a:\($0 % 3)", "b:1") }
        try fixture.append(events)
        #expect(parts[0].count == 200)
        try check()
        _ = try store.restore(
            events[..<100].map { RestoredEvent($0, at: nil) }, now: fixture.now)
        #expect(parts[1].after == 200 && parts[1].last == 300)
        #expect(store.unindexedCount == 0)
    }

    @Test func `begins the next part when the present one has its share`() throws {
        try fill(60)
        // 12 at least, then a third of the log; the last part takes the rest until the first is
        // free.
        #expect(parts.map(\.after) == [0, 15, 30, 50])
        try check()
        try fill(60)
        #expect(parts.map(\.after) == [0, 15, 30, 50])
        #expect(parts[3].last == 120)
        try check()
        fixture.retention = .count(100)
        try fill(8)
        #expect(parts[0].count == 0, "none of its events is kept")
        #expect(parts[0].last == 15)
        try fill(2)
        #expect(parts[0].after == 125 && parts[0].last == 130)
        try check()
    }

    @Test func `is used in turn for ever`() throws {
        fixture.retention = .count(40)
        for _ in 0..<50 {
            try fill(13)
            try check()
        }
        #expect(parts.allSatisfy { $0.count < 60 })
        let entries = "SELECT count(*) FROM temp.event_words_"
        var kept: Int64 = 0
        _ = try EventIndex(store.database).countNames(from: 1)
        for part in parts where part.count > 0 {
            kept += try store.database.integer(entries + "\(part.number)") ?? 0
        }
        // Four words each: two resources, two kinds. Some are of events that are gone.
        #expect(kept >= 4 * 36 && kept < 4 * 100)
    }

    @Test func `is emptied without writing its pages once more`() throws {
        try fixture.append((0..<30_000).map { NewEvent("a:\($0)", "b:\($0 / 2)") })
        try fixture.pruneAll(.count(1), limit: 30_000)
        #expect(parts[0].count == 30_000)
        try store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try fixture.pruneAll(.count(0))
        #expect(parts[0].count == 0)
        #expect(fixture.folder.logSize < 100_000, "the part had 350,000 bytes")
    }

    @Test func `is as before when a transaction fails`() throws {
        try fill(64)
        let before = parts.map(\.last)
        let pages = try store.database.integer("PRAGMA page_count") ?? 0
        try store.database.execute("PRAGMA max_page_count = \(pages)")
        let big = NewEvent("a:1", "b:1", data: String(repeating: "x", count: 200_000))
        let many = (0..<20).map { _ in NewEvent("a:0", "b:1") }
        #expect(
            storeError {
                _ = try store.append([many, [big]], at: fixture.now, retention: .count(3))
            }?.kind == .full)
        #expect(parts.map(\.last) == before && store.head == 64 && store.oldest == 1)
        try store.database.execute("PRAGMA max_page_count = 1000000")
        try check()
        try fill(30)
        try check()
        let kept = stride(from: UInt64(67), through: 94, by: 3)
        #expect(try fixture.events("a:0", after: 64) == Array(kept), "not those that were refused")
    }

    @Test func `takes up what stands in the log when nothing of it is left in the index`() throws {
        try fill(23)
        #expect(store.unindexedCount == 3)
        try fixture.pruneAll(.count(0))
        #expect(parts.allSatisfy { $0.count == 0 })
        #expect(store.unindexedCount == 0, "what is not kept is not waited for")
        try fill(23)
        try check()
    }

    @Test(arguments: [
        "a:1", "A:1", "a:É", "a:é", "a:e\u{301}", "a:\"", "a:'", "a: ", "a:~31", "a:1~", "a:OR",
        "a:a*", "a:(b)",
        "a:^x", "a:{x}", "a:+1", "a:\u{7F}", "a:\u{0}", "a:👩\u{200D}👩", "a:b:*", "x+y.z-1:2",
    ])
    func `finds a name by its bytes, and no other`(name: String) throws {
        let others = [
            "a:2", "a:a", "b:1", "a:x", "a:b", "a:31", "a:", "a:é\u{301}", "a:1~31", "or:1",
        ]
        for other in others where other != name { try fixture.append(NewEvent(other)) }
        try fixture.append(NewEvent(name), NewEvent("c:1", name, "c:2"))
        let last = store.head
        // In the index, and before it is there.
        for _ in 0..<2 {
            #expect(try fixture.events(name) == [last - 1, last])
            #expect(IndexTerm.name(of: IndexTerm.word(for: name)) == name)
            try fixture.append((0..<6).map { _ in NewEvent("d:1") })
            #expect(store.unindexedCount == 0)
        }
        #expect(try fixture.events("c:1", name) == [last - 1, last])
    }

    @Test func `is asked for many names at once`() throws {
        try fixture.append((0..<2000).map { NewEvent("a:\($0)") })
        let names = (0..<1000).map { "a:\($0 * 2)" }
        let found = try EventIndex(store.database).sequences(
            after: 0, upTo: 1500, matching: names, limit: 5000)
        let odd = Array(stride(from: UInt64(1), to: 1500, by: 2))
        #expect(found == odd)
    }

    @Test func `counts names once, of the events that are kept`() throws {
        try fill(64)
        try fixture.append(NewEvent("A:1", "a:*:*"), NewEvent("é:1"))
        let index = EventIndex(store.database)
        var counts = try index.countNames(from: 1)
        #expect(counts.resources == 4 + 3 && counts.kinds == 2 + 2)
        counts = try index.countNames(from: 64)
        #expect(counts.resources == 2 + 3 && counts.kinds == 2 + 2)
        counts = try index.countNames(from: store.head + 1)
        #expect(counts.resources == 0 && counts.kinds == 0)
    }
}
