// events           the log: one row per durable event, by sequence. What few events have is null
//                  for the others:
//                    mark         what the event means for streams that follow it; only the hub
//                                 sets it
//                    is_end       1 for the last event of its resources
//                    expires_at   when it is of no use any more, in milliseconds since 1970
//                    trace        W3C traceparent: version, trace id, parent id and flags in 26
//                                 bytes
//                    publisher    who published it, a number of `publishers`
// event_index_0 to 3, event_index_parts
//                  which events concern a resource or a kind (see EventIndex)
// publishers       the names of those who publish, each once
// retained         the newest event of each resource and name, until it expires
// ended            the resources that have ended, with the sequence of their last event (0: it was
//                  never in this log); a row lasts until the resource is forgotten
// idempotency      keys that were used, with the sequence they gave (null: transient)
// meta             the epoch, how the last session ended, and the size of all pictures
// jobs             work that runs in the background, with its figures
// job_data         the input, result and text of a job: kept apart, so that a figure is cheap to
//                  write
// job_steps        the results of a job's finished steps, so that no attempt does them again
// sessions, influencers, posts, media
//                  the records that the pipelines make
// head             the last sequence and time at the last deletion, which must survive that of
//                  every event

internal import CSQLite
internal import Records

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

    /// The first format in which resources end.
    static let firstVersionWithEnds = 5

    /// Bytes of all pictures together.
    static let mediaBytesQuery = "SELECT value FROM meta WHERE key = 'media_bytes'"
    /// The pages of a store in which nothing is kept: each table and index has one.
    static let emptyPagesQuery = "SELECT count(*) FROM sqlite_schema WHERE rootpage > 0"

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
        """,
        """
        CREATE TABLE jobs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL, is_external INTEGER NOT NULL, key TEXT,
            priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 4),
            state TEXT NOT NULL CHECK (state IN
                ('queued', 'scheduled', 'running', 'succeeded', 'failed', 'cancelled')),
            step TEXT, message TEXT,
            progress REAL NOT NULL CHECK (progress BETWEEN 0 AND 100),
            attempt INTEGER NOT NULL, max_attempts INTEGER NOT NULL, interrupted INTEGER NOT NULL,
            current_tokens INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL, tokens_per_second REAL, elapsed INTEGER NOT NULL,
            eta INTEGER, content_length INTEGER NOT NULL, content_rate REAL,
            error TEXT, errors TEXT NOT NULL, model TEXT, lease TEXT, lease_until INTEGER,
            created_at INTEGER NOT NULL, run_at INTEGER NOT NULL, started_at INTEGER,
            finished_at INTEGER,
            CHECK ((finished_at IS NOT NULL) = (state IN ('succeeded', 'failed', 'cancelled'))),
            CHECK ((lease IS NOT NULL) = (state = 'running'))) STRICT;
        CREATE UNIQUE INDEX jobs_by_key ON jobs (key)
            WHERE key IS NOT NULL AND state NOT IN ('failed', 'cancelled');
        CREATE INDEX jobs_ready ON jobs (kind, priority, number) WHERE state = 'queued';
        CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'scheduled';
        CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'running';
        CREATE INDEX jobs_by_state ON jobs (state, number);
        CREATE INDEX jobs_by_kind ON jobs (kind, number);
        CREATE INDEX jobs_by_kind_and_state ON jobs (kind, state, number);
        CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;
        CREATE INDEX jobs_past ON jobs (kind, model, finished_at, elapsed, output_tokens)
            WHERE state = 'succeeded';
        CREATE TABLE job_data (job INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
            input BLOB NOT NULL, result BLOB, content TEXT) STRICT;
        CREATE TABLE job_steps (job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
            name TEXT NOT NULL, result BLOB NOT NULL, PRIMARY KEY (job, name)) STRICT, WITHOUT ROWID;
        CREATE TABLE sessions (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            prompt TEXT NOT NULL, status TEXT NOT NULL, avatar_count INTEGER NOT NULL,
            avatars TEXT NOT NULL, avatar INTEGER, persona BLOB, error TEXT, job TEXT,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
        CREATE TABLE influencers (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            session TEXT NOT NULL UNIQUE, name TEXT NOT NULL, avatar_url TEXT NOT NULL,
            persona BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT;
        CREATE TABLE posts (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            influencer TEXT NOT NULL, prompt TEXT NOT NULL, status TEXT NOT NULL, content TEXT,
            image_urls TEXT NOT NULL, error TEXT, job TEXT, created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL) STRICT;
        CREATE INDEX posts_by_influencer ON posts (influencer, number);
        CREATE TABLE media (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
            bytes BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT;
        INSERT INTO meta VALUES ('media_bytes', '0');
        """,
        """
        DROP TABLE event_resources;
        \(EventIndex.tables)
        """,
        // Without constraints and defaults: so no row is looked at, however long the log is.
        """
        ALTER TABLE events ADD COLUMN mark INTEGER;
        ALTER TABLE events ADD COLUMN is_end INTEGER;
        ALTER TABLE events ADD COLUMN expires_at INTEGER;
        ALTER TABLE events ADD COLUMN trace BLOB;
        ALTER TABLE events ADD COLUMN publisher INTEGER;
        ALTER TABLE retained ADD COLUMN mark INTEGER;
        ALTER TABLE retained ADD COLUMN expires_at INTEGER;
        ALTER TABLE retained ADD COLUMN publisher INTEGER;
        CREATE TABLE publishers (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        """,
        """
        CREATE TABLE ended (resource TEXT PRIMARY KEY, seq INTEGER NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE INDEX retained_by_expiry ON retained (expires_at) WHERE expires_at IS NOT NULL;
        """,
        """
        ALTER TABLE jobs ADD COLUMN counts TEXT;
        CREATE INDEX jobs_finished_by_kind ON jobs (kind, finished_at)
            WHERE finished_at IS NOT NULL;
        CREATE INDEX articles_by_hash ON jobs (substr(id, -12)) WHERE kind = 'article';
        """,
    ]

    /// Returns the version of a file's format, without changing the file.
    ///
    /// - Throws: `LogUnavailable` when the file is another program's or a newer Martlet's.
    static func version(of database: Database) throws(LogUnavailable) -> Int {
        let id = try database.integer("PRAGMA application_id") ?? 0
        let version = try database.integer("PRAGMA user_version") ?? 0
        let tables = try database.integer("SELECT count(*) FROM sqlite_schema") ?? 0
        guard id == applicationID || (id == 0 && tables == 0) else {
            throw LogUnavailable(
                .notADatabase,
                message: "\(database.path) is another program's SQLite file; "
                    + "choose another --data directory.")
        }
        guard (0...Int64(migrations.count)).contains(version) else {
            throw LogUnavailable(
                .newerVersion,
                message: "\(database.path) was written by a newer Martlet "
                    + "(format \(version), this one knows \(migrations.count)); run that one, or "
                    + "restore a backup.")
        }
        return Int(version)
    }

    /// Migrates a file to the newest format, in one transaction for each step.
    static func migrate(
        _ database: Database, from version: Int, newEpoch: String
    ) throws(LogUnavailable) {
        for index in version..<migrations.count {
            try database.transaction { () throws(LogUnavailable) in
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
