import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `An export` {
    private func exported(
        _ folder: Folder, after cursor: UInt64 = 0, _ selectors: String...
    ) throws -> [ExportedEvent] {
        let file = try LogFile(at: folder.path)
        defer { file.close() }
        let export = try LogExport(file, after: cursor, matching: selectors)
        defer { export.close() }
        var events: [ExportedEvent] = []
        while let event = try export.next() { events.append(event) }
        return events
    }

    /// Plays an export back into a store of its own.
    private func restored(_ events: [ExportedEvent]) throws -> Fixture {
        let fixture = try Fixture()
        let placements = try fixture.store.restore(
            events.map { event in
                let record = event.record
                return RestoredEvent(
                    NewEvent(
                        name: record.name, resources: record.resources, data: record.data,
                        isRetained: event.isRetained, coalesceKey: record.coalesceKey,
                        key: event.key), at: record.at)
            }, now: 1 << 40)
        #expect(placements.count == events.count)
        return fixture
    }

    @Test func `has what a restore needs, and gives the same again`() throws {
        let one = try Fixture()
        var numbers = SeededNumbers(seed: 7)
        for index in 0..<400 {
            let resources = Set((0..<3).map { _ in "post:\(numbers.next() % 20)" }).sorted()
            one.now += 10
            try one.append([
                NewEvent(
                    name: numbers.next() % 2 == 0 ? "a" : "b", resources: resources,
                    data: Array("\(index)".utf8), isRetained: numbers.next() % 3 == 0,
                    coalesceKey: numbers.next() % 4 == 0 ? "c" : nil,
                    key: numbers.next() % 5 == 0 ? "k\(index)" : nil)
            ])
        }
        try one.pruneAll(.count(100), limit: 50)
        let events = try exported(one.folder)
        #expect(events.contains { $0.record.sequence <= 300 }, "state that is older than the log")
        #expect(events.filter { $0.record.sequence > 300 }.count == 100)
        let keyed = events.filter { $0.key != nil }
        #expect(keyed.count > 10 && keyed.allSatisfy { $0.key == "k" + $0.record.text })
        #expect(events.map(\.record.sequence) == events.map(\.record.sequence).sorted())
        let two = try restored(events)
        let again = try exported(two.folder)
        #expect(again.map(\.isRetained) == events.map(\.isRetained))
        #expect(again.map(\.key) == events.map(\.key))
        #expect(again.map(\.record.text) == events.map(\.record.text))
        #expect(again.map(\.record.at) == events.map(\.record.at))
        #expect(again.map(\.record.resources) == events.map(\.record.resources))
        #expect(
            again.map(\.record.coalesceKey).suffix(100)
                == events.map(\.record.coalesceKey).suffix(100))
        let states = try [one, two].map { try $0.state("post:*").map(\.text) }
        #expect(states[0] == states[1])
    }

    @Test func `is of one state of the log, however long it takes`() throws {
        let fixture = try Fixture()
        try fixture.append((0..<50).map { _ in NewEvent("a:1") })
        let file = try LogFile(at: fixture.folder.path)
        defer { file.close() }
        let export = try LogExport(file, after: 0, matching: [])
        var count = 0
        while try export.next() != nil {
            count += 1
            try fixture.append(NewEvent("a:1"))
            try fixture.pruneAll(.count(20))
        }
        export.close()
        #expect(count == 50 && export.oldest == 1 && export.head == 50)
        #expect(try file.bounds() == (81, 100), "the state of the file is let go")
    }

    @Test func `chooses among events and among state that is older than the log`() throws {
        let fixture = try Fixture()
        try fixture.append(
            NewEvent("a:1", "b:1", isRetained: true), NewEvent("c:1", isRetained: true),
            NewEvent("b:2"), NewEvent("a:2", "b:1"), NewEvent("c:1"))
        try fixture.pruneAll(.count(3))
        func sequences(after cursor: UInt64 = 0, _ selectors: String...) throws -> [UInt64] {
            let file = try LogFile(at: fixture.folder.path)
            defer { file.close() }
            let export = try LogExport(file, after: cursor, matching: selectors)
            defer { export.close() }
            var found: [UInt64] = []
            while let event = try export.next() { found.append(event.record.sequence) }
            return found
        }
        #expect(try sequences() == [1, 2, 3, 4, 5])
        #expect(try sequences("b:*") == [1, 3, 4])
        #expect(try sequences("a:1", "c:1") == [1, 2, 5])
        #expect(try sequences(after: 1) == [2, 3, 4, 5])
        #expect(try sequences(after: 3, "b:1", "c:*") == [4, 5])
    }
}

@Suite(.timeLimit(.minutes(5)))
struct `Restoring events` {
    private func times(_ fixture: Fixture) throws -> [Int64] {
        try fixture.store.newest(count: 100, bytes: .max).map(\.at)
    }

    @Test func `keeps their times, as far as they neither fall nor lie ahead`() throws {
        let fixture = try Fixture()
        let given: [Int64?] = [-5, 10, 7, 20, nil, 2000, 30]
        _ = try fixture.store.restore(
            given.map { RestoredEvent(NewEvent("a:1"), at: $0) }, now: 1000)
        #expect(try times(fixture) == [0, 10, 10, 20, 1000, 1000, 1000])
        _ = try fixture.store.restore([RestoredEvent(NewEvent("a:1"), at: 5)], now: 900)
        #expect(try times(fixture).last == 1000)
        try fixture.reopen()
        #expect(fixture.store.lastTime == 1000)
    }

    @Test func `leaves out what has a key that was used within a day of it`() throws {
        let fixture = try Fixture()
        let day = EventStore.keyLifetime
        let events = [0, day, 2 * day + 1].map { RestoredEvent(NewEvent("a:1", key: "k"), at: $0) }
        let placements = try fixture.store.restore(events, now: 1 << 40)
        #expect(
            placements == [
                .stored(sequence: 1), .repeated(sequence: 1), .stored(sequence: 2),
            ])
    }

    @Test func `leaves the store as it was when it fails`() throws {
        let fixture = try Fixture()
        try fixture.append(NewEvent("a:1"))
        let database = fixture.store.database
        try database.execute(
            "INSERT INTO events (seq, at, name, resources, data) VALUES (3, 0, 'n', 'a:1', x'31')")
        let events = (0..<5).map { _ in RestoredEvent(NewEvent("a:1"), at: 2_000_000) }
        #expect(storeError { _ = try fixture.store.restore(events, now: 1 << 40) } != nil)
        #expect(fixture.store.head == 1 && fixture.store.lastTime == fixture.now)
        try database.execute("DELETE FROM events WHERE seq = 3")
        _ = try fixture.store.restore(events, now: 1 << 40)
        #expect(fixture.store.head == 6)
    }
}
