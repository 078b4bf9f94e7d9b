import Glibc
import TestSupport
import Testing

@testable import Schemas

@Suite(.timeLimit(.minutes(1)))
struct SchemaFileTests {
    @Test
    func `tables have their columns, keys and links; views are names`() throws {
        let file = try Sample(
            """
            CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, at);
            CREATE INDEX orders_at ON orders (at);
            CREATE VIEW late AS SELECT * FROM orders;
            """)
        let schema = try SchemaFile.read(file.path)
        #expect(schema.tables.map(\.name) == ["customers", "orders"])
        #expect(
            schema.tables[0].columns == [
                .init(name: "id", type: "INTEGER", isRequired: false, isKey: true),
                .init(name: "name", type: "TEXT", isRequired: true, isKey: false),
            ])
        #expect(schema.tables[1].links == [.init(column: "customer", table: "customers")])
        #expect(schema.tables[1].indexes == 1)
        #expect(schema.views == ["late"])
    }

    @Test
    func `what a schema names is not run`() throws {
        let file = try Sample(
            """
            CREATE TABLE t (a DEFAULT (hex(randomblob(1000000000))),
                b AS (abs(a)) STORED, c CHECK (length(zeroblob(a)) < 9));
            CREATE INDEX i ON t (abs(a)) WHERE abs(a) > 3;
            CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END;
            CREATE VIEW v AS SELECT load_extension('/tmp/evil.so') FROM t;
            CREATE VIEW w AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)
                SELECT count(*) FROM r;
            """)
        let schema = try SchemaFile.read(file.path)
        #expect(schema.tables.map(\.name) == ["t"])
        #expect(schema.tables[0].columns.map(\.name) == ["a", "b", "c"])
        #expect(schema.views == ["v", "w"])
    }

    @Test
    func `too many tables are refused with their number`() throws {
        var limits = SchemaLimits()
        limits.tables = 10
        let file = try Sample((0..<11).map { "CREATE TABLE t\($0) (a);" }.joined())
        #expect(refusal(file, limits) == "The database has 11 tables; at most 10 are read.")
    }

    @Test
    func `a schema is measured before it is parsed`() throws {
        let file = try Sample((0..<3000).map { "CREATE TABLE t\($0) (a);" }.joined())
        var limits = SchemaLimits()
        limits.entries = 2999
        #expect(refusal(file, limits)?.contains("more than 2999 tables, indexes") == true)
        limits.entries = 3000
        limits.tables = 3000
        #expect(refusal(file, limits) == nil)
        limits.text = 3000
        #expect(refusal(file, limits)?.contains("more than 3000 bytes") == true)
    }

    @Test
    func `work ends at its limit, and when it is cancelled`() throws {
        let file = try Sample((0..<1000).map { "CREATE TABLE t\($0) (a);" }.joined())
        var limits = SchemaLimits()
        limits.instructions = 2000
        #expect(refusal(file, limits)?.contains("more than 2000 steps") == true)
        #expect(throws: SchemaError.self) {
            try SchemaFile.read(file.path) { true }
        }
    }

    @Test
    func `what is no whole database fails with a sentence, however it is bent`() throws {
        let file = try Sample(
            (0..<60).map { "CREATE TABLE t\($0) (a INTEGER PRIMARY KEY, b TEXT);" }.joined())
        let whole = try file.bytes()
        var random = SeededNumbers(seed: 7)
        for _ in 0..<400 {
            var bent = whole
            if random.next() % 4 == 0 { bent.removeLast(Int(random.next() % UInt64(bent.count))) }
            for _ in 0..<(1 + random.next() % 8) where !bent.isEmpty {
                bent[Int(random.next() % UInt64(bent.count))] = UInt8(
                    truncatingIfNeeded: random.next())
            }
            try file.write(bent)
            if let sentence = refusal(file, SchemaLimits()) { #expect(sentence.hasSuffix(".")) }
        }
        try file.write((0..<8192).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        #expect(refusal(file, SchemaLimits()) != nil)
        try file.write([])
        #expect(refusal(file, SchemaLimits()) != nil)
    }

    @Test
    func `a sparse file of two gigabytes is read no further than its schema`() throws {
        let file = try Sample("CREATE TABLE t (a);")
        try #require(unsafe truncate(file.path, 2 << 30) == 0)
        #expect(refusal(file, SchemaLimits()) == nil)
        let empty = try Sample("CREATE TABLE t (a);")
        try empty.write([])
        try #require(unsafe truncate(empty.path, 2 << 30) == 0)
        #expect(refusal(empty, SchemaLimits()) != nil)
    }

    private func refusal(_ file: Sample, _ limits: SchemaLimits) -> String? {
        do throws(SchemaError) {
            _ = try SchemaFile.read(file.path, limits: limits)
            return nil
        } catch {
            return error.description
        }
    }
}
