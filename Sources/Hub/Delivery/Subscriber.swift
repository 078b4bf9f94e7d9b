package import Reactor

/// One open stream as its shard sees it; not isolated, owned by one worker.
///
/// The objects of the delivery path leave out the run-time check for overlapping access
/// (`@exclusivity(unchecked)`): one thread owns them, no closure is handed their storage, and the
/// checks were two thirds of the instructions that a delivery costs outside the kernel.
package final class Subscriber {
    /// The state of a stream between the log and the present.
    package enum Phase: Equatable {
        /// Gets the snapshot first; what is published after `cursor` is read from the log
        /// afterwards.
        case opening(cursor: UInt64)
        /// Reads the log after `cursor`; what is published meanwhile is found there.
        case behind(cursor: UInt64)
        /// Gets each event as it comes.
        case live
        case closed
    }

    /// State that is still to be sent to a stream: retained events after `cursor` and up to `last`.
    package struct Snapshot: Sendable {
        package let selectors: [Selector]
        package var cursor: UInt64 = 0
        /// The last sequence of the snapshot; a newer change comes as an event.
        package internal(set) var last: UInt64
    }

    /// One selector's list of subscribers, and the stream's place in it.
    struct Membership {
        let topic: Topic
        var slot: Int
    }

    /// When the stream was opened.
    package let opened: Instant
    /// The number under which the worker knows the connection.
    package let token: UInt64
    package let id: ConnectionID
    package let framing: StreamFraming
    /// What the stream is sent of an event; `nil` for the whole envelope.
    @safe @exclusivity(unchecked) package var view: EventView?
    /// Event names to receive; `nil` for all.
    package let filter: Set<String>?

    @safe @exclusivity(unchecked) package internal(set) var phase: Phase
    /// Whether `live` was sent: only then does the stream have a cursor of its own.
    package var hasAnnouncedLive = false
    /// Whether the kernel takes bytes; `false` from a short write until the socket is ready again.
    package var isWritable: Bool {
        get { takesBytes }
        set { takesBytes = newValue }
    }
    // A stored property is checked for exclusive access in other modules, whatever its attributes
    // say; these are asked once for each delivery.
    @safe @exclusivity(unchecked) private var takesBytes = true
    /// Snapshots to be sent, in order, before anything is read from the log.
    @safe @exclusivity(unchecked) package internal(set) var snapshots: [Snapshot] = []
    /// Live events that came while a snapshot was being sent: they follow it.
    var held: [FrameHandle] = []
    /// Whether something is being read for the stream, such as a page of the log.
    @safe @exclusivity(unchecked) package var isFetching = false
    /// Whether the stream's selectors have changed since the present or last read began.
    @safe @exclusivity(unchecked) package var hasChangedSinceFetch = false
    /// Whether the stream is in its worker's list of streams that wait for a page.
    package var isInBacklog: Bool {
        get { waitsForPage }
        set { waitsForPage = newValue }
    }
    @safe @exclusivity(unchecked) private var waitsForPage = false
    /// Whether the stream came with a cursor and nothing has been read for it yet.
    package var isResuming = false

    @safe @exclusivity(unchecked) var memberships: [Membership] = []
    @safe @exclusivity(unchecked) var outbox = Outbox()
    @safe @exclusivity(unchecked) var isDirty = false
    /// Whether the stream's queue was found full and has not been emptied since.
    package internal(set) var isStalled: Bool {
        get { isTimed }
        set { isTimed = newValue }
    }
    @safe @exclusivity(unchecked) private var isTimed = false
    /// Whether the last of its events is queued or was sent before, as far as its rule knows.
    @safe @exclusivity(unchecked) package var hasLastEvent = false
    /// The number of the last distribution that reached the stream, so that an event with several
    /// matching resources counts once.
    @safe @exclusivity(unchecked) var lastDistribution: UInt64 = 0

    /// The rule for what the stream leaves out and where it ends by itself; `nil` for most streams.
    @safe @exclusivity(unchecked) package var rule: (any StreamRule)?
    /// What gathers its live events; `nil` where each of them is sent as it comes.
    @safe @exclusivity(unchecked) package var batch: BatchGatherer?

    package init(
        token: UInt64, id: ConnectionID, framing: StreamFraming, filter: Set<String>?,
        phase: Phase, opened: Instant = .now()
    ) {
        self.opened = opened
        self.token = token
        self.id = id
        self.framing = framing
        self.filter = filter
        self.phase = phase
    }

    package var selectors: [Selector] { memberships.map(\.topic.selector) }

    package var hasQueued: Bool { !outbox.isEmpty }

    /// Whether the stream is sent events as their producers gave them.
    package var isRaw: Bool { view?.isRaw == true }

    /// Whether an event may come some milliseconds late, as it is gathered for longer.
    var takesItsTime: Bool { batch?.isLong == true }

    /// Whether the stream was sent its last event and all else, `live` and a cursor included.
    package var isOver: Bool {
        hasLastEvent && phase == .live && outbox.isEmpty && snapshots.isEmpty && !isFetching
            && batch?.isEmpty != false
    }
}

/// The subscribers of one selector within a shard.
final class Topic {
    let selector: Selector
    @safe @exclusivity(unchecked) var subscribers: [Subscriber] = []

    init(_ selector: Selector) {
        self.selector = selector
    }
}

/// The id of a connection for its client: 128 random bits, and then its worker and token.
package struct ConnectionID: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64
    private let place: UInt64

    /// Draws a new id for the connection `token` (under 2^48) of `worker`.
    package init(worker: Int, token: UInt64) {
        var random = SystemRandomNumberGenerator()
        high = random.next()
        low = random.next()
        place = (token << 16 | UInt64(worker)) ^ low
    }

    /// Reads what `description` writes; `nil` for anything else.
    package init?(_ text: String) {
        let digits = text.utf8
        guard digits.count == 48,
            digits.allSatisfy({ $0.isASCIIDigit || (97...102).contains($0) })
        else { return nil }
        func word(_ index: Int) -> UInt64 {
            let start = digits.index(digits.startIndex, offsetBy: index * 16)
            return UInt64(text[start..<digits.index(start, offsetBy: 16)], radix: 16) ?? 0
        }
        high = word(0)
        low = word(1)
        place = word(2)
    }

    package var worker: Int { Int((place ^ low) & 0xFFFF) }
    package var token: UInt64 { (place ^ low) >> 16 }

    package var description: String {
        [high, low, place].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
