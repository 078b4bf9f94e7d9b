extension EventStore {
    /// Does all writes in one transaction, in order; their events get sequences without gaps.
    ///
    /// A change that breaks a constraint or another rule of SQL fails alone; whatever concerns the file
    /// fails all.
    /// - Returns: what became of each write, and the time all events got, which never falls.
    /// - Throws: `StoreError`; then nothing is stored and no sequence is used up.
    package func append(
        _ writes: [Write], at now: Int64, retention: Retention
    ) throws(StoreError) -> (outcomes: [WriteOutcome], at: Int64) {
        let at = max(now, lastTime)
        let before = bounds
        bounds.lastTime = at
        do throws(StoreError) {
            let outcomes = try database.transaction { () throws(StoreError) in
                var outcomes: [WriteOutcome] = []
                outcomes.reserveCapacity(writes.count)
                for write in writes {
                    switch write {
                    case .events(let events): outcomes.append(.stored(try append(events, at: at)))
                    case .change(let change): outcomes.append(try perform(change, at: at))
                    }
                }
                if head != before.head {
                    // A little more than what came, so that what is too much shrinks under load too.
                    let excess = try excess(over: retention, now: at)
                    try deleteOldest(min(excess, Int(head - before.head) * 2))
                    try indexNewest()
                }
                return outcomes
            }
            return (outcomes, at)
        } catch {
            bounds = before
            throw error
        }
    }

    private func append(_ events: [NewEvent], at: Int64) throws(StoreError) -> [EventPlacement] {
        var places: [EventPlacement] = []
        for event in events { places.append(try append(event, at: at)) }
        return places
    }

    private func perform(
        _ change: (RecordStore) throws(StoreError) -> [NewEvent], at: Int64
    ) throws(StoreError) -> WriteOutcome {
        let before = head
        do throws(StoreError) {
            return .stored(
                try database.savepoint { () throws(StoreError) in
                    try append(try change(RecordStore(database, at: at)), at: at)
                })
        } catch {
            guard error.kind == .constraint || error.kind == .other, !database.isIdle else {
                throw error
            }
            bounds.head = before
            return .failed(error)
        }
    }

    func append(_ event: NewEvent, at: Int64) throws(StoreError) -> EventPlacement {
        if let key = event.key, let first = try placement(ofKey: key, now: at) { return first }
        if event.isTransient {
            if let key = event.key { try remember(key, sequence: nil, at: at) }
            return .transient
        }
        bounds.head += 1
        let sequence = Int64(head)
        let resources =
            event.resources.count == 1
            ? event.resources[0] : event.resources.joined(separator: ",")
        let insert = statements.insertEvent
        insert.bind(1, sequence)
        insert.bind(2, at)
        insert.bind(3, event.name)
        insert.bind(4, resources)
        insert.bind(5, event.data)
        insert.bind(6, event.coalesceKey)
        try insert.run()
        if event.isRetained { try retain(event, resources, at: at) }
        if let key = event.key { try remember(key, sequence: sequence, at: at) }
        return .stored(sequence: head)
    }

    private func retain(
        _ event: NewEvent, _ resources: String, at: Int64
    ) throws(StoreError) {
        let retain = statements.retain
        for resource in event.resources {
            retain.bind(1, resource)
            retain.bind(2, event.name)
            retain.bind(3, String(kind(of: resource)))
            retain.bind(4, Int64(head))
            retain.bind(5, at)
            retain.bind(6, resources)
            retain.bind(7, event.data)
            try retain.run()
        }
    }

    private func placement(
        ofKey key: String, now: Int64
    ) throws(StoreError) -> EventPlacement? {
        let find = statements.findKey
        defer { find.reset() }
        find.bind(1, key)
        guard try find.step(), now - find.integer(1) <= Self.keyLifetime else { return nil }
        return .repeated(sequence: find.isNull(0) ? nil : UInt64(find.integer(0)))
    }

    private func remember(
        _ key: String, sequence: Int64?, at: Int64
    ) throws(StoreError) {
        statements.insertKey.bind(1, key)
        statements.insertKey.bind(2, sequence)
        statements.insertKey.bind(3, at)
        try statements.insertKey.run()
    }
}
