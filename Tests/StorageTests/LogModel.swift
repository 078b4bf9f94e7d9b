@testable import Records
@testable import Storage

/// What the store has to be, written down as plainly as possible: arrays, and every question by
/// looking at all.
struct LogModel {
    struct State: Equatable {
        let resource: String
        let record: EventRecord
    }

    private(set) var events: [EventRecord] = []
    private(set) var state: [State] = []
    private(set) var head: UInt64 = 0
    private var time: Int64 = 0
    private var keys: [(key: String, sequence: UInt64?, at: Int64)] = []

    var oldest: UInt64 { events.first?.sequence ?? head + 1 }

    mutating func append(
        _ submissions: [[NewEvent]], at now: Int64, retention: Retention
    ) -> (placements: [[EventPlacement]], at: Int64) {
        time = max(time, now)
        let before = head
        let placements = submissions.map { $0.map { append($0) } }
        let new = Int(head - before)
        if new > 0 { events.removeFirst(min(excess(over: retention, now: time), 2 * new)) }
        return (placements, time)
    }

    private mutating func append(_ event: NewEvent) -> EventPlacement {
        if let key = event.key {
            let known = keys.last { Self.isSame($0.key, key) && time - $0.at <= 86_400_000 }
            if let known { return .repeated(sequence: known.sequence) }
            keys.append((key, event.isTransient ? nil : head + 1, time))
        }
        if event.isTransient { return .transient }
        head += 1
        let record = EventRecord(
            sequence: head, at: time, name: event.name, resources: event.resources,
            data: event.data, coalesceKey: event.coalesceKey)
        events.append(record)
        if event.isRetained {
            let stateRecord = EventRecord(
                sequence: head, at: time, name: event.name, resources: event.resources,
                data: event.data, coalesceKey: nil)
            for resource in event.resources {
                state.removeAll {
                    Self.isSame($0.resource, resource) && $0.record.name == event.name
                }
                state.append(State(resource: resource, record: stateRecord))
            }
        }
        return .stored(sequence: head)
    }

    /// Goes on from the time that the store knows after a restart.
    ///
    /// - Returns: whether it may be that: only what was stored has left its time.
    mutating func restart(at time: Int64) -> Bool {
        defer { self.time = time }
        return (events.last?.at ?? 0)...self.time ~= time
    }

    private func excess(over retention: Retention, now: Int64) -> Int {
        let tooMany = events.count - min(events.count, retention.count)
        if tooMany > 0 { return tooMany }
        return events.prefix(500).filter { $0.at < now - retention.age }.count
    }

    /// What pruning until nothing is left to do comes to.
    mutating func prune(_ retention: Retention, now: Int64) {
        let now = max(now, time)
        events.removeFirst(events.count - min(events.count, retention.count))
        events.removeAll { $0.at < now - retention.age }
        state.removeAll { $0.record.at < now - retention.age }
        keys.removeAll { $0.at < now - 86_400_000 }
    }

    func page(
        after cursor: UInt64, upTo last: UInt64, selectors: [String], limit: Int
    ) -> EventRecordPage? {
        if cursor + 1 < oldest { return nil }
        let matching = events.filter { event in
            event.sequence > cursor && event.sequence <= last
                && selectors.contains { Self.matches($0, event.resources) }
        }
        let records = Array(matching.prefix(limit))
        return EventRecordPage(
            records: records,
            end: matching.count > limit ? records.last?.sequence ?? 0 : max(last, cursor))
    }

    func state(
        of selectors: [String], after cursor: UInt64, upTo last: UInt64
    ) -> [EventRecord] {
        var found: [EventRecord] = []
        for sequence in cursor..<max(cursor, last) {
            let entry = state.first { entry in
                entry.record.sequence == sequence + 1
                    && selectors.contains { Self.matches($0, [entry.resource]) }
            }
            if let entry { found.append(entry.record) }
        }
        return found
    }

    func states(of selectors: [String]) -> [State] {
        state.filter { entry in selectors.contains { Self.matches($0, [entry.resource]) } }
    }

    private static func matches(_ selector: String, _ resources: [String]) -> Bool {
        let kind = Array(selector.utf8.prefix { $0 != UInt8(ascii: ":") })
        let isPattern = Array(selector.utf8) == kind + Array(":*".utf8)
        return resources.contains { resource in
            isPattern
                ? resource.utf8.starts(with: kind + [UInt8(ascii: ":")])
                : isSame(resource, selector)
        }
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}
