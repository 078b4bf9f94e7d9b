internal import HTTP
internal import Hub
internal import JSON
internal import Records

/// The checked parameters of `GET /poll`.
struct PollRequest: Sendable {
    let selectors: [Selector]
    let filter: Set<String>?
    let cursor: String?
    /// Milliseconds to wait for the first event.
    let timeout: Int
    let limit: Int
    let caller: Caller
    /// What the caller may see of an event; `nil` for all.
    let view: EventView?

    /// Reads and checks the parameters of a request.
    ///
    /// - Throws: 400 that names the parameter and its range; 401 or 403 when the caller may not
    ///   receive a resource.
    init(_ head: RequestHead, caller: Caller) throws(Problem) {
        let query = try QueryItems(requested: head)
        let names = try SelectorList(query).selectors
        (selectors, _) = try StreamRequest.split(names)
        try caller.checkSubscribing(to: names)
        self.caller = caller
        view = caller.view()
        filter = try StreamRequest.filter(query)
        cursor =
            query.firstValue(of: ["after"] + CursorSource.parameters) ?? CursorSource.header(head)
        timeout = Int((try query.number("timeout", in: 0...55) ?? 25) * 1000)
        limit = try query.integer("limit", in: 1...1000) ?? 100
    }
}

/// The answer of `GET /poll`.
struct PollAnswer {
    private let epoch: Epoch
    private let reset: Broker.Refusal?
    private let end: UInt64
    /// The resources that have ended, as far as the cursor goes.
    private let ended: [String]
    private let events: [[UInt8]]

    /// Creates an answer with events of the log.
    init(epoch: Epoch, upTo end: UInt64, _ frames: [EventFrame], ends: [EndedResource]) {
        self.epoch = epoch
        self.end = end
        ended = ends.names(upTo: end)
        reset = nil
        events = frames.map { frame in
            Self.event(frame, sequence: frame.sequence ?? 0, epoch: epoch, closing: "}")
        }
    }

    /// Creates an answer with the retained state, for a first poll or after a reset.
    init(
        epoch: Epoch, upTo end: UInt64, state: [StateFrame], reset: Broker.Refusal?,
        ends: [EndedResource]
    ) {
        self.epoch = epoch
        self.end = end
        ended = ends.names(upTo: end)
        self.reset = reset
        events = state.map { state in
            Self.event(
                state.frame, sequence: state.sequence, epoch: epoch, closing: ",\"retained\":true}")
        }
    }

    var response: Response {
        .json { json in
            json.member("cursor", EventID(epoch: epoch, sequence: end).description)
            json.key("reset")
            if let reset {
                json.beginObject()
                json.member("reason", reset.reason.rawValue)
                json.member("oldest", EventID(epoch: epoch, sequence: reset.oldest).description)
                json.endObject()
            } else {
                json.null()
            }
            json.key("events")
            json.beginArray()
            for event in events { json.raw(event) }
            json.endArray()
            json.member("ended", ended)
        }
    }

    private static func event(
        _ frame: EventFrame, sequence: UInt64, epoch: Epoch, closing: String
    ) -> [UInt8] {
        let id = EventID(epoch: epoch, sequence: sequence)
        return Array("{\"id\":\"\(id)\",\"event\":\"\(frame.name)\",".utf8) + frame.members
            + Array(closing.utf8)
    }
}
