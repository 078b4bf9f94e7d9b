internal import HTTP
internal import Hub

/// The checked parameters of `GET /stream` or `POST /stream`.
struct StreamRequest: Sendable {
    /// The keep-alive intervals that a client may ask for, in seconds.
    static let keepaliveRange = 1.0...300.0
    /// The windows that a client may ask for, in milliseconds.
    static let batchRange = 10...10_000
    /// The numbers of past events that a client may begin with.
    static let rewindRange = 1...1_000

    let selectors: [Selector]
    /// Resources whose number of receiving streams the client wants to be sent.
    let watched: [Resource]
    let filter: Set<String>?
    let cursor: String?
    let wantsSnapshot: Bool
    /// Whether events come as their producers gave them, without the hub's envelope.
    let isRaw: Bool
    /// Whether the stream ends when all of its resources have ended.
    let endsWithResources: Bool
    /// How many past events a fresh stream begins with instead of the state; `nil` for the state.
    let rewind: Int?
    /// Milliseconds for which live events are gathered into one; `nil` for none.
    let batch: Int?
    /// Milliseconds of silence before a keep-alive; `nil` for the hub's own interval.
    let keepalive: Int?
    /// The member as which the stream counts, unless a token says it.
    let member: MemberName?
    /// Whether the client wants to be sent who joins and leaves what it watches.
    let wantsMembers: Bool

    /// All names that were asked for, as the event `connected` repeats them.
    let names: [Selector]

    /// Reads the parameters of a job's own stream.
    ///
    /// - Throws: 400 or 406.
    init(job resource: Resource, events: Set<String>, _ head: RequestHead) throws(Problem) {
        try Self.checkAccept(head)
        let query = try QueryItems(requested: head)
        names = [.resource(resource)]
        selectors = names
        watched = []
        filter = events
        cursor = Self.cursor(head, query)
        wantsSnapshot = true
        isRaw = false
        endsWithResources = try Self.endsWithResources(query.first("until"))
        batch = nil
        rewind = nil
        keepalive = try Self.keepalive(query)
        member = nil
        wantsMembers = false
    }

    /// Reads the parameters of `GET /stream`.
    ///
    /// - Throws: 400 or 406.
    init(_ head: RequestHead) throws(Problem) {
        try Self.checkAccept(head)
        let query = try QueryItems(requested: head)
        names = try SelectorList(query).selectors
        (selectors, watched) = try Self.split(names)
        filter = try Self.filter(query)
        cursor = Self.cursor(head, query)
        wantsSnapshot = try query.flag("snapshot") ?? true
        isRaw = try Self.isRaw(query.first("format"))
        endsWithResources = try Self.endsWithResources(query.first("until"))
        batch = try query.integer("batch", in: Self.batchRange)
        rewind = try query.integer("rewind", in: Self.rewindRange)
        keepalive = try Self.keepalive(query)
        member = try Self.member(query.first("member"))
        wantsMembers = try query.flag("members") ?? false
        try checkFormat()
        try checkEnds()
    }

    /// Reads the parameters of `POST /stream`.
    ///
    /// - Throws: 400, 406 or 422.
    init(_ head: RequestHead, body: [UInt8]) throws(Problem) {
        try Self.checkAccept(head)
        let body = try StreamBody(body)
        names = body.names
        (selectors, watched) = try Self.split(names)
        filter = body.filter
        cursor = CursorSource.header(head) ?? body.cursor
        wantsSnapshot = body.wantsSnapshot
        isRaw = body.isRaw
        endsWithResources = body.endsWithResources
        batch = body.batch
        rewind = body.rewind
        keepalive = body.keepalive.map(Self.milliseconds)
        member = body.member
        wantsMembers = body.wantsMembers
        try checkFormat()
        try checkEnds()
    }

    /// Returns whether the format asked for is that of raw events.
    ///
    /// - Throws: 400 for a format that there is not.
    private static func isRaw(_ format: String?) throws(Problem) -> Bool {
        switch format {
        case nil, "": return false
        case "raw": return true
        case .some(let other):
            throw Problem(
                .badRequest,
                "format is raw, not \"\(other)\"; leave it out for events with an envelope.")
        }
    }

    /// - Throws: 400 when something is asked for that a stream of raw events is not told.
    private func checkFormat() throws(Problem) {
        guard isRaw else { return }
        if batch != nil {
            throw Problem(
                .badRequest,
                "batch: events with format=raw are as their producers gave them, each by itself.")
        }
        guard !wantsMembers else {
            throw Problem(
                .badRequest,
                "members: who joins and leaves comes as an event of the hub, and a stream with "
                    + "format=raw has only those of producers.")
        }
        guard let resource = watched.first else { return }
        throw Problem(
            .badRequest,
            "resources: presence:\(resource) comes as an event of the hub, and a stream with "
                + "format=raw has only those of producers.")
    }

    /// - Throws: 400 for another value than `end`.
    private static func endsWithResources(_ until: String?) throws(Problem) -> Bool {
        switch until {
        case nil, "": return false
        case "end": return true
        case .some(let other):
            throw Problem(
                .badRequest,
                "until is end, not \"\(other)\"; leave it out for a stream without end.")
        }
    }

    /// - Throws: 400 when a stream with `until=end` is asked for what never ends.
    private func checkEnds() throws(Problem) {
        guard endsWithResources, let pattern = selectors.first(where: \.isPattern) else { return }
        throw Problem(
            .badRequest,
            "resources: \(pattern) is a pattern, which never ends; with until=end name resources.")
    }

    private static func cursor(_ head: RequestHead, _ query: QueryItems) -> String? {
        CursorSource.header(head) ?? query.firstValue(of: CursorSource.parameters)
    }

    /// Returns the interval asked for, in milliseconds; `nil` when it is missing or empty.
    private static func keepalive(_ query: QueryItems) throws(Problem) -> Int? {
        if query.first("keepalive") == "" { return nil }
        return try query.number("keepalive", in: keepaliveRange).map(milliseconds)
    }

    private static func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }

    private static func checkAccept(_ head: RequestHead) throws(Problem) {
        guard Accept.allows(head.field("accept"), type: "text", subtype: "event-stream") else {
            throw Problem(
                .notAcceptable,
                "This is a text/event-stream, which the Accept header does not allow; leave it out."
            )
        }
    }

    /// Separates the names whose events are delivered from those whose receivers are counted
    /// (`presence:post:1`).
    ///
    /// - Throws: 400 when the name behind `presence:` is no resource.
    static func split(
        _ names: [Selector]
    ) throws(Problem) -> (selectors: [Selector], watched: [Resource]) {
        var selectors: [Selector] = []
        var watched: [Resource] = []
        for name in names {
            guard let target = name.presenceTarget else {
                selectors.append(name)
                continue
            }
            do { watched.append(try Resource(target)) } catch {
                throw Problem(
                    .badRequest, "resources: behind presence: stands a resource; \(error)")
            }
            if target.hasSuffix(":*") {
                throw Problem(
                    .badRequest, "resources: \(name): presence is counted by resource, not pattern."
                )
            }
        }
        return (selectors, watched)
    }

    static func filter(_ query: QueryItems) throws(Problem) -> Set<String>? {
        let values = query.values("events")
        if values.isEmpty { return nil }
        var names: Set<String> = []
        for name in values.flatMap({ $0.split(separator: ",") }) {
            do { names.insert(try EventName(String(name)).description) } catch {
                throw Problem(.badRequest, "events: \(error)")
            }
        }
        return names
    }
}
