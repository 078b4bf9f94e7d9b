extension EventStore {
    /// Stores all events of all submissions in one transaction, in order, under sequences without gaps.
    ///
    /// - Returns: where each event came to be, and the time they all got, which never falls.
    /// - Throws: `StoreError`; then nothing is stored and no sequence is used up.
    package func append(
        _ submissions: [[NewEvent]], at now: Int64, retention: Retention
    ) throws(StoreError) -> (placements: [[EventPlacement]], at: Int64) {
        let at = max(now, lastTime)
        let before = head
        let (oldestBefore, timeBefore) = (oldest, lastTime)
        lastTime = at
        do throws(StoreError) {
            let placements = try database.transaction { () throws(StoreError) in
                var placements: [[EventPlacement]] = []
                placements.reserveCapacity(submissions.count)
                for submission in submissions {
                    var places: [EventPlacement] = []
                    for event in submission { places.append(try append(event, at: at)) }
                    placements.append(places)
                }
                if head != before {
                    // A little more than what came, so that what is too much shrinks under load too.
                    let excess = try excess(over: retention, now: at)
                    try deleteOldest(min(excess, Int(head - before) * 2))
                }
                return placements
            }
            return (placements, at)
        } catch {
            head = before
            oldest = oldestBefore
            lastTime = timeBefore
            throw error
        }
    }

    private func append(_ event: NewEvent, at: Int64) throws(StoreError) -> EventPlacement {
        if let key = event.key, let first = try placement(ofKey: key, now: at) { return first }
        if event.isTransient {
            if let key = event.key { try remember(key, sequence: nil, at: at) }
            return .transient
        }
        head += 1
        let sequence = Int64(head)
        let resources = event.resources.joined(separator: ",")
        let insert = statements.insertEvent
        insert.bind(1, sequence)
        insert.bind(2, at)
        insert.bind(3, event.name)
        insert.bind(4, resources)
        insert.bind(5, event.data)
        insert.bind(6, event.coalesceKey)
        try insert.run()
        for name in Self.indexNames(of: event.resources) {
            statements.insertResource.bind(1, name)
            statements.insertResource.bind(2, sequence)
            try statements.insertResource.run()
        }
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

    /// The names under which an event is found: its resources, and each of their kinds once.
    static func indexNames(of resources: [String]) -> [String] {
        guard resources.count > 1 else {
            return resources + resources.map { kind(of: $0) + ":*" }
        }
        return resources + Set(resources.map(kind)).map { $0 + ":*" }
    }
}
