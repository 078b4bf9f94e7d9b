package import Records

extension EventStore {
    /// Runs `body` in one transaction.
    ///
    /// If it has stored events, the same transaction deletes up to twice as many of the oldest that
    /// are beyond `retention`, and indexes what is due.
    /// - Returns: what `body` returned.
    /// - Throws: `LogUnavailable`; then nothing is stored and no sequence is used up.
    package func write<Value>(
        at now: Int64, retention: Retention,
        _ body: (StoreTransaction) throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Value {
        try transaction { () throws(LogUnavailable) in
            let at = max(now, lastTime)
            let before = head
            bounds.lastTime = at
            let value = try body(StoreTransaction(store: self, at: at))
            if head != before {
                // Up to twice as many as came, so that an excess shrinks under load as well.
                let excess = try excess(over: retention, now: at)
                try deleteOldest(min(excess, Int(head - before) * 2))
                try indexNewest()
            }
            return value
        }
    }

    /// Runs `body` in a transaction; if it fails, `bounds` and the cached size are set back as
    /// well.
    func transaction<Value>(
        _ body: () throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Value {
        try overwriteRemains()
        let before = bounds
        let written = database.pagesWritten
        do throws(LogUnavailable) {
            let value = try database.transaction(body)
            if head != before.head { noteAcknowledged() }
            return value
        } catch {
            bounds = before
            usage.forget()
            publishers.forget()
            remains.note(error, pages: database.pagesWritten &- written)
            throw error
        }
    }

    /// Appends an event; an import says which of its resources it is state of, and which it ends,
    /// where these are not all.
    func append(
        _ event: NewEvent, at: Int64, stateOf stated: [String]? = nil, endOf ended: [String]? = nil
    ) throws(LogUnavailable) -> EventPlacement {
        if let key = event.key, let first = try placement(ofKey: key, now: at) { return first }
        if event.isTransient {
            if let key = event.key { try remember(key, sequence: nil, at: at) }
            return .transient
        }
        bounds.head += 1
        let sequence = Int64(head)
        let insert = statements.insertEvent
        insert.bind(1, sequence)
        insert.bind(2, at)
        insert.bind(3, event.name)
        insert.bind(4, event.resourceList)
        insert.bind(5, event.data)
        insert.bind(6, event.coalesceKey)
        insert.bind(7, event.mark)
        let publisher = try event.publisher.map { name throws(LogUnavailable) in
            try publishers.number(of: name, in: database)
        }
        insert.bind(8, publisher)
        try insert.run()
        var list = event.resourceList
        list.withUTF8 { unsafe unindexed.append(head, list: $0.span) }
        if event.isEnd || event.lifetime != nil { try note(event, at: at) }
        if event.isRetained {
            try retain(event, stated ?? names(in: event.resourceList), publisher, at: at)
        }
        if event.isEnd {
            try ends.add(ended ?? names(in: event.resourceList), with: head)
        }
        if let key = event.key { try remember(key, sequence: sequence, at: at) }
        return .stored(sequence: head)
    }

    /// Adds to the event that was just stored what few events have.
    private func note(_ event: NewEvent, at: Int64) throws(LogUnavailable) {
        let update = try database.statement(
            "UPDATE events SET is_end = ?2, expires_at = ?3 WHERE seq = ?1")
        update.bind(1, Int64(head))
        update.bind(2, event.isEnd ? 1 : nil as Int64?)
        update.bind(3, event.lifetime.map { at + $0 })
        try update.run()
    }

    private func retain(
        _ event: NewEvent, _ resources: [String], _ publisher: Int64?, at: Int64
    ) throws(LogUnavailable) {
        let retain = statements.retain
        for resource in resources {
            retain.bind(1, resource)
            retain.bind(2, event.name)
            retain.bind(3, String(kind(of: resource)))
            retain.bind(4, Int64(head))
            retain.bind(5, at)
            retain.bind(6, event.resourceList)
            retain.bind(7, event.data)
            retain.bind(8, event.mark)
            retain.bind(9, publisher)
            retain.bind(10, event.lifetime.map { at + $0 })
            try retain.run()
        }
    }

    func placement(
        ofKey key: String, now: Int64
    ) throws(LogUnavailable) -> EventPlacement? {
        let find = statements.findKey
        defer { find.reset() }
        find.bind(1, key)
        guard try find.step(), now - find.integer(1) <= Self.keyLifetime else { return nil }
        return .repeated(sequence: find.isNull(0) ? nil : UInt64(find.integer(0)))
    }

    private func remember(
        _ key: String, sequence: Int64?, at: Int64
    ) throws(LogUnavailable) {
        statements.insertKey.bind(1, key)
        statements.insertKey.bind(2, sequence)
        statements.insertKey.bind(3, at)
        try statements.insertKey.run()
    }
}

/// The writes that are possible within one transaction of the store; of no use after it.
package struct StoreTransaction {
    let store: EventStore
    /// The time of all its events in milliseconds since 1970, which never falls.
    package let at: Int64

    init(store: EventStore, at: Int64) {
        self.store = store
        self.at = at
    }

    /// Stores an event under the next sequence, unless it is transient or its key was used before.
    package func append(_ event: NewEvent) throws(LogUnavailable) -> EventPlacement {
        try store.append(event, at: at)
    }

    /// Changes the records and stores the events that announce the change, both or neither.
    ///
    /// - Returns: where the events were placed, or the change's own fault: it broke a constraint or
    ///   another rule of SQL. Then nothing of the change is stored and the transaction goes on.
    /// - Throws: `LogUnavailable` when it concerns the file, and so the whole transaction.
    package func change(
        _ change: (any RecordStore) throws(LogUnavailable) -> [NewEvent]
    ) throws(LogUnavailable) -> Result<[EventPlacement], LogUnavailable> {
        let before = store.head
        do throws(LogUnavailable) {
            return .success(
                try store.database.savepoint { () throws(LogUnavailable) in
                    var placements: [EventPlacement] = []
                    for event in try change(RecordTables(store.database, at: at)) {
                        placements.append(try append(event))
                    }
                    return placements
                })
        } catch {
            guard error.isFaultOfChange, !store.database.isIdle else { throw error }
            store.bounds.head = before
            store.publishers.forget()
            return .failure(error)
        }
    }
}
