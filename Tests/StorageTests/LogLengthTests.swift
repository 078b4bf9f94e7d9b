import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The write-ahead log` {
    private let folder = Folder()

    private func open(
        _ folder: Folder, _ synchronous: Synchronous = .full
    ) throws -> EventStore {
        try EventStore.open(directory: folder.path, synchronous: synchronous, index: .small)
    }

    private func fill(_ store: EventStore, _ count: Int, data: String = "null") throws {
        for _ in 0..<count {
            _ = try store.append(
                [[NewEvent("a:1", data: data)]], at: 1, retention: .all)
        }
    }

    @Test func `has its length before the first commit, and commits leave it so`() throws {
        let store = try open(folder)
        defer { store.close() }
        let length = folder.logSize
        #expect(length >= LogLength.prepared)
        #expect(folder.fileSize < 1 << 20, "nothing of it is the database's")
        try fill(store, 300)
        // So much that it is brought into the database at least once.
        try fill(store, 100, data: "\"" + String(repeating: "x", count: 200_000) + "\"")
        #expect(folder.logSize == length)
        #expect(folder.fileSize > 8 << 20)
    }

    @Test func `is not made longer by each start, and gone after a clean stop`() throws {
        let store = try open(folder)
        let length = folder.logSize
        let killed = folder.copy()
        store.close()
        #expect(folder.logSize == 0)
        let next = try open(killed)
        #expect(killed.logSize == length)
        next.close()
    }

    @Test func `has what was committed, and nothing else, when the hub is killed`() throws {
        let store = try open(folder)
        defer { store.close() }
        for count in [0, 1, 1, 20, 300] {
            try fill(store, count)
            let killed = folder.copy()
            let next = try open(killed)
            #expect(next.head == store.head)
            #expect(try next.database.text("PRAGMA integrity_check") == "ok")
            #expect(
                try next.database.integer(
                    "SELECT count(*) FROM sqlite_schema WHERE name = 'preparation'") == 0)
            try fill(next, 1)
            next.close()
        }
    }

    @Test func `is left alone where a commit waits for no disk`() throws {
        let store = try open(folder, .normal)
        defer { store.close() }
        #expect(folder.logSize < 1 << 20)
    }

    @Test func `is prepared only where there is need and plenty of room`() {
        let enough = 16 * LogLength.prepared
        #expect(LogLength.isPreparationDue(length: 0, free: enough))
        #expect(LogLength.isPreparationDue(length: LogLength.prepared - 1, free: enough))
        #expect(!LogLength.isPreparationDue(length: LogLength.prepared, free: enough))
        #expect(!LogLength.isPreparationDue(length: 0, free: enough - 1))
        #expect(!LogLength.isPreparationDue(length: 0, free: 0), "nobody knows how much")
    }

    @Test func `is cut off when it has grown very long, but not to nothing`() throws {
        let store = try open(folder, .off)
        defer { store.close() }
        try store.database.execute("PRAGMA wal_autocheckpoint = 0")
        try fill(store, 350, data: "\"" + String(repeating: "x", count: 200_000) + "\"")
        #expect(folder.logSize > LogLength.longest)
        store.checkpointIfLarge()
        try fill(store, 1)
        #expect(folder.logSize == LogLength.longest)
        #expect(folder.fileSize > 64 << 20)
    }
}
