import TestSupport
import Testing

@testable import Records
@testable import Storage

@Suite(.timeLimit(.minutes(5)))
struct `The check of a store` {
    private func findings(_ folder: Folder) throws -> [String] {
        let file = try LogFile(at: folder.path)
        defer { file.close() }
        var findings: [String] = []
        let check = LogCheck(
            file, judge: { $0.data == Array("bad".utf8) ? "it is bad" : nil },
            onFinding: { findings.append($0) }, onProgress: { _, _, _ in })
        #expect(try check.run() == findings.count)
        return findings
    }

    private func filled() throws -> Fixture {
        let fixture = try Fixture()
        try fixture.append((1...30).map { NewEvent("post:\($0 % 4)", "a:1", isRetained: $0 < 9) })
        return fixture
    }

    @Test func `finds nothing in what a hub makes, whatever retention takes`() throws {
        let fixture = try Fixture()
        #expect(try findings(fixture.folder) == [])
        for count in [100, 40, 7, 0] {
            for index in 0..<60 {
                fixture.now += 1
                try fixture.append(
                    NewEvent(
                        "post:\(index % 7)", "post:x:*", isRetained: index % 5 == 0,
                        key: index % 3 == 0 ? "\(count) \(index)" : nil))
            }
            try fixture.pruneAll(.count(count))
            #expect(try findings(fixture.folder) == [])
            try fixture.reopen()
            #expect(try findings(fixture.folder) == [])
        }
    }

    @Test(arguments: [
        ("DELETE FROM events WHERE seq = 5", "events: 5 is missing"),
        ("DELETE FROM events WHERE seq IN (5, 6, 7)", "events: 5 to 7 are missing"),
        ("DELETE FROM events WHERE seq = 1", "events: 1 to 1 are missing at the log's start"),
        ("UPDATE head SET seq = 31", "events: 31 to 31 are missing at the log's end"),
        ("UPDATE head SET seq = -1", "head: its sequence is -1"),
        ("DELETE FROM head", "head: its row is missing"),
        ("DELETE FROM meta WHERE key = 'epoch'", "meta: there is no epoch"),
        ("UPDATE events SET data = CAST('bad' AS BLOB) WHERE seq = 20", "event 20: it is bad"),
        (
            "UPDATE events SET at = 5 WHERE seq = 20",
            "event 20: its time is before that of the event before it"
        ),
        (
            "INSERT INTO event_index_0(event_index_0, rowid, names) VALUES ('delete', 9, 'a:1')",
            "event 9: event_index does not have it for \"a:1\""
        ),
        (
            "INSERT INTO event_index_0(rowid, names) VALUES (9, 'a:2')",
            "event_index: event 9 is not there, or not one of \"a:2\""
        ),
        (
            "INSERT INTO event_index_0(rowid, names) VALUES (99, 'a:1')",
            "event_index: event 99 is not there, or not one of \"a:1\""
        ),
        (
            "UPDATE retained SET seq = 99 WHERE resource = 'a:1'",
            "retained: \"a:1\", \"update\": there was no event 99"
        ),
        (
            "UPDATE retained SET name = 'x' WHERE resource = 'a:1'",
            "retained: \"a:1\", \"x\": it is not what event 8 says"
        ),
        (
            "UPDATE retained SET resource = 'a:2' WHERE resource = 'a:1'",
            "retained: \"a:2\", \"update\": event 8 does not name it"
        ),
        (
            "INSERT INTO idempotency VALUES ('k', 99, 1)",
            "idempotency: \"k\": there was no event 99"
        ),
    ])
    func `names what is damaged`(statement: String, finding: String) throws {
        let fixture = try filled()
        #expect(try findings(fixture.folder) == [])
        try fixture.folder.alter(statement)
        #expect(try findings(fixture.folder).contains(finding))
    }

    @Test func `goes on with the next part when one cannot be read`() throws {
        let fixture = try filled()
        try fixture.folder.alter(
            """
            PRAGMA foreign_keys = OFF; DROP TABLE idempotency; DROP TABLE retained;
            DELETE FROM events WHERE seq = 5
            """)
        let findings = try findings(fixture.folder)
        #expect(findings.contains { $0.hasPrefix("retained cannot be read: ") })
        #expect(findings.contains { $0.hasPrefix("idempotency cannot be read: ") })
        #expect(findings.contains("events: 5 is missing"))
    }

    @Test func `shows names from the file on one line`() {
        #expect("a\nb\u{9B}".quoted == "\"a\u{FFFD}b\u{FFFD}\"")
        #expect(String(repeating: "x", count: 81).quoted.hasSuffix("x…\""))
    }
}
