// What is asked of the log before an event is published, and what ends and forgets a resource. All
// of it happens within the writer's transaction, so the answers hold for the events that the same
// transaction stores.

package import Records

/// The resources that have ended, and what publishing to a resource depends on.
struct EndTable {
    let database: Database

    /// Notes that resources have ended with the event `sequence`; 0 for one that was never here.
    func add(_ resources: [String], with sequence: UInt64) throws(LogUnavailable) {
        let insert = try database.statement(
            """
            INSERT INTO ended VALUES (?1, ?2)
            ON CONFLICT (resource) DO UPDATE SET seq = excluded.seq
            """)
        for resource in resources {
            insert.bind(1, resource)
            insert.bind(2, Int64(sequence))
            try insert.run()
        }
    }

    func contains(_ resource: String) throws(LogUnavailable) -> Bool {
        let find = try database.statement("SELECT 1 FROM ended WHERE resource = ?1")
        defer { find.reset() }
        find.bind(1, resource)
        return try find.step()
    }

    /// Returns the sequence of the newest event of a resource; 0 when none is kept.
    ///
    /// `oldest` is the log's first sequence. State at `time`, in milliseconds since 1970, may be
    /// older than the log, and counts too.
    func newestSequence(
        of resource: String, downTo oldest: UInt64, at time: Int64
    ) throws(LogUnavailable) -> UInt64 {
        let state = try database.statement(
            """
            SELECT max(seq) FROM retained
            WHERE resource = ?1 AND (expires_at IS NULL OR expires_at > ?2)
            """)
        defer { state.reset() }
        state.bind(1, resource)
        state.bind(2, time)
        let stated: UInt64 = try state.step() ? UInt64(clamping: state.integer(0)) : 0
        return max(stated, try EventIndex(database).newest(of: resource, downTo: oldest))
    }

    /// Forgets that a resource has ended, and its state.
    func forget(_ resource: String) throws(LogUnavailable) {
        for table in ["ended", "retained"] {
            let delete = try database.statement("DELETE FROM \(table) WHERE resource = ?1")
            delete.bind(1, resource)
            try delete.run()
        }
    }
}

extension StoreTransaction {
    /// Whether an event with this key was published within the time for which keys are kept.
    package func hasKey(_ key: String) throws(LogUnavailable) -> Bool {
        try store.placement(ofKey: key, now: at) != nil
    }

    package func isEnded(_ resource: String) throws(LogUnavailable) -> Bool {
        try store.ends.contains(resource)
    }

    /// Returns the sequence of the newest event of a resource; 0 when none is kept.
    package func newestSequence(of resource: String) throws(LogUnavailable) -> UInt64 {
        try store.ends.newestSequence(
            of: resource, downTo: store.oldest, at: store.lastTime)
    }

    /// The last sequence given, by this transaction too.
    package var lastSequence: UInt64 { store.head }

    /// Forgets that a resource has ended, and its state.
    package func forget(_ resource: String) throws(LogUnavailable) {
        try store.ends.forget(resource)
    }
}
