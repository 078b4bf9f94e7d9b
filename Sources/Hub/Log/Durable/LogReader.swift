internal import Reactor
internal import Records
internal import Storage
internal import Telemetry

/// A reader lane: a thread with its own read-only connection.
actor LogReader: EventLoopClient {
    /// The number of bytes of one page at most, so that large events do not fill the memory of slow
    /// streams.
    private static let pageBytes = 1 << 20

    private nonisolated let lane: EventLoop
    private let reader: EventReader
    private let decoding: RecordDecoding
    private let clock: LogClock
    private let health: StoreHealth

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe lane.asUnownedSerialExecutor()
    }

    init(
        number: Int, reader: sending EventReader, decoding: RecordDecoding, clock: LogClock,
        health: StoreHealth
    ) throws {
        lane = try EventLoop()
        self.reader = reader
        self.decoding = decoding
        self.clock = clock
        self.health = health
        try lane.start(name: "reader-\(number)", client: self)
    }

    nonisolated func turn(of loop: EventLoop, readyCount: Int) -> Int? { nil }

    func page(
        after cursor: UInt64, upTo last: UInt64, matching selectors: [Selector], limit: Int
    ) throws(LogUnavailable) -> EventPage? {
        let page = try run { () throws(LogUnavailable) in
            try reader.page(
                after: cursor, upTo: last, selectors: selectors.map(\.description), limit: limit,
                byteLimit: Self.pageBytes)
        }
        guard let page else { return nil }
        return EventPage(frames: page.records.map(decoding.frame), end: page.end)
    }

    func newest(
        before end: UInt64, matching selectors: [Selector], limit: Int
    ) throws(LogUnavailable) -> [EventPlace] {
        let found = try run { () throws(LogUnavailable) in
            try reader.newest(
                before: end, selectors: selectors.map(\.description), limit: limit)
        }
        return found.map { EventPlace(sequence: $0.sequence, name: $0.name) }
    }

    func state(
        of selectors: [Selector], after cursor: UInt64, upTo last: UInt64, limit: Int
    ) throws(LogUnavailable) -> [StateFrame] {
        let records = try run { () throws(LogUnavailable) in
            try reader.state(
                selectors: selectors.map(\.description), after: cursor, upTo: last, limit: limit,
                now: clock.now.milliseconds)
        }
        return records.map(decoding.stateFrame)
    }

    func states(of selectors: [Selector]) throws(LogUnavailable) -> StateListing {
        let found = try run { () throws(LogUnavailable) in
            try reader.states(
                selectors: selectors.map(\.description), now: clock.now.milliseconds)
        }
        return StateListing(
            lastSequence: found.head,
            states: found.states.map { decoding.resourceState($0.record, of: $0.resource) },
            ends: found.ends)
    }

    func ends(of selectors: [Selector]) throws(LogUnavailable) -> EndListing {
        let (head, ends) = try run { () throws(LogUnavailable) in
            try reader.ends(selectors: selectors.map(\.description))
        }
        return EndListing(lastSequence: head, ends: ends)
    }

    func records<Read: StoreRead>(_ read: Read) throws(LogUnavailable) -> Read.Value {
        try run { () throws(LogUnavailable) in
            try reader.records(at: clock.now.milliseconds, read.read)
        }
    }

    /// Returns how much the store holds, and since when.
    func extent() throws(LogUnavailable) -> StoreExtent {
        try run { () throws(LogUnavailable) in try reader.extent() }
    }

    func close() {
        reader.close()
        lane.stop()
    }

    /// Waits until the lane's thread has ended, after `close`.
    nonisolated func join() { lane.join() }

    private func run<Value>(
        _ body: () throws(LogUnavailable) -> Value
    ) throws(LogUnavailable) -> Value {
        do throws(LogUnavailable) {
            return try body()
        } catch {
            health.note(error)
            throw error
        }
    }
}

/// Makes frames of the store's event records.
struct RecordDecoding: Sendable {
    private let epoch: Epoch
    private let encoding: EventEncoding

    init(epoch: Epoch) {
        self.epoch = epoch
        encoding = EventEncoding(epoch: epoch)
    }

    func frame(_ record: EventRecord) -> EventFrame {
        encoding.frame(
            Publication(record), sequence: record.sequence,
            at: Timestamp(milliseconds: record.at))
    }

    func stateFrame(_ record: EventRecord) -> StateFrame {
        StateFrame(
            sequence: record.sequence,
            frame: encoding.stateFrame(
                Publication(record), sequence: record.sequence,
                at: Timestamp(milliseconds: record.at)))
    }

    func resourceState(_ record: EventRecord, of resource: String) -> ResourceState {
        ResourceState(
            resource: resource, name: record.name,
            id: EventID(epoch: epoch, sequence: record.sequence),
            at: Timestamp(milliseconds: record.at), data: record.data)
    }
}

extension Publication {
    /// Makes a publication of a stored event, whose fields were checked when it was published.
    init(_ record: EventRecord) {
        self.init(
            resources: record.resources.map(Resource.init(checked:)),
            name: EventName(checked: record.name), data: record.data,
            coalesceKey: record.coalesceKey, mark: record.mark.flatMap(Mark.init(code:)))
        isEnd = record.isEnd
    }
}
