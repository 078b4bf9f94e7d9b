internal import HTTP
internal import Hub
internal import JSON

/// The body of `POST /stream`: what a query would say, for lists that fit into no URL.
///
/// A member that is `null` is as one that is not there.
struct StreamBody {
    private(set) var names: [Selector] = []
    private(set) var cursor: String?
    private(set) var filter: Set<String>?
    private(set) var wantsSnapshot = true
    /// In seconds.
    private(set) var keepalive: Double?
    private var hasNames = false

    /// - Throws: 400 when the body is no JSON, 422 when it breaks a rule.
    init(_ body: [UInt8]) throws(Problem) {
        self = try JSONBody.read(body) { json throws(BodyError) in
            var body = Self()
            try json.object(of: "resources, last_event_id, events, keepalive and snapshot") {
                json, field, pointer throws(BodyError) in
                try body.read(field, from: &json, at: pointer)
            }
            guard body.hasNames else {
                throw Problem.rule(
                    "resources is missing; say {\"resources\":[\"post:456\",\"influencer:*\"]}.",
                    at: "/resources")
            }
            return body
        }
    }

    private init() {}

    /// `false` for a field that is none.
    private mutating func read(
        _ field: String, from json: inout JSONReader, at pointer: String
    ) throws(BodyError) -> Bool {
        switch field {
        case "resources":
            hasNames = true
            names = try SelectorList.read(&json, at: pointer)
        case "last_event_id", "events", "keepalive", "snapshot":
            guard try json.get({ json throws(JSONError) in try json.peekKind() }) != .null else {
                try json.get { json throws(JSONError) in try json.readNull() }
                return true
            }
            try readOptional(field, from: &json, at: pointer)
        default: return false
        }
        return true
    }

    private mutating func readOptional(
        _ field: String, from json: inout JSONReader, at pointer: String
    ) throws(BodyError) {
        switch field {
        case "last_event_id":
            let text = try json.string(pointer)
            cursor = text.isEmpty ? nil : text
        case "events":
            var filter: Set<String> = []
            for (index, name) in try json.strings(pointer).enumerated() {
                do { filter.insert(try EventName(name).description) } catch {
                    throw Problem.rule(error.description, at: "\(pointer)/\(index)")
                }
            }
            self.filter = filter
        case "keepalive": keepalive = try json.number(pointer, in: StreamRequest.keepaliveRange)
        default: wantsSnapshot = try json.boolean(pointer)
        }
    }
}
