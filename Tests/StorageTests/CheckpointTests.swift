import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `A checkpoint` {
    private let folder = Folder()

    private func open() throws -> EventStore {
        try EventStore.open(directory: folder.path, synchronous: .off, index: .small)
    }

    private func fill(_ store: EventStore, _ count: Int) throws(LogUnavailable) {
        for _ in 0..<count {
            _ = try store.append([[NewEvent("a:1")]], at: 1, retention: .all)
        }
    }

    /// A connection of another program, or of the checkpointer's thread.
    private func connection(
        _ store: EventStore
    ) throws -> (Database, CheckpointConnection) {
        let database = try Database(path: folder.file)
        // A connection that has read nothing does not know that there is a log.
        _ = try database.integer("SELECT 1 FROM sqlite_schema LIMIT 1")
        return (database, try CheckpointConnection(database, progress: store.progress))
    }

    @Test func `that begins on a complete log copies nothing of the one that is begun meanwhile`()
        throws
    {
        let store = try open()
        defer { store.close() }
        let (database, checkpoints) = try connection(store)
        defer {
            checkpoints.close()
            database.close()
        }
        try fill(store, 20)
        #expect(store.checkpoint() == .complete)
        let before = store.progress.pages
        // The moment of SQLite's fault: the log is complete, and a commit begins it anew.
        let (copied, pages) = try checkpoints.run { () throws(LogUnavailable) in try fill(store, 3)
        }
        #expect(pages < before, "it was begun anew")
        #expect(copied == 0, "and nothing of it counts as copied")
        #expect(store.progress.foreignCheckpoints == 0)
        #expect(try database.text("PRAGMA integrity_check") == "ok")
    }

    @Test func `keeps a log that is not complete from being begun anew until it is over`() throws {
        let store = try open()
        defer { store.close() }
        let (database, checkpoints) = try connection(store)
        defer {
            checkpoints.close()
            database.close()
        }
        try fill(store, 20)
        let before = store.progress.pages
        var during = 0
        _ = try checkpoints.run { () throws(LogUnavailable) in
            // Another program completes the log, and a commit would begin it anew.
            let other = try Database(path: folder.file)
            defer { other.close() }
            _ = try other.integer("SELECT 1 FROM sqlite_schema LIMIT 1")
            _ = try other.checkpoint()
            try fill(store, 1)
            during = store.progress.pages
        }
        #expect(during > before)
        #expect(store.checkpoint() == .complete)
        try fill(store, 1)
        #expect(store.progress.pages < during)
        #expect(store.progress.foreignCheckpoints == 0)
    }

    @Test func `of another program is noticed when the log is begun anew`() throws {
        let store = try open()
        defer { store.close() }
        try fill(store, 20)
        let other = try Database(path: folder.file)
        defer { other.close() }
        _ = try other.integer("SELECT 1 FROM sqlite_schema LIMIT 1")
        let (copied, pages) = try other.checkpoint()
        #expect(copied == pages)
        #expect(store.progress.foreignCheckpoints == 0, "nobody knows yet")
        try fill(store, 1)
        #expect(store.progress.foreignCheckpoints == 1)
        #expect(store.checkpoint() == .complete)
        try fill(store, 1)
        #expect(store.progress.foreignCheckpoints == 1, "that one was its own")
    }

    @Test func `of the checkpointer is not taken for another program's`() throws {
        let store = try open()
        defer { store.close() }
        let checkpointer = try Checkpointer.open(
            directory: folder.path, synchronous: .full, progress: store.progress)
        defer { checkpointer.close() }
        for _ in 0..<5 {
            try fill(store, 10)
            #expect(checkpointer.checkpoint() == .complete)
            #expect(store.progress.waiting == 0)
        }
        #expect(store.progress.foreignCheckpoints == 0)
    }

    @Test func `waits for nobody who holds the log`() throws {
        let store = try open()
        defer { store.close() }
        try fill(store, 20)
        let other = try Database(path: folder.file)
        defer { other.close() }
        // Until this transaction ends, no other connection can do a checkpoint that copies all.
        try other.execute("BEGIN; SELECT count(*) FROM events")
        try fill(store, 1)
        #expect(store.checkpoint() == .incomplete)
        try other.execute("COMMIT")
        #expect(store.checkpoint() == .complete)
    }
}

@Suite
struct `SQLite's version` {
    @Test(arguments: [3_007_000, 3_040_001, 3_044_005, 3_045_000, 3_050_006, 3_051_000, 3_051_002])
    func `has the WAL-reset fault`(number: Int) {
        #expect(SQLiteVersion(number: number).hasResetFault)
    }

    @Test(arguments: [3_006_023, 3_044_006, 3_044_009, 3_050_007, 3_051_003, 3_052_000, 4_000_000])
    func `is free of the WAL-reset fault`(number: Int) {
        #expect(!SQLiteVersion(number: number).hasResetFault)
    }

    @Test func `reads as SQLite writes it`() {
        #expect(SQLiteVersion(number: 3_040_001).description == "3.40.1")
        #expect(SQLiteVersion(number: 3_051_012).description == "3.51.12")
    }
}

@Suite
struct `The mark of the last event` {
    private let folder = Folder()

    @Test func `is what was acknowledged last, after each commit and each start`() throws {
        let store = try EventStore.open(directory: folder.path, synchronous: .off)
        #expect(mark() == "\(store.epoch)-0")
        _ = try store.append([[NewEvent("a:1"), NewEvent("a:1")]], at: 1, retention: .all)
        #expect(mark() == "\(store.epoch)-2")
        let error = storeError {
            try store.transaction { () throws(LogUnavailable) in
                store.bounds.head += 1
                throw LogUnavailable(.other, message: "no")
            }
        }
        #expect(error != nil)
        #expect(mark() == "\(store.epoch)-2")
        store.close()
        #expect(mark() == "\(store.epoch)-2")
    }

    @Test(arguments: [
        "", "x", "-", "abc-", "abc-1x", "abc-1-2", "-5", "abcdefghijklmn-1",
        "abc-99999999999999999999",
    ])
    func `is none when it is not one`(text: String) {
        #expect(AcknowledgedMark.Event(text) == nil)
    }

    @Test func `holds the longest id`() throws {
        let event = AcknowledgedMark.Event("zzzzzzzzzzzzz-18446744073709551615 \n")
        #expect(event == .init(epoch: "zzzzzzzzzzzzz", sequence: .max))
    }

    private func mark() -> String {
        let bytes = folder.read(folder.path + "/" + EventStore.lockName)
        #expect(bytes.count > AcknowledgedMark.size)
        let mark = bytes.prefix(AcknowledgedMark.size)
        return String(decoding: mark, as: UTF8.self).split(separator: " ").first.map(String.init)
            ?? ""
    }
}
