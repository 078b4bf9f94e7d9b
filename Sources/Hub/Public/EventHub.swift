// The hub as a library: it offers within another program what `martlet serve` offers over HTTP.
//
// Invariants:
//   - Everything goes through the broker, as in the server: one order, the same rules for events,
//     the same log. There is no second way to deliver.
//   - `close` waits for calls that have begun and refuses later ones. So nothing reads a log that
//     is closed: a reader's thread that has ended would never answer.
// Cost: no thread of its own. A commit puts its events into the queues of the subscriptions that
//   match; what a subscription reads from the log, its own task reads.

internal import Reactor
internal import Storage
internal import Telemetry

/// A hub for events within this process: publish to resources, subscribe to them, read their state.
///
/// Safe from any task and thread. A program may have several hubs, each with a store of its own;
/// a store belongs to one process at a time. Close a hub that has a folder when it is not needed
/// any more: until then its threads keep running. What an operator should know, warnings and
/// errors alone, goes to standard error, a line each.
public final class EventHub: Sendable {
    let broker: Broker
    let desk: SubscriptionDesk
    let operations = OperationGate()

    /// Opens a store, or makes a new one.
    ///
    /// Blocks the calling thread while the store is read, which takes a moment when its log is
    /// long.
    ///
    /// - Throws: `EventHubError.invalid` when an option is out of its range,
    ///   `EventHubError.cannotOpen` when the store is damaged, in use by another process, or of a
    ///   newer version, or when the system has no more descriptors or threads.
    public static func open(
        _ store: Store, options: Options = Options()
    ) throws(EventHubError) -> EventHub {
        try options.validate()
        return EventHub(broker: try broker(store, options), options: options)
    }

    init(broker: Broker, options: Options) {
        self.broker = broker
        desk = SubscriptionDesk(
            limits: OutboxLimits(count: options.queueEvents, bytes: options.queueBytes))
        desk.reach(broker.attach(desk))
    }

    deinit {
        broker.detach(desk)
    }

    /// The id of the newest event in the log; events published later come after it.
    public var cursor: EventID { broker.lastID }

    /// Ends all subscriptions, commits what was published, and closes the store.
    ///
    /// Waits for calls that have begun; later ones throw `EventHubError.closed`. A subscription
    /// still gives the events that wait in its queue and then ends; one that was behind ends where
    /// it is, and its `cursor` says where that is. Closing twice is no error, and each call returns
    /// when the store is closed.
    public func close() async {
        await operations.close {
            await broker.close()
            broker.detach(desk)
            desk.close()
        }
    }

    private static func broker(
        _ store: Store, _ options: Options
    ) throws(EventHubError) -> Broker {
        let logger = Log(level: .warning)
        let tail = LogTailLimits(
            count: min(options.memoryEvents, options.retentionEvents),
            bytes: min(options.memoryBytes, options.retentionBytes))
        let age = options.retentionAge.inMilliseconds
        guard case .folder(let folder) = store else {
            return Broker(tail: tail, age: age, logger: logger)
        }
        let retention = LogRetention(
            age: age, count: options.retentionEvents, bytes: options.retentionBytes)
        do {
            return Broker(
                over: try DurableLog(
                    directory: folder, durability: Synchronous(options.durability),
                    retention: retention, tail: tail, logger: logger), tail: tail)
        } catch {
            throw .cannotOpen("\(error)")
        }
    }
}

extension EventHub {
    /// Where a hub keeps its events.
    public enum Store: Sendable, Equatable {
        /// In memory alone: nothing outlives the process.
        case memory
        /// In a folder, made when it is missing. `martlet serve` can serve the same folder, at
        /// another time.
        case folder(String)
    }

    /// When a published event counts as kept.
    ///
    /// In each of these modes a crash of the process loses nothing of it, since the kernel has it.
    public enum Durability: Sendable, Equatable {
        /// Once the disk has confirmed it: power loss loses nothing either.
        case full
        /// Once the kernel has it: power loss may lose the last events.
        case normal
        /// As `normal`, and the disk is never asked: power loss may damage the file as well.
        case memory
    }

    /// How much a hub keeps, and for how long; the defaults are those of `martlet serve`.
    public struct Options: Sendable, Equatable {
        /// When `publish` returns; it has no meaning for a hub in memory.
        public var durability = Durability.full
        /// The age at which events leave the log; 0.1 s to 100 years.
        public var retentionAge = Duration.seconds(7 * 24 * 60 * 60)
        /// The number of events that the log keeps; 1 or more.
        public var retentionEvents = 10_000_000
        /// The number of bytes that the log keeps; 64 KiB or more.
        public var retentionBytes = 4 << 30
        /// The number of newest events that are kept in memory as well; 1 or more.
        ///
        /// A hub in memory has no others.
        public var memoryEvents = 100_000
        /// The number of bytes of newest events that are kept in memory as well; 1 KiB or more.
        public var memoryBytes = 64 << 20
        /// The number of events that may wait for one subscription; 1 to 10,000.
        public var queueEvents = 100
        /// The number of bytes that may wait for one subscription; 1 KiB to 1 GiB.
        ///
        /// One larger event may still wait alone, and what is read from the state or from memory to
        /// catch up is limited by its number alone.
        public var queueBytes = 1 << 20

        /// Makes options that have the defaults.
        public init() {}
    }
}

extension EventHub.Options {
    fileprivate func validate() throws(EventHubError) {
        func require(_ isInRange: Bool, _ sentence: String) throws(EventHubError) {
            guard isInRange else { throw .invalid(sentence) }
        }
        try require(
            (.milliseconds(100)...(.seconds(3_153_600_000))).contains(retentionAge),
            "retentionAge is 0.1 s to 100 years, not \(retentionAge).")
        try require(
            (1...1_000_000_000_000).contains(retentionEvents),
            "retentionEvents is 1 or more, not \(retentionEvents).")
        try require(
            (64 << 10...1 << 50).contains(retentionBytes),
            "retentionBytes is 65536 or more, not \(retentionBytes).")
        try require(
            (1...100_000_000).contains(memoryEvents),
            "memoryEvents is 1 or more, not \(memoryEvents).")
        try require(
            (1 << 10...1 << 40).contains(memoryBytes),
            "memoryBytes is 1024 or more, not \(memoryBytes).")
        try require(
            (1...10_000).contains(queueEvents), "queueEvents is 1 to 10000, not \(queueEvents).")
        try require(
            (1 << 10...1 << 30).contains(queueBytes),
            "queueBytes is 1024 to 1073741824, not \(queueBytes).")
    }
}

extension Synchronous {
    fileprivate init(_ durability: EventHub.Durability) {
        self =
            switch durability {
            case .full: .full
            case .normal: .normal
            case .memory: .off
            }
    }
}

extension Duration {
    fileprivate var inMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
