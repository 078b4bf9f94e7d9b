// events           the log: one row per durable event, by sequence
// event_resources  which events concern a resource; and, as `kind:*`, a kind, so that patterns are read by index
//                  as well (no event can be published to that name)
// retained         the newest event of each resource and name
// idempotency      keys that were used, with the sequence they gave (null: transient)
// meta             the epoch
// head             the last sequence and time at the last deletion, which must survive that of every event

internal import CSQLite

/// The store's tables and how older files come to have them.
enum Schema {
    /// "MRTL": says that a file is Martlet's (`PRAGMA application_id`).
    static let applicationID: Int64 = 0x4D52_544C

    static let headQuery =
        "SELECT max((SELECT seq FROM head), coalesce((SELECT max(seq) FROM events), 0))"
    static let lastTimeQuery =
        """
        SELECT max((SELECT at FROM head),
            coalesce((SELECT at FROM events ORDER BY seq DESC LIMIT 1), 0))
        """

    private static let migrations = [
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL,
            at INTEGER NOT NULL) STRICT;
        INSERT INTO head VALUES (1, 0, 0);
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
        """
    ]

    /// The version of a file, which is only read.
    ///
    /// - Throws: `StoreError` when it is another program's, or a newer Martlet's.
    static func version(of database: Database) throws(StoreError) -> Int {
        let id = try database.integer("PRAGMA application_id") ?? 0
        let version = try database.integer("PRAGMA user_version") ?? 0
        let tables = try database.integer("SELECT count(*) FROM sqlite_schema") ?? 0
        guard id == applicationID || (id == 0 && tables == 0) else {
            throw StoreError(
                .notADatabase,
                message: "\(database.path) is another program's SQLite file; "
                    + "choose another --data directory.")
        }
        guard (0...Int64(migrations.count)).contains(version) else {
            throw StoreError(
                .newerVersion,
                message: "\(database.path) was written by a newer Martlet "
                    + "(format \(version), this one knows \(migrations.count)); run that one, or "
                    + "restore a backup.")
        }
        return Int(version)
    }

    /// Brings a file to this version.
    static func migrate(
        _ database: Database, from version: Int, newEpoch: String
    ) throws(StoreError) {
        for index in version..<migrations.count {
            try database.transaction { () throws(StoreError) in
                try database.execute(migrations[index])
                try database.execute("PRAGMA application_id = \(applicationID)")
                try database.execute("PRAGMA user_version = \(index + 1)")
                if index == 0 {
                    try database.execute("INSERT INTO meta VALUES ('epoch', '\(newEpoch)')")
                }
            }
        }
    }
}
