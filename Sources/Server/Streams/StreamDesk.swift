// One worker's open streams: what they are sent, and when.
//
// The shard knows which stream gets which events, and keeps the queues. The desk writes the queues
// to the sockets. It does not itself read what is not in memory: `takeFetches` returns what streams
// need, and `didFetch` takes what was read.

internal import Access
internal import Hub
internal import Producers
internal import Reactor
internal import Records
internal import Telemetry

/// The streams of one worker; not isolated.
final class StreamDesk {
    /// Pages of the log served in one turn, so that live delivery goes on in a storm of resumes.
    private static let pagesPerTurn = 64

    /// The longest list of streams whose memory is kept for the next round.
    private static let keptCapacity = 1024

    let shard: Shard
    let broker: Broker
    let connections: Connections
    let clock: WorkerClock
    let settings: Settings
    let logger: Log
    /// `nil` in a hub that runs no jobs.
    let jobs: JobBoard?
    /// The worker's number.
    let index: Int

    @safe @exclusivity(unchecked) var presence = PresenceDesk()
    let presenceBoard: PresenceBoard
    @safe @exclusivity(unchecked) var members = MemberDesk()
    @safe @exclusivity(unchecked) var ledger = MemberLedger()
    /// The members that streams are by their requests.
    @safe @exclusivity(unchecked) var memberNames: [UInt64: MemberName] = [:]
    /// When the next member leaves, if a call is scheduled for it.
    @safe @exclusivity(unchecked) var expiry: Instant?
    let memberBoard: MemberBoard
    /// The mailboxes of all workers, by their numbers; set before any worker takes a connection.
    var mailboxes: [Mailbox] = []
    private let cutOffs: CutOffNotice
    let access: AccessControl
    let limits: LimitDesk
    @safe @exclusivity(unchecked) var credentials = StreamCredentials(now: UnixTime.now)
    @safe @exclusivity(unchecked) var isAgendaScheduled = false

    @safe @exclusivity(unchecked) var figures = StreamFigures()
    @safe @exclusivity(unchecked) private var behind = Backlog()
    /// An empty list whose memory is used again in each round, for the streams that are written.
    @safe @exclusivity(unchecked) private var flushing: [Subscriber] = []
    @safe @exclusivity(unchecked) private var fetches: [StreamFetch] = []
    private let vectors = IOVectors()
    /// What the sockets of new streams have not taken yet of the bytes before the first event.
    @safe @exclusivity(unchecked) private var heads: [UInt64: ArraySlice<UInt8>] = [:]

    init(
        index: Int, broker: Broker, presence: PresenceBoard, members: MemberBoard,
        cutOffs: CutOffNotice, connections: Connections, clock: WorkerClock, jobs: JobBoard?,
        access: AccessControl,
        limits: LimitDesk, settings: Settings, logger: Log
    ) {
        self.index = index
        self.broker = broker
        presenceBoard = presence
        memberBoard = members
        self.cutOffs = cutOffs
        self.access = access
        self.limits = limits
        self.connections = connections
        self.clock = clock
        self.jobs = jobs
        self.settings = settings
        self.logger = logger
        shard = Shard(limits: settings.outbox, ledger: broker.forms)
    }

    /// How many events this worker's streams have been sent.
    var delivered: Int { shard.counters.delivered }

    /// Whether streams wait for their next page.
    var hasMoreToDo: Bool { !behind.isEmpty }

    // MARK: Writing

    /// Writes to every stream for which something was queued, one write each.
    func flushAll() {
        if let end = clock.windows.next, end <= clock.now { endWindows() }
        var streams: [Subscriber] = []
        swap(&streams, &flushing)
        shard.takeDirty(into: &streams)
        for subscriber in streams {
            flush(subscriber)
            enqueueIfBehind(subscriber)
        }
        streams.removeAll(keepingCapacity: streams.count <= Self.keptCapacity)
        flushing = streams
    }

    /// Starts the broadcast timeout of the streams whose queue was found full, and the windows of
    /// those that have begun to gather events.
    func startTimers() {
        guard shard.hasTimersToStart else { return }
        planWindows()
        for subscriber in shard.takeStalled() {
            guard let connection = connections[subscriber.token] else { continue }
            clock.setDeadline(connection, in: settings.broadcastTimeout)
        }
    }

    private func planWindows() {
        for subscriber in shard.takeGathering() {
            guard let end = subscriber.batch?.begin(at: clock.now) else { continue }
            clock.windows.plan(subscriber.token, at: end)
        }
    }

    /// Queues what was gathered in the windows that are over.
    private func endWindows() {
        planWindows()
        while let token = clock.windows.takeDue(at: clock.now) {
            guard let subscriber = connections[token]?.subscriber else { continue }
            switch subscriber.batch?.look(at: clock.now) {
            case .over: shard.endWindow(of: subscriber)
            case .later(let end): clock.windows.plan(token, at: end)
            case .nothing, nil: break
            }
        }
    }

    /// Goes on with a stream whose socket takes bytes again.
    func resume(_ subscriber: Subscriber) {
        subscriber.isWritable = true
        flush(subscriber)
        enqueueIfBehind(subscriber)
    }

    /// Writes what waits for one stream as far as its socket takes it.
    func flush(_ subscriber: Subscriber) {
        guard let connection = connections[subscriber.token] else { return }
        var hasProgressed = false
        if !heads.isEmpty {
            guard sendHead(of: subscriber, connection) else { return }
        }
        while subscriber.hasQueued, subscriber.isWritable {
            shard.gather(subscriber, into: vectors)
            switch connection.transport.send(vectors) {
            case .bytes(let count):
                hasProgressed = true
                if vectors.hasMore(than: count) { subscriber.isWritable = false }
                shard.markSent(count, for: subscriber)
            case .wouldBlock: subscriber.isWritable = false
            case .broken: return close(connection)
            }
        }
        if subscriber.isOver { return endByItself(subscriber, connection) }
        guard hasProgressed else { return }
        if subscriber.isStalled {
            clock.setDeadline(connection, in: settings.broadcastTimeout)
        } else {
            clock.setDeadline(connection, in: Int(connection.keepalive))
        }
    }

    /// Has `bytes` sent before all events of a new stream.
    func begin(_ subscriber: Subscriber, with bytes: [UInt8]) {
        heads[subscriber.token] = bytes[...]
        shard.markDirty(subscriber)
    }

    /// Whether something waits for a stream's socket.
    func hasUnsent(for subscriber: Subscriber) -> Bool {
        subscriber.hasQueued || heads[subscriber.token] != nil
    }

    func dropHead(of subscriber: Subscriber) { heads[subscriber.token] = nil }

    /// Writes the rest of a stream's head, if there is one.
    ///
    /// - Returns: whether events may follow it now.
    private func sendHead(of subscriber: Subscriber, _ connection: Connection) -> Bool {
        guard let head = heads[subscriber.token] else { return true }
        guard subscriber.isWritable else { return false }
        switch unsafe head.withUnsafeBytes({ unsafe connection.transport.send($0) }) {
        case .bytes(let count):
            let rest = head.dropFirst(count)
            heads[subscriber.token] = rest.isEmpty ? nil : rest
            subscriber.isWritable = rest.isEmpty
            return rest.isEmpty
        case .wouldBlock:
            subscriber.isWritable = false
            return false
        case .broken:
            close(connection)
            return false
        }
    }

    // MARK: Reading on from the log

    func enqueueIfBehind(_ subscriber: Subscriber) {
        guard shard.wantsPage(subscriber), !subscriber.isInBacklog else { return }
        subscriber.isInBacklog = true
        behind.append(subscriber)
    }

    /// Serves one page each to the streams that have waited longest.
    func servePages() {
        for subscriber in behind.takeFirst(Self.pagesPerTurn) {
            subscriber.isInBacklog = false
            guard shard.wantsPage(subscriber) else { continue }
            servePage(subscriber)
            enqueueIfBehind(subscriber)
        }
    }

    private func servePage(_ subscriber: Subscriber) {
        if let snapshot = subscriber.snapshots.first {
            return fetch(.state(snapshot, limit: settings.outbox.count), for: subscriber)
        }
        guard case .behind(let cursor) = subscriber.phase else { return }
        let page = broker.recentPage(
            after: cursor, upTo: shard.position, matching: subscriber.selectors,
            limit: settings.outbox.count)
        noteResumption(of: subscriber, from: page == nil ? .disk : .memory)
        if let page {
            deliver(page, to: subscriber)
        } else {
            fetch(
                .page(
                    after: cursor, upTo: shard.position, selectors: subscriber.selectors,
                    limit: settings.outbox.count), for: subscriber)
        }
    }

    private func noteResumption(of subscriber: Subscriber, from source: StreamFigures.Source) {
        guard subscriber.isResuming else { return }
        subscriber.isResuming = false
        figures.noteResumption(from: source)
    }

    private func deliver(_ page: EventPage, to subscriber: Subscriber) {
        shard.queue(page.frames, upTo: page.end, for: subscriber)
        if subscriber.phase == .live { announceLive(subscriber) }
        sendTextSoFar(to: subscriber)
        flushPage(of: subscriber)
    }

    private func deliver(_ page: [StateFrame], to subscriber: Subscriber) {
        shard.queue(page, isLast: page.count < settings.outbox.count, for: subscriber)
        finishOpening(subscriber)
        sendTextSoFar(to: subscriber)
        flushPage(of: subscriber)
    }

    /// Lets a stream whose state was sent, or that is sent none, go on with what comes after it.
    private func finishOpening(_ subscriber: Subscriber) {
        guard subscriber.snapshots.isEmpty, case .opening(let cursor) = subscriber.phase else {
            return
        }
        announceLive(subscriber, at: cursor)
        shard.finishOpening(subscriber)
    }

    /// Goes on with the search for where a stream begins, or begins there.
    private func rewind(_ subscriber: Subscriber, by search: RewindSearch) {
        guard search.isOver else { return fetch(.rewind(search), for: subscriber) }
        if let cursor = search.cursor {
            shard.rewind(subscriber, to: cursor)
        } else {
            finishOpening(subscriber)
            flush(subscriber)
        }
    }

    /// Queues `live` with the cursor up to which the stream has been served, once for each stream.
    private func announceLive(_ subscriber: Subscriber, at sequence: UInt64? = nil) {
        if subscriber.hasAnnouncedLive { return }
        subscriber.hasAnnouncedLive = true
        let live = broker.control.live(at: sequence ?? shard.position)
        tell(live, to: subscriber)
    }

    /// Queues an event of the hub's own, which streams of raw events do not get.
    func tell(_ event: [UInt8], to subscriber: Subscriber) {
        if subscriber.isRaw { return }
        shard.queue(EventFrame(event, content: .control), for: subscriber)
    }

    private func flushPage(of subscriber: Subscriber) {
        flush(subscriber)
        if !subscriber.isWritable { shard.markStalled(subscriber) }
    }

    // MARK: What is not in memory

    /// Takes the reads that streams need; each is answered by one call of `didFetch`.
    func takeFetches() -> [StreamFetch] {
        if fetches.isEmpty { return [] }
        defer { fetches = [] }
        return fetches
    }

    func fetch(_ wanted: StreamFetch.Wanted, for subscriber: Subscriber) {
        subscriber.isFetching = true
        subscriber.hasChangedSinceFetch = false
        fetches.append(StreamFetch(stream: subscriber.token, wanted: wanted))
    }

    /// Hands a stream what was read for it, if the stream is still open.
    func didFetch(_ result: Result<StreamFetch.Brought, LogUnavailable>, for stream: UInt64) {
        guard let subscriber = connections[stream]?.subscriber else { return }
        subscriber.isFetching = false
        switch result {
        case .success(let brought):
            take(brought, for: subscriber)
            enqueueIfBehind(subscriber)
        case .failure(let reason):
            logger.error(
                "A stream cannot read on", ["connection": subscriber.id, "reason": reason])
            sendClosing(.unavailable, to: subscriber)
        }
    }

    private func take(_ brought: StreamFetch.Brought, for subscriber: Subscriber) {
        switch brought {
        case .state(let page): deliver(page, to: subscriber)
        case .page(.some(let page)):
            // A page for other selectors lacks events of those that were added, and would skip
            // them. It is read anew.
            if !subscriber.hasChangedSinceFetch { deliver(page, to: subscriber) }
        case .page(nil):
            noteCutOff()
            sendClosing(.slow, to: subscriber)
        case .rewind(let search): rewind(subscriber, by: search)
        case .text(let text):
            if let text { shard.queue(text, for: subscriber) }
            flush(subscriber)
        case .ends(let ended, let sequence): take(ended, asOf: sequence, for: subscriber)
        }
    }

    // MARK: Slow readers

    /// Counts a stream that is ended because its reader was too slow.
    func noteCutOff() {
        shard.countCutOff()
        let (toLog, askAgain) = cutOffs.state.withLock { $0.note(at: clock.now) }
        if let toLog { logCutOffs(toLog) }
        if let askAgain { clock.schedule(WorkerClock.Token.cutOffs, at: askAgain) }
    }

    /// Logs the streams that were cut off since the last line.
    func logCutOffs() {
        logCutOffs(cutOffs.state.withLock { $0.take(at: clock.now) })
    }

    private func logCutOffs(_ count: Int) {
        guard count > 0 else { return }
        logger.info(
            "Cut off slow streams",
            ["streams": count, "timeout_ms": settings.broadcastTimeout])
    }
}
