import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `Retained state` {
    private let fixture: Fixture
    private var store: EventStore { fixture.store }

    init() throws {
        fixture = try Fixture()
    }

    private func retain(_ resources: String..., name: String = "update", data: String) throws {
        try fixture.append([
            NewEvent(
                name: name, resources: resources, data: Array(data.utf8), isRetained: true)
        ])
    }

    private func texts(_ selectors: String...) throws -> [String] {
        try fixture.reader.state(
            selectors: selectors, after: 0, upTo: store.head, limit: 100
        ).map(\.text)
    }

    @Test func `is the newest event of each resource and name, in log order`() throws {
        try retain("a:1", data: "1")
        try retain("a:1", name: "other", data: "2")
        try retain("a:2", data: "3")
        try retain("a:1", data: "4")
        try fixture.append(NewEvent("a:1", data: "5"))
        #expect(try texts("a:1") == ["2", "4"])
        #expect(try texts("a:2", "a:1") == ["2", "3", "4"])
        #expect(try texts("a:*") == ["2", "3", "4"])
        #expect(try texts("a:*", "a:1") == ["2", "3", "4"])
        #expect(try texts("b:1", "b:*").isEmpty)
    }

    @Test func `of an event with several resources comes once, and stays where it is the newest`()
        throws
    {
        try retain("a:1", "b:1", data: "1")
        #expect(try texts("a:1", "b:*") == ["1"])
        try retain("a:1", data: "2")
        #expect(try texts("a:1") == ["2"])
        #expect(try texts("b:1") == ["1"])
        #expect(try texts("a:1", "b:1") == ["1", "2"])
        let record = try fixture.state("b:1").first
        #expect(record?.resources == ["a:1", "b:1"])
        #expect(record?.name == "update")
        #expect(record?.at == fixture.now)
    }

    @Test func `leaves out what is newer than asked for, and what was given before`() throws {
        for number in 1...5 { try retain("a:\(number)", data: "\(number)") }
        func sequences(after: UInt64, upTo: UInt64, limit: Int = 100) throws -> [UInt64] {
            try fixture.reader.state(
                selectors: ["a:*", "a:3"], after: after, upTo: upTo, limit: limit
            ).map(\.sequence)
        }
        #expect(try sequences(after: 0, upTo: 3) == [1, 2, 3])
        #expect(try sequences(after: 2, upTo: 5) == [3, 4, 5])
        #expect(try sequences(after: 1, upTo: 5, limit: 2) == [2, 3])
        #expect(try sequences(after: 5, upTo: 5) == [])
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func `comes whole in pages when one event is the state of many`(limit: Int) throws {
        for number in 0..<20 {
            try retain("a:\(number)", "a:x\(number)", "b:\(number)", data: "\(number)")
        }
        try retain("a:1", data: "new")
        let expected = (0..<20).map { UInt64($0 + 1) } + [21]
        #expect(try fixture.state("a:*", limit: limit).map(\.sequence) == expected)
        #expect(try fixture.state("a:*", "b:*", limit: limit).map(\.sequence) == expected)
        #expect(try fixture.state("b:*", "a:1", "a:x1", limit: limit).map(\.sequence) == expected)
    }

    @Test(arguments: [1, 2, 3, 100])
    func `of one resource with many names comes whole in pages`(limit: Int) throws {
        for number in 0..<10 { try retain("a:1", name: "n\(9 - number)", data: "\(number)") }
        #expect(try fixture.state("a:1", limit: limit).map(\.sequence) == Array(1...10))
    }

    @Test func `takes a resource whose id ends as a pattern does for a resource`() throws {
        try retain("a:b:*", data: "1")
        try retain("a:b:1", data: "2")
        #expect(try texts("a:b:*") == ["1"])
        #expect(try texts("a:*") == ["1", "2"])
    }

    @Test func `by resource names the head that it belongs to`() throws {
        try retain("a:1", "b:1", data: "1")
        try retain("a:1", name: "other", data: "2")
        try fixture.append(NewEvent("z:1"))
        let (head, states) = try fixture.reader.states(selectors: ["a:1", "a:*", "b:1", "c:1"])
        #expect(head == 3)
        let found = states.map { "\($0.resource) \($0.record.name) \($0.record.sequence)" }
        #expect(found.sorted() == ["a:1 other 2", "a:1 update 1", "b:1 update 1"])
        #expect(try fixture.reader.states(selectors: []).states.isEmpty)
    }

    @Test func `keeps two normal forms of one text apart`() throws {
        try retain("a:e\u{301}", data: "1")
        try retain("a:\u{E9}", data: "2")
        #expect(try texts("a:e\u{301}") == ["1"])
        #expect(try texts("a:\u{E9}") == ["2"])
        #expect(try fixture.reader.states(selectors: ["a:*"]).states.count == 2)
    }

    @Test func `is there after a restart, and its resources are named once each`() throws {
        try retain("a:1", "b:1", data: "1")
        try retain("a:1", name: "other", data: "2")
        try fixture.reopen()
        #expect(try texts("a:1") == ["1", "2"])
        var names: [String] = []
        try store.stateResources { names.append($0) }
        #expect(names.sorted() == ["a:1", "b:1"])
    }
}
