internal import HTTP
internal import Hub
internal import JSON

/// The body of `POST /stream`: the parameters of `GET /stream`, for lists that fit into no URL.
///
/// An optional member may be `null`, which is the same as leaving it out.
struct StreamBody {
    private(set) var names: [Selector] = []
    private(set) var cursor: String?
    private(set) var filter: Set<String>?
    private(set) var wantsSnapshot = true
    private(set) var isRaw = false
    private(set) var endsWithResources = false
    /// In milliseconds.
    private(set) var batch: Int?
    private(set) var rewind: Int?
    /// In seconds.
    private(set) var keepalive: Double?
    private(set) var member: MemberName?
    private(set) var wantsMembers = false
    private var hasNames = false

    /// Reads a body.
    ///
    /// - Throws: 400 when the body is no JSON, 422 when it breaks a rule.
    init(_ body: [UInt8]) throws(Problem) {
        self = try JSONBody.read(body) { input throws(InputError) in
            var body = Self()
            let fields =
                "resources, last_event_id, events, format, batch, rewind, keepalive, snapshot, "
                + "until, member and members"
            try input.object(of: fields) { input, field throws(InputError) in
                try body.read(field, from: &input)
            }
            guard body.hasNames else {
                throw input.fault(
                    "resources is missing; say {\"resources\":[\"post:456\",\"influencer:*\"]}.",
                    at: "resources")
            }
            return body
        }
    }

    private init() {}

    /// Reads one member of the body.
    ///
    /// - Returns: `false` when there is no member of that name.
    private mutating func read(
        _ field: String, from input: inout InputReader
    ) throws(InputError) -> Bool {
        switch field {
        case "resources":
            hasNames = true
            names = try SelectorList.read(&input)
        case "last_event_id", "events", "format", "batch", "rewind", "keepalive", "snapshot",
            "until", "member", "members":
            if try input.null() { return true }
            try readOptional(field, from: &input)
        default: return false
        }
        return true
    }

    private mutating func readOptional(
        _ field: String, from input: inout InputReader
    ) throws(InputError) {
        switch field {
        case "last_event_id":
            let text = try input.string()
            cursor = text.isEmpty ? nil : text
        case "events":
            var filter: Set<String> = []
            for (index, name) in try input.strings().enumerated() {
                do { filter.insert(try EventName(name).description) } catch {
                    throw input.fault(error.description, at: "\(index)")
                }
            }
            self.filter = filter
        case "format":
            guard try input.string() == "raw" else {
                throw input.fault("format is raw; leave it out for events with an envelope.")
            }
            isRaw = true
        case "until":
            guard try input.string() == "end" else {
                throw input.fault("until is end; leave it out for a stream without end.")
            }
            endsWithResources = true
        case "batch": batch = try input.integer(in: StreamRequest.batchRange)
        case "rewind": rewind = try input.integer(in: StreamRequest.rewindRange)
        case "member":
            let text = try input.string()
            member = MemberName(text)
            guard member != nil || text.isEmpty else { throw input.fault(StreamRequest.memberRule) }
        case "members": wantsMembers = try input.boolean()
        case "keepalive": keepalive = try input.number(in: StreamRequest.keepaliveRange)
        default: wantsSnapshot = try input.boolean()
        }
    }
}
