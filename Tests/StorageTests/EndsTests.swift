import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `Ended resources` {
    private let fixture: Fixture

    init() throws { fixture = try Fixture() }

    private func end(_ names: String...) throws {
        try fixture.append(NewEvent(name: "end", resources: names, data: [0x31], isEnd: true))
    }

    private func ended(_ selectors: String...) throws -> [String] {
        try fixture.reader.ends(selectors: selectors).ends
            .map { "\($0.resource) \($0.sequence)" }.sorted()
    }

    private func newestSequence(of name: String) throws -> UInt64 {
        try fixture.store.ends.newestSequence(
            of: name, downTo: fixture.store.oldest, at: fixture.store.lastTime)
    }

    @Test func `are found by name and by kind, and not by what begins alike`() throws {
        try end("a:1", "a:2", "b:1")
        try end("a:11")
        try end("aa:1")
        #expect(try ended("a:*") == ["a:1 1", "a:11 2", "a:2 1"])
        #expect(try ended("a:1", "a:*", "a:3") == ["a:1 1", "a:11 2", "a:2 1"])
        #expect(try ended("a:1") == ["a:1 1"] && ended("b:*") == ["b:1 1"])
        #expect(try ended("c:*", "a:") == [])
        #expect(try fixture.reader.ends(selectors: []).head == 3)
    }

    @Test func `are the same after a restart, and when their events are gone`() throws {
        try end("a:1", "a:2")
        try fixture.store.ends.forget("a:2")
        fixture.retention = Retention(age: 1 << 50, count: 5, bytes: .max)
        for _ in 0..<20 { try fixture.append(NewEvent("z:1")) }
        try fixture.pruneAll(fixture.retention)
        #expect(fixture.store.oldest > 1)
        try fixture.reopen()
        #expect(try ended("a:*") == ["a:1 1"])
        #expect(try fixture.store.ends.contains("a:1") && !fixture.store.ends.contains("a:2"))
        var names: [String] = []
        try fixture.store.endedResources { names.append($0) }
        #expect(names == ["a:1"])
    }

    @Test func `leave with their state when they are forgotten, and others keep theirs`() throws {
        let both = NewEvent(
            name: "x", resources: ["a:1", "a:2"], data: [0x31], isRetained: true, isEnd: true)
        try fixture.append(both)
        try fixture.store.ends.forget("a:1")
        #expect(try ended("a:*") == ["a:2 1"])
        #expect(try fixture.reader.states(selectors: ["a:*"]).states.map(\.resource) == ["a:2"])
    }

    @Test func `and the newest events are those of all parts of the log`() throws {
        var newest: [String: UInt64] = [:]
        var numbers = SeededNumbers(seed: 5)
        for _ in 0..<150 {
            let name = "a:\(Int.random(in: 0..<12, using: &numbers))"
            try fixture.append(NewEvent(name, "b:1"))
            newest[name] = fixture.store.head
            newest["b:1"] = fixture.store.head
            let asked = "a:\(Int.random(in: 0..<12, using: &numbers))"
            for one in [asked, "b:1"] {
                #expect(try newestSequence(of: one) == newest[one] ?? 0)
            }
        }
        try fixture.reopen()
        for (name, sequence) in newest {
            #expect(try newestSequence(of: name) == sequence)
        }
    }

    @Test func `and state for a time are hidden at once and deleted in steps`() throws {
        let events = (0..<30).map { number in
            NewEvent(
                name: "x", resources: ["a:\(number)"], data: [0x31], isRetained: true,
                lifetime: number < 20 ? 100 : nil)
        }
        try fixture.append(events)
        func count(at now: Int64) throws -> Int {
            try fixture.reader.states(selectors: ["a:*"], now: now).states.count
        }
        #expect(try count(at: fixture.now + 99) == 30 && count(at: fixture.now + 100) == 10)
        #expect(
            try fixture.reader.state(
                selectors: ["a:*"], after: 0, upTo: 30, limit: 99, now: fixture.now + 100
            ).count == 10)
        #expect(try fixture.pruneAll(.all) == [])
        fixture.now += 100
        #expect(try fixture.pruneAll(.all, limit: 8) == [8, 8, 4])
        #expect(try fixture.store.database.integer("SELECT count(*) FROM retained") == 10)
    }
}
