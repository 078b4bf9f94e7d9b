import TestSupport
import Testing

@testable import Records
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
            WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT strict
            """
        #expect(try store.database.integer(lax) == 0)
        let all = """
            SELECT count(*) FROM pragma_table_list
            WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'
            """
        #expect(try store.database.integer(all) == 15)
        let error = storeError {
            try store.database.execute(
                "INSERT INTO events (seq, at, name, resources, data) VALUES ('x', 1, 'a', 'b', x'00')"
            )
        }
        #expect(error?.kind == .constraint || error?.kind == .other)
        #expect(
            storeError { try store.database.execute("INSERT INTO head VALUES (2, 1, 1)") } != nil)
    }

    @Test func `marks the file as Martlet's, with its version`() throws {
        let store = try open()
        defer { store.close() }
        #expect(try store.database.integer("PRAGMA application_id") == 0x4D52_544C)
        #expect(try store.database.integer("PRAGMA user_version") == 6)
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
        try folder.alter("PRAGMA user_version = 7")
        let before = folder.read()
        let error = storeError { _ = try open() }
        #expect(error?.kind == .newerVersion)
        #expect(error?.description.contains("newer Martlet") == true)
        #expect(error?.description.contains(folder.file) == true)
        #expect(folder.read() == before)
        try folder.alter("PRAGMA user_version = 6")
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

    // MARK: Older files

    /// A file as the first version made it, with three events, of which one is state, and a key.
    private static let first = """
        PRAGMA journal_mode = WAL;
        BEGIN;
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL,
            at INTEGER NOT NULL) STRICT;
        INSERT INTO head VALUES (1, 2, 900);
        CREATE TABLE events (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL,
            resources TEXT NOT NULL, data BLOB NOT NULL, coalesce_key TEXT) STRICT;
        CREATE TABLE event_resources (resource TEXT NOT NULL, seq INTEGER NOT NULL,
            PRIMARY KEY (resource, seq)) STRICT, WITHOUT ROWID;
        CREATE TABLE retained (resource TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
            seq INTEGER NOT NULL, at INTEGER NOT NULL, resources TEXT NOT NULL, data BLOB NOT NULL,
            UNIQUE (resource, name)) STRICT;
        CREATE INDEX retained_by_kind ON retained (kind, seq);
        CREATE INDEX retained_by_age ON retained (at);
        CREATE TABLE idempotency (key TEXT PRIMARY KEY, seq INTEGER, at INTEGER NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE INDEX idempotency_by_age ON idempotency (at);
        INSERT INTO meta VALUES ('epoch', 'k3f9');
        INSERT INTO events VALUES (3, 1000, 'update', 'a:1', x'31', NULL),
            (4, 1000, 'update', 'a:2', x'32', 'c'), (5, 1001, 'update', 'a:1', x'33', NULL);
        INSERT INTO event_resources VALUES ('a:1', 3), ('a:*', 3), ('a:2', 4), ('a:*', 4),
            ('a:1', 5), ('a:*', 5);
        INSERT INTO retained VALUES ('a:1', 'update', 'a', 5, 1001, 'a:1', x'33');
        INSERT INTO idempotency VALUES ('k', 4, 1000);
        PRAGMA application_id = 0x4D52544C;
        PRAGMA user_version = 1;
        COMMIT;
        """

    @Test func `brings a file of the first version to this one, with all that is in it`() throws {
        try folder.alter(Self.first)
        for _ in 0..<2 {
            let store = try open()
            let reader = try EventReader.open(directory: folder.path)
            #expect(try store.database.integer("PRAGMA user_version") == 6)
            #expect(store.epoch == "k3f9")
            #expect(store.head == 5 && store.oldest == 3 && store.lastTime == 1_001)
            let newest = try store.newest(count: 9, bytes: 1_000)
            #expect(newest.map(\.text) == ["1", "2", "3"])
            #expect(newest.map(\.coalesceKey) == [nil, "c", nil])
            #expect(newest.allSatisfy { $0.mark == nil })
            let state = try reader.state(selectors: ["a:*"], after: 0, upTo: 5, limit: 9)
            #expect(state.map(\.sequence) == [5])
            #expect(try RecordTables(store.database, at: 1).jobs.nextDue() == nil)
            reader.close()
            store.close()
        }
    }

    @Test func `can be looked into without being upgraded`() throws {
        try folder.alter(Self.first)
        let file = try LogFile(at: folder.path)
        #expect(file.version == 1)
        let page = try file.page(after: 0, matching: ["a:1"], limit: 9)
        #expect(page.records.map(\.sequence) == [3, 5])
        #expect(try file.cursor(beforeLast: 1, matching: ["a:*"]) == 4)
        let figures = try file.figures()
        #expect(figures.resourceCount == 2 && figures.kindCount == 1)
        let export = try LogExport(file, after: 0, matching: ["a:2"])
        #expect(try export.next()?.record.sequence == 4)
        #expect(try export.next() == nil)
        export.close()
        let check = LogCheck(
            file, judge: { _ in nil }, onFinding: { Issue.record("\($0)") },
            onProgress: { _, _, _ in })
        #expect(try check.run() == 0)
        file.close()
        #expect(try Database(path: folder.file).integer("PRAGMA user_version") == 1)
    }

    @Test func `builds the index of a log that an older version wrote`() throws {
        try folder.alter(
            Self.first + """
                WITH RECURSIVE n (seq) AS (SELECT 6 UNION ALL SELECT seq + 1 FROM n LIMIT 120000)
                INSERT INTO events SELECT seq, 1001, 'update', 'a:' || (seq % 3), x'31', NULL FROM n;
                """)
        var store = try open()
        // Before it is built, events are found as well.
        let reader = try EventReader.open(directory: folder.path)
        let page = {
            try reader.page(
                after: 119_990, upTo: 120_005, selectors: ["a:1"], limit: 9, byteLimit: 999)
        }
        #expect(store.isIndexBehind)
        #expect(
            try page()?.records.map(\.sequence) == [119_992, 119_995, 119_998, 120_001, 120_004])
        try store.indexRest()
        #expect(!store.isIndexBehind)
        #expect(try IndexParts(store.database).end == 120_005)
        store.close()
        store = try open()
        #expect(!store.isIndexBehind)
        #expect(
            try page()?.records.map(\.sequence) == [119_992, 119_995, 119_998, 120_001, 120_004])
        reader.close()
        store.close()
    }

    @Test func `makes of the first version's file the very tables of a new one`() throws {
        try folder.alter(Self.first)
        let migrated = try open()
        let other = Folder()
        let new = try EventStore.open(directory: other.path, synchronous: .off)
        let sql = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
        let read = { (store: EventStore) throws in
            try store.database.statement(sql).rows { row in
                [row.text(0), row.text(1), row.text(2)]
            }
        }
        #expect(try read(migrated) == read(new))
        #expect(migrated.emptyPages == new.emptyPages)
        migrated.close()
        new.close()
    }

    @Test func `goes on in a file of the first version where its log ended`() throws {
        try folder.alter(Self.first)
        let store = try open()
        defer { store.close() }
        let change = Write.change { records throws(LogUnavailable) in
            let job = try records.jobs.insert(
                NewJob(kind: "post", input: [1]), id: "j", at: records.now)
            try records.media.insert(
                MediaRecord(id: "m", type: "image/png", bytes: [1, 2], at: records.now))
            return [NewEvent("job:\(job.id)", isRetained: true)]
        }
        let (outcomes, at) = try store.append(
            [change, .events([NewEvent("a:1", key: "k")])], at: 500, retention: .all)
        #expect(at == 1_001)
        #expect(
            outcomes == [.stored([.stored(sequence: 6)]), .stored([.repeated(sequence: 4)])])
        #expect(try store.database.integer(Schema.mediaBytesQuery) == 2)
    }

    @Test func `leaves a file of the first version as it was when it cannot be changed`() throws {
        // Its second migration meets a table that it did not expect.
        try folder.alter(Self.first + "CREATE TABLE posts (id INTEGER);")
        #expect(storeError { _ = try open() } != nil)
        let database = try Database(path: folder.file)
        defer { database.close() }
        #expect(try database.integer("PRAGMA user_version") == 1)
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('jobs', 'media')"
        #expect(try database.integer(tables) == 0)
        #expect(try database.integer("SELECT count(*) FROM events") == 3)
    }
}
