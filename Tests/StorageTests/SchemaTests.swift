import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The schema` {
    private let folder = Folder()

    private func open() throws -> EventStore {
        try EventStore.open(directory: folder.path, synchronous: .off)
    }

    @Test func `makes every table strict`() throws {
        let store = try open()
        defer { store.close() }
        let lax = """
            SELECT count(*) FROM pragma_table_list
            WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND NOT strict
            """
        #expect(try store.database.integer(lax) == 0)
        let all = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
        #expect(try store.database.integer(all) == 13)
        let error = storeError {
            try store.database.execute("INSERT INTO events VALUES ('x', 1, 'a', 'b', x'00', NULL)")
        }
        #expect(error?.kind == .constraint || error?.kind == .other)
        #expect(
            storeError { try store.database.execute("INSERT INTO head VALUES (2, 1, 1)") } != nil)
    }

    @Test func `marks the file as Martlet's, with its version`() throws {
        let store = try open()
        defer { store.close() }
        #expect(try store.database.integer("PRAGMA application_id") == 0x4D52_544C)
        #expect(try store.database.integer("PRAGMA user_version") == 2)
        let mode = try store.database.statement("PRAGMA journal_mode")
        #expect(try mode.step() && mode.text(0) == "wal")
        mode.reset()
    }

    @Test func `keeps the epoch of a file, and draws another one for another file`() throws {
        var store = try open()
        let epoch = store.epoch
        #expect((1...13).contains(epoch.utf8.count))
        store.close()
        store = try open()
        #expect(store.epoch == epoch)
        store.close()
        let other = Folder()
        store = try EventStore.open(directory: other.path, synchronous: .off)
        #expect(store.epoch != epoch)
        store.close()
    }

    @Test func `refuses the file of a newer version and leaves it as it was`() throws {
        try open().close()
        try folder.alter("PRAGMA user_version = 3")
        let before = folder.read()
        let error = storeError { _ = try open() }
        #expect(error?.kind == .newerVersion)
        #expect(error?.description.contains("newer Martlet") == true)
        #expect(error?.description.contains(folder.file) == true)
        #expect(folder.read() == before)
        try folder.alter("PRAGMA user_version = 2")
        try open().close()
    }

    @Test func `refuses another program's file and leaves it as it was`() throws {
        try folder.alter("CREATE TABLE theirs (id INTEGER)")
        let before = folder.read()
        let error = storeError { _ = try open() }
        #expect(error?.kind == .notADatabase)
        #expect(error?.description.contains(folder.file) == true)
        #expect(folder.read() == before)
    }

    @Test func `refuses a file that is no database`() {
        folder.write(Array(repeating: 0x41, count: 8192))
        let error = storeError { _ = try open() }
        #expect(error?.kind == .notADatabase)
        #expect(error?.description.contains(folder.file) == true)
    }

    @Test func `takes an empty file for a new one`() throws {
        folder.write([])
        let store = try open()
        #expect(store.head == 0)
        store.close()
    }

    @Test func `makes the folders that are missing`() throws {
        let path = folder.path + "/a"
        let store = try EventStore.open(directory: path, synchronous: .off)
        #expect(store.path == path + "/martlet.db")
        store.close()
        for name in ["martlet.db", "martlet.lock"] { unlinkFile(path + "/" + name) }
        removeFolder(path)
    }

    @Test func `refuses a second store on one folder as long as the first is open`() throws {
        let first = try open()
        let error = storeError { _ = try open() }
        #expect(error?.kind == .busy)
        #expect(error?.description.contains(folder.path) == true)
        #expect(first.head == 0)
        first.close()
        try open().close()
    }

    @Test func `gives the lock back when it cannot open the file`() throws {
        folder.write(Array(repeating: 0x41, count: 8192))
        for _ in 0..<2 { #expect(storeError { _ = try open() }?.kind == .notADatabase) }
    }

    @Test func `refuses a log with a gap`() throws {
        let store = try open()
        let events = (0..<10).map { _ in NewEvent("a:1") }
        _ = try store.append([events], at: 1, retention: .all)
        store.close()
        try folder.alter("DELETE FROM events WHERE seq = 5")
        let again = try open()
        defer { again.close() }
        #expect(storeError { _ = try again.newest(count: 100, bytes: 1 << 20) }?.kind == .corrupt)
        #expect(try again.newest(count: 5, bytes: 1 << 20).map(\.sequence) == [6, 7, 8, 9, 10])
    }

    @Test(arguments: [
        "DELETE FROM meta",
        "DELETE FROM head",
        "UPDATE events SET seq = seq - 100",
    ])
    func `reports a file whose numbers cannot be instead of ending the process`(
        damage: String
    ) throws {
        let store = try open()
        _ = try store.append(
            [[NewEvent("a:1"), NewEvent("a:2")]], at: 1, retention: .all)
        store.close()
        try folder.alter(damage)
        #expect(storeError { _ = try open() }?.kind == .corrupt)
    }
}
