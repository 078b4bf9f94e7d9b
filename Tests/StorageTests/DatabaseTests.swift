import CSQLite
import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `A database connection` {
    private let folder = Folder()
    private let database: Database

    init() throws {
        database = try Database(path: folder.file)
        try database.execute(
            """
            PRAGMA foreign_keys = ON;
            CREATE TABLE a (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB) STRICT;
            CREATE TABLE b (a INTEGER REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED) STRICT;
            """)
    }

    private func count(_ table: String) throws -> Int64? {
        try database.integer("SELECT count(*) FROM \(table)")
    }

    @Test func `keeps a statement for the next time`() throws {
        let first = try database.statement("SELECT 1")
        #expect(try database.statement("SELECT 1") === first)
        #expect(try database.statement("SELECT 2") !== first)
    }

    @Test func `runs a kept statement again from its first row`() throws {
        let rows = try database.statement("VALUES (1), (2)")
        #expect(try rows.step())
        rows.reset()
        #expect(try rows.step() && rows.integer(0) == 1)
        #expect(try rows.step() && rows.integer(0) == 2)
        #expect(try rows.step() == false)
        #expect(try database.integer("VALUES (1), (2)") == 1)
    }

    @Test(arguments: ["", "a", "ü — 日本 🐦", "e\u{301}", "\u{600}", "a\0b", "'\"; --"])
    func `gives texts back byte for byte`(text: String) throws {
        let insert = try database.statement("INSERT INTO a VALUES (1, ?1, ?2)")
        insert.bind(1, text)
        insert.bind(2, Array(text.utf8))
        try insert.run()
        let row = try database.statement("SELECT text, bytes FROM a")
        #expect(try row.step())
        #expect(!row.isNull(0))
        #expect(Array(row.text(0).utf8) == Array(text.utf8))
        #expect(row.bytes(1) == Array(text.utf8))
        row.reset()
    }

    @Test func `keeps nothing apart from an empty text`() throws {
        let insert = try database.statement("INSERT INTO a VALUES (1, ?1, NULL)")
        insert.bind(1, nil as String?)
        try insert.run()
        #expect(try database.integer("SELECT text IS NULL FROM a") == 1)
    }

    @Test func `reports a broken rule with SQLite's code and the statement`() throws {
        let sql = "INSERT INTO a (id) VALUES (7)"
        try database.statement(sql).run()
        let error = storeError { try database.statement(sql).run() }
        #expect(error?.kind == .constraint)
        #expect(error?.code == SQLITE_CONSTRAINT | (6 << 8))
        #expect(error?.statement == sql)
        #expect(error?.message.contains("UNIQUE constraint failed: a.id") == true)
        #expect(error?.description.contains(sql) == true)
        let other = "INSERT INTO a (id) VALUES (8)"
        try database.statement(other).run()
        #expect(try count("a") == 2, "a statement that failed can be used again")
    }

    @Test func `reports SQL that is none`() {
        let error = storeError { _ = try database.statement("SELEC 1") }
        #expect(error?.kind == .other)
        #expect(error?.code == SQLITE_ERROR)
        #expect(error?.statement == "SELEC 1")
        #expect(storeError { _ = try database.statement("-- nothing") }?.kind == .other)
    }

    @Test func `reports a file that cannot be opened by its name`() {
        let path = folder.path + "/none/martlet.db"
        let error = storeError { _ = try Database(path: path) }
        #expect(error?.kind == .cannotOpen)
        #expect(error?.description.contains(path) == true)
    }

    @Test func `does not make a file that it is to read only`() {
        let path = folder.path + "/other.db"
        #expect(storeError { _ = try Database(path: path, readOnly: true) }?.kind == .cannotOpen)
    }

    @Test func `refuses to write what it reads only`() throws {
        let reader = try Database(path: folder.file, readOnly: true)
        defer { reader.close() }
        #expect(storeError { try reader.execute("DELETE FROM a") }?.kind == .readOnly)
    }

    @Test func `reports a file that is no database by its name`() throws {
        folder.write(Array(repeating: 0x41, count: 8192))
        let other = try Database(path: folder.file)
        defer { other.close() }
        let error = storeError { _ = try other.integer("SELECT count(*) FROM sqlite_schema") }
        #expect(error?.kind == .notADatabase)
        #expect(error?.code == SQLITE_NOTADB)
        #expect(error?.description.contains(folder.file) == true)
    }

    @Test func `reports that another connection holds the file`() throws {
        let other = try Database(path: folder.file)
        defer { other.close() }
        try other.execute("BEGIN IMMEDIATE")
        try database.execute("PRAGMA busy_timeout = 1")
        let error = storeError { try database.transaction { () throws(LogUnavailable) in } }
        #expect(error?.kind == .busy)
        try other.execute("COMMIT")
        try database.transaction { () throws(LogUnavailable) in }
    }

    @Test func `reports a full disk`() throws {
        let pages = try database.integer("PRAGMA page_count") ?? 0
        try database.execute("PRAGMA max_page_count = \(pages)")
        let error = storeError {
            try database.execute("INSERT INTO a VALUES (1, NULL, zeroblob(100000))")
        }
        #expect(error?.kind == .full)
        #expect(error?.code == SQLITE_FULL)
    }

    // MARK: Transactions

    @Test func `keeps what a transaction did when it returns`() throws {
        let value = try database.transaction { () throws(LogUnavailable) in
            try database.execute("INSERT INTO a (id) VALUES (1)")
            return 42
        }
        #expect(value == 42)
        #expect(try count("a") == 1)
    }

    @Test func `takes back what a transaction did when it throws`() throws {
        let cause = LogUnavailable(.other, message: "on purpose")
        let error = storeError {
            try database.transaction { () throws(LogUnavailable) in
                try database.execute("INSERT INTO a (id) VALUES (1)")
                throw cause
            }
        }
        #expect(error == cause)
        #expect(try count("a") == 0)
        try database.transaction { () throws(LogUnavailable) in }
    }

    @Test func `leaves no transaction open when its commit fails`() throws {
        let error = storeError {
            try database.transaction { () throws(LogUnavailable) in
                try database.execute("INSERT INTO b VALUES (99)")
            }
        }
        #expect(error?.kind == .constraint)
        #expect(error?.statement == "COMMIT")
        #expect(try count("b") == 0)
        try database.transaction { () throws(LogUnavailable) in
            try database.execute("INSERT INTO a (id) VALUES (1)")
        }
        #expect(try count("a") == 1)
    }

    @Test func `reads one unchanging view`() throws {
        try database.execute("PRAGMA journal_mode = WAL")
        let reader = try Database(path: folder.file, readOnly: true)
        defer { reader.close() }
        try reader.read { () throws(LogUnavailable) in
            #expect(try reader.integer("SELECT count(*) FROM a") == 0)
            try database.execute("INSERT INTO a (id) VALUES (1)")
            #expect(try reader.integer("SELECT count(*) FROM a") == 0)
        }
        #expect(try reader.integer("SELECT count(*) FROM a") == 1)
        #expect(
            storeError {
                try reader.read { () throws(LogUnavailable) in
                    throw LogUnavailable(.other, message: "")
                }
            } != nil)
        try reader.read { () throws(LogUnavailable) in }
    }
}
