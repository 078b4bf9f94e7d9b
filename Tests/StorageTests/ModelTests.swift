import TestSupport
import Testing

@testable import Records
@testable import Storage

/// The store against the model: random calls, the same in every run of a seed.
@Suite(.timeLimit(.minutes(2)))
struct `The store and a naive model of it` {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `agree on whatever is asked`(seed: UInt64) throws {
        var run = try ModelRun(seed: seed)
        for _ in 0..<400 { try run.step() }
        #expect(run.fixture.store.head > 300)
    }
}

private struct ModelRun {
    private static let ids = [
        "1", "2", "3", "*:*", "e\u{301}", "\u{E9}", "\u{600}", "\u{301}", "1:*",
    ]
    private static let resources = ["a", "b", "aa"].flatMap { kind in ids.map { "\(kind):\($0)" } }
    private static let selectors = resources + ["a:*", "b:*", "aa:*", "none:*"]

    let fixture: Fixture
    private var model = LogModel()
    private var random: SeededNumbers
    private let seed: UInt64
    private var count = 0

    init(seed: UInt64) throws {
        fixture = try Fixture()
        random = SeededNumbers(seed: seed)
        self.seed = seed
    }

    private var comment: Comment { "seed \(seed), step \(count)" }

    mutating func step() throws {
        count += 1
        fixture.now += Int64.random(in: -50...100, using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            try fixture.reopen()
            let isPossible = model.restart(at: fixture.store.lastTime)
            try #require(isPossible, comment)
        case 1: fixture.now += 40_000_000
        case 2...3: try prune()
        case 4...10: try append()
        case 11...16: try comparePage()
        default: try compareState()
        }
        let store = fixture.store
        try #require(store.head == model.head, comment)
        try #require(store.oldest == model.oldest, comment)
    }

    private mutating func append() throws {
        let submissions = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            (0..<Int.random(in: 0...4, using: &random)).map { _ in event() }
        }
        let retention = retention()
        let expected = model.append(submissions, at: fixture.now, retention: retention)
        let got = try fixture.store.append(submissions, at: fixture.now, retention: retention)
        try #require(got.placements == expected.placements, comment)
        try #require(got.at == expected.at, comment)
    }

    private mutating func event() -> NewEvent {
        let kind = Int.random(in: 0..<10, using: &random)
        let key = Bool.random(using: &random) ? nil : Int.random(in: 0..<60, using: &random)
        let number = Int.random(in: 0..<3, using: &random)
        return NewEvent(
            name: "n\(number)", resources: some(of: Self.resources, upTo: 4),
            data: Array("\(random.next())".utf8), isRetained: kind > 6, isTransient: kind == 0,
            coalesceKey: number == 0 ? "c" : nil, key: key.map { "k\($0)" })
    }

    private mutating func some(of all: [String], upTo count: Int) -> [String] {
        Array(all.shuffled(using: &random).prefix(Int.random(in: 1...count, using: &random)))
    }

    private mutating func retention() -> Retention {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: .count(Int.random(in: 0...200, using: &random))
        case 1: .age(Int64.random(in: 0...3_000, using: &random))
        default: .all
        }
    }

    private mutating func prune() throws {
        let retention = retention()
        model.prune(retention, now: fixture.now)
        let limit = Int.random(in: 1...50, using: &random)
        let steps = try fixture.pruneAll(retention, limit: limit)
        #expect(steps.allSatisfy { $0 <= 3 * limit }, comment)
    }

    private mutating func comparePage() throws {
        let selectors = some(of: Self.selectors, upTo: 6)
        let head = model.head
        let lowest = model.oldest > 3 ? model.oldest - 3 : 0
        let cursor = UInt64.random(in: lowest...head + 1, using: &random)
        let last = UInt64.random(in: min(cursor, head)...head, using: &random)
        let limit = Int.random(in: 1...30, using: &random)
        let got = try fixture.reader.page(
            after: cursor, upTo: last, selectors: selectors, limit: limit, byteLimit: 1 << 20)
        let expected = model.page(
            after: cursor, upTo: last, selectors: selectors, limit: limit)
        try #require(got == expected, comment)
    }

    private mutating func compareState() throws {
        let selectors = some(of: Self.selectors, upTo: 6)
        let last = UInt64.random(in: 0...model.head, using: &random)
        let limit = Int.random(in: 1...20, using: &random)
        var cursor: UInt64 = 0
        var found: [EventRecord] = []
        while true {
            let page = try fixture.reader.state(
                selectors: selectors, after: cursor, upTo: last, limit: limit)
            found += page
            guard page.count >= limit, let end = page.last else { break }
            cursor = end.sequence
        }
        try #require(found == model.state(of: selectors, after: 0, upTo: last), comment)
        let (head, states) = try fixture.reader.states(selectors: selectors)
        try #require(head == model.head, comment)
        let got = states.map { LogModel.State(resource: $0.resource, record: $0.record) }
        let expected = model.states(of: selectors)
        try #require(got.count == expected.count, comment)
        try #require(expected.allSatisfy { got.contains($0) }, comment)
    }
}
