import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `A change of the store` {
    private let fixture: Fixture
    private var store: EventStore { fixture.store }

    init() throws {
        fixture = try Fixture()
    }

    private func append(_ writes: Write...) throws -> [WriteOutcome] {
        try store.append(writes, at: fixture.now, retention: fixture.retention).outcomes
    }

    /// Puts a job into the queue and says so in `count` events of which the first is retained.
    private func enqueue(_ id: String, key: String? = nil, telling count: Int = 1) -> Write {
        .change { records throws(LogUnavailable) in
            let new = NewJob(kind: "post", input: Array("{}".utf8), key: key)
            let job = try records.jobs.insert(new, id: id, at: records.now)
            return (0..<count).map { number in
                NewEvent("job:\(job.id)", name: "n\(number)", isRetained: number == 0)
            }
        }
    }

    private func jobs() throws -> [String] {
        try RecordTables(store.database, at: 0).jobs.list(
            state: nil, kind: nil, before: nil, limit: 100
        ).map(\.id).reversed()
    }

    @Test func `and its events are stored in order with other writes`() throws {
        let outcomes = try append(
            .events([NewEvent("a:1"), NewEvent("a:2")]), enqueue("j", telling: 3),
            .change { _ throws(LogUnavailable) in [] }, .events([NewEvent("a:3")]))
        #expect(
            outcomes == [
                .stored([.stored(sequence: 1), .stored(sequence: 2)]),
                .stored([
                    .stored(sequence: 3), .stored(sequence: 4), .stored(sequence: 5),
                ]),
                .stored([]),
                .stored([.stored(sequence: 6)]),
            ])
        #expect(store.head == 6)
        try fixture.reopen()
        #expect(try jobs() == ["j"])
        #expect(try fixture.events("job:j") == [3, 4, 5])
        #expect(try fixture.state("job:j").map(\.sequence) == [3])
    }

    @Test func `sees what came before it in the batch, and gets the time of its events`() throws {
        fixture.now = 5_000
        try fixture.append(NewEvent("a:1"))
        fixture.now = 4_000
        var found: JobRecord?
        var now: Int64 = 0
        let outcomes = try append(
            enqueue("j"),
            .change { records throws(LogUnavailable) in
                found = try records.jobs.find("j")
                now = records.now
                return []
            })
        #expect(outcomes.count == 2)
        #expect(found?.createdAt == 5_000, "which never falls")
        #expect(now == 5_000)
    }

    @Test func `may repeat a key and be transient like any publisher`() throws {
        let change = Write.change { _ throws(LogUnavailable) in
            [NewEvent("a:1", key: "k"), NewEvent("a:2", isTransient: true)]
        }
        #expect(
            try append(change, change) == [
                .stored([.stored(sequence: 1), .transient]),
                .stored([.repeated(sequence: 1), .transient]),
            ])
    }

    // MARK: Its own fault

    /// Changes that fail alone, each after it has changed something.
    private static let faults: [(name: String, kind: LogUnavailable.Kind, change: Fault)] = [
        (
            "a key that is taken", .constraint,
            { records throws(LogUnavailable) in
                _ = try records.jobs.insert(
                    NewJob(kind: "post", input: [], key: "k"), id: "x", at: 1)
                return []
            }
        ),
        (
            "an error of its own", .constraint,
            { records throws(LogUnavailable) in
                throw LogUnavailable(.constraint, message: "no")
            }
        ),
        (
            "SQL that is none", .other,
            { records throws(LogUnavailable) in
                try records.database.execute("INSERT INTO nowhere VALUES (1)")
                return []
            }
        ),
        (
            "an event that cannot be stored", .constraint,
            { records throws(LogUnavailable) in
                // The third event's place is taken.
                try records.database.execute(
                    """
                    INSERT INTO events (seq, at, name, resources, data)
                    SELECT max(seq) + 3, 0, '', '', x'' FROM events
                    """)
                return [
                    NewEvent("b:1", isRetained: true, key: "fresh"), NewEvent("b:2"),
                    NewEvent("b:3"),
                ]
            }
        ),
    ]

    typealias Fault = @Sendable (any RecordStore) throws(LogUnavailable) -> [NewEvent]

    @Test(arguments: 0..<4)
    func `that is at fault leaves nothing of itself, and the others stand`(index: Int) throws {
        let fault = Self.faults[index]
        fixture.now = 1_000
        let outcomes = try append(
            .events([NewEvent("a:1")]), enqueue("first", key: "k"),
            .change { records throws(LogUnavailable) in
                _ = try records.jobs.insert(
                    NewJob(kind: "post", input: []), id: "lost", at: records.now)
                try records.media.insert(
                    MediaRecord(id: "lost", type: "image/png", bytes: [1, 2, 3], at: 1))
                return try fault.change(records)
            }, enqueue("second"), .events([NewEvent("a:2", key: "fresh")]))
        guard case .failed(let error) = outcomes[2] else {
            Issue.record("\(fault.name) was stored")
            return
        }
        #expect(error.kind == fault.kind)
        #expect(
            [outcomes[0], outcomes[1], outcomes[3], outcomes[4]] == [
                .stored([.stored(sequence: 1)]), .stored([.stored(sequence: 2)]),
                .stored([.stored(sequence: 3)]), .stored([.stored(sequence: 4)]),
            ])
        #expect(store.head == 4)
        try fixture.reopen()
        #expect(store.head == 4)
        #expect(try store.newest(count: 9, bytes: 1_000).map(\.sequence) == [1, 2, 3, 4])
        #expect(try jobs() == ["first", "second"])
        #expect(try store.database.integer("SELECT count(*) FROM media") == 0)
        #expect(try store.database.integer("SELECT count(*) FROM job_data") == 2)
        #expect(try store.database.integer(Schema.mediaBytesQuery) == 0)
        #expect(try fixture.events("b:*") == [])
        #expect(try fixture.state("b:1").isEmpty)
    }

    @Test func `that is at fault alone leaves the store as it was`() throws {
        try fixture.append(NewEvent("a:1"), NewEvent("a:1"))
        fixture.retention = .count(1)
        let fault = Write.change { _ throws(LogUnavailable) in
            throw LogUnavailable(.constraint, message: "no")
        }
        for outcome in try append(fault, fault) {
            guard case .failed = outcome else {
                Issue.record("it was stored")
                return
            }
        }
        #expect(store.head == 2 && store.oldest == 1)
        #expect(try append(enqueue("j")) == [.stored([.stored(sequence: 3)])])
        #expect(store.oldest == 3, "a change's events count for retention")
    }

    // MARK: The file's fault

    @Test(arguments: [
        LogUnavailable.Kind.full, .io, .readOnly, .busy, .corrupt, .cannotOpen, .notADatabase,
        .newerVersion,
    ])
    func `that finds the file at fault takes the whole batch with it`(
        kind: LogUnavailable.Kind
    ) throws {
        try fixture.append(NewEvent("a:1"))
        fixture.now += 1_000
        let error = storeError {
            _ = try append(
                .events([NewEvent("a:2")]), enqueue("j"),
                .change { records throws(LogUnavailable) in
                    try records.media.insert(
                        MediaRecord(id: "lost", type: "image/png", bytes: [1], at: 1))
                    throw LogUnavailable(kind, message: "as told")
                }, .events([NewEvent("a:3")]))
        }
        #expect(error == LogUnavailable(kind, message: "as told"))
        #expect(store.head == 1 && store.lastTime == fixture.now - 1_000)
        #expect(store.database.isIdle)
        #expect(try jobs().isEmpty)
        #expect(try store.database.integer(Schema.mediaBytesQuery) == 0)
        #expect(
            try append(enqueue("j"), .events([NewEvent("a:4")])) == [
                .stored([.stored(sequence: 2)]), .stored([.stored(sequence: 3)]),
            ])
        #expect(try fixture.events("a:*") == [1, 3])
    }

    @Test func `that finds the disk full takes the batch with it, and can be made again`() throws {
        try fixture.append(NewEvent("a:1"))
        let pages = try store.database.integer("PRAGMA page_count") ?? 0
        try store.database.execute("PRAGMA max_page_count = \(pages + 2)")
        let picture = MediaRecord(
            id: "m", type: "image/png", bytes: Array(repeating: 7, count: 100_000))
        let change = Write.change { records throws(LogUnavailable) in
            try records.media.insert(picture)
            return [NewEvent("media:m")]
        }
        let error = storeError { _ = try append(enqueue("j"), change) }
        #expect(error?.kind == .full)
        #expect(store.head == 1 && store.database.isIdle)
        #expect(try jobs().isEmpty)
        try store.database.execute("PRAGMA max_page_count = 1000000")
        #expect(
            try append(enqueue("j"), change) == [
                .stored([.stored(sequence: 2)]), .stored([.stored(sequence: 3)]),
            ])
        #expect(try RecordTables(store.database, at: 0).media.find("m")?.bytes == picture.bytes)
    }

    // MARK: Pictures

    @Test func `may store pictures, which do not count for the size of the log`() throws {
        fixture.retention = .bytes(300_000)
        for number in 0..<10 {
            let outcomes = try append(
                .change { records throws(LogUnavailable) in
                    try records.media.insert(
                        MediaRecord(
                            id: "\(number)", type: "image/png",
                            bytes: Array(repeating: 7, count: 300_000), at: records.now))
                    return [NewEvent("media:\(number)")]
                })
            #expect(outcomes == [.stored([.stored(sequence: UInt64(number) + 1)])])
        }
        #expect(store.oldest == 1)
        #expect(try fixture.pruneAll(.bytes(300_000)) == [])
        // While what does count still does.
        let data = "\"" + String(repeating: "x", count: 1_000) + "\""
        for _ in 0..<500 { try fixture.append(NewEvent("a:1", data: data)) }
        #expect(store.oldest > 10)
        try fixture.reopen()
        try fixture.pruneAll(.bytes(300_000))
        #expect((150...300).contains(store.head + 1 - store.oldest))
    }
}
