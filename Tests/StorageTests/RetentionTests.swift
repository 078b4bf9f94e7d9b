import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `Retention of the log` {
    private let fixture: Fixture
    private var store: EventStore { fixture.store }

    init() throws {
        fixture = try Fixture()
    }

    private func fill(_ count: Int, data: String = "null", every step: Int64 = 0) throws {
        for _ in 0..<count {
            fixture.now += step
            try fixture.append(NewEvent("a:1", data: data))
        }
    }

    @Test func `by count keeps the newest, in steps no larger than asked for`() throws {
        try fill(100)
        #expect(try fixture.pruneAll(.count(40), limit: 25) == [25, 25, 10])
        #expect(store.oldest == 61)
        #expect(try fixture.events("a:1", after: 60) == Array(61...100))
        #expect(try fixture.events("a:1", after: 59) == nil)
        #expect(try fixture.pruneAll(.count(40)) == [])
    }

    @Test func `by age deletes what is older, and nothing younger`() throws {
        try fill(100, every: 10)
        // The last event is now; 30 are at most 290 ms old.
        #expect(try fixture.pruneAll(.age(295), limit: 25) == [25, 25, 20])
        #expect(store.oldest == 71)
        fixture.now += 10
        #expect(try fixture.pruneAll(.age(295)) == [1])
        #expect(store.oldest == 72)
        fixture.now += 1_000
        try fixture.pruneAll(.age(295))
        #expect(store.oldest == 101)
        #expect(store.head == 100)
    }

    @Test func `by age spares what was published a moment ago when one event is old`() throws {
        try fixture.append(NewEvent("a:1"))
        fixture.now += 1_000
        fixture.retention = .age(500)
        try fixture.append(NewEvent("a:1"))
        #expect(store.oldest == 2)
        fixture.now += 400
        try fixture.append(NewEvent("a:1"))
        fixture.now += 200
        try fixture.append(NewEvent("a:1"))
        #expect(store.oldest == 3, "the third is 200 ms old")
    }

    @Test func `by bytes keeps the file within the limit, and not much less`() throws {
        try fill(1_000, data: "\"" + String(repeating: "x", count: 1000) + "\"")
        let limit = 400_000
        let steps = try fixture.pruneAll(.bytes(limit), limit: 100)
        #expect(steps.allSatisfy { $0 <= 100 })
        let kept = Int(store.head + 1 - store.oldest)
        // 1,000 bytes of data and what SQLite adds, three events to a page.
        #expect((200...330).contains(kept), "\(kept) events of 1 KB are kept in 400 KB")
    }

    @Test func `by bytes is held while events come`() throws {
        fixture.retention = .bytes(400_000)
        try fill(2_000, data: "\"" + String(repeating: "x", count: 1000) + "\"")
        let kept = Int(store.head + 1 - store.oldest)
        #expect((150...330).contains(kept), "\(kept) events of 1 KB are kept in 400 KB")
    }

    @Test func `shrinks what is too much while events come`() throws {
        try fill(100)
        fixture.retention = .count(50)
        try fill(50)
        #expect(store.oldest == 101)
        try fill(5)
        #expect(store.oldest == 106)
        #expect(store.head == 155)
    }

    @Test func `a batch larger than what may be kept leaves its end`() throws {
        fixture.retention = .count(10)
        try fixture.append((0..<100).map { NewEvent("a:\($0)") })
        #expect(store.oldest == 91)
        #expect(try fixture.events("a:*", after: 90) == Array(91...100))
    }

    @Test func `takes the places in the index with the events`() throws {
        try fixture.append(
            NewEvent("a:1", "a:2", "b:1"), NewEvent("a:1"), NewEvent("c:*:*", "c:1"))
        try fixture.pruneAll(.count(0))
        #expect(
            try store.database.integer("SELECT total(last - after) FROM event_index_parts") == 0)
        #expect(try store.database.integer("SELECT count(*) FROM events") == 0)
    }

    @Test func `uses the pages of what it deleted again`() throws {
        fixture.retention = .count(200)
        let data = "\"" + String(repeating: "x", count: 1000) + "\""
        try fill(600, data: data)
        try store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let size = fixture.folder.fileSize
        try fill(3_000, data: data)
        try store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        #expect(fixture.folder.fileSize <= size + 65_536)
    }

    @Test func `lets state outlive its event, for as long as the age says`() throws {
        try fixture.append(NewEvent("a:1", isRetained: true))
        try fixture.pruneAll(.count(0))
        #expect(try fixture.state("a:1").map(\.sequence) == [1])
        fixture.now += 500
        try fixture.append(NewEvent("a:2", isRetained: true))
        fixture.now += 600
        try fixture.pruneAll(.age(1_000))
        #expect(try fixture.state("a:*").map(\.sequence) == [2])
        #expect(try fixture.state("a:1").isEmpty)
    }

    @Test func `prunes state and keys in steps as well`() throws {
        for number in 0..<60 {
            try fixture.append(NewEvent("a:\(number)", isRetained: true, key: "\(number)"))
        }
        try fixture.pruneAll(.count(0))
        fixture.now += 24 * 60 * 60 * 1000 + 1
        let steps = try fixture.pruneAll(.age(1_000), limit: 25)
        #expect(steps == [50, 50, 20])
        for table in ["retained", "idempotency", "events"] {
            #expect(try store.database.integer("SELECT count(*) FROM \(table)") == 0)
        }
    }

    @Test func `goes by the log's time when the clock goes back`() throws {
        try fixture.append(NewEvent("a:1"))
        fixture.now += 1_000
        try fixture.append(NewEvent("a:1"))
        fixture.now -= 900_000
        try fixture.pruneAll(.age(500))
        #expect(store.oldest == 2)
    }

    @Test func `changes nothing when it throws`() throws {
        try fill(20)
        try store.database.execute("PRAGMA query_only = ON")
        #expect(storeError { try fixture.pruneAll(.count(5)) }?.kind == .readOnly)
        #expect(store.oldest == 1)
        #expect(store.head == 20)
        try store.database.execute("PRAGMA query_only = OFF")
        try fixture.pruneAll(.count(5))
        #expect(store.oldest == 16)
    }

    @Test func `does not write when there is nothing to do`() throws {
        try fill(5)
        let before = try store.database.integer("SELECT total_changes()")
        #expect(try store.prune(.count(5), now: fixture.now, limit: 10) == 0)
        #expect(try store.database.integer("SELECT total_changes()") == before)
    }
}
