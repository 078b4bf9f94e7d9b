internal import JSON

/// What a provider says about an error, in any of the common shapes.
///
/// `{"error": {"message", "type", "code", "param"}}` of OpenAI, where the code is a string, a
/// number or null; `{"error": "text"}` of Ollama; `{"object": "error", "message", "type", "code"}`
/// of vLLM, and of Mistral, whose message is an object with `detail`; `{"error": "Class", "detail":
/// "text", "errors": "text"}` of AUTOMATIC1111; `{"detail": "text"}` and `{"detail": [{"loc":
/// ["body", "seed"], "msg": "text"}]}` of FastAPI.
struct ProviderMessage: Equatable {
    /// The most complaints of a list that are passed on.
    private static let maximumComplaints = 3
    /// The most objects and lists that may surround a text.
    private static let deepest = 4

    private(set) var text: String?
    private(set) var type: String?
    /// The code, of which a number is kept as its digits.
    private(set) var code: String?
    private(set) var parameter: String?
    /// The members of the request that are at fault, each as a path from the outside in.
    private(set) var places: [[String]] = []

    /// Whether the account has no quota left.
    var isOutOfQuota: Bool { type == "insufficient_quota" || code == "insufficient_quota" }

    /// Whether the provider refuses such content, whoever asks.
    var isForContent: Bool {
        code == "content_policy_violation" || code == "content_filter"
            || code == "moderation_blocked" || type == "content_filter"
    }

    /// The status of the error, where its code is one.
    var status: Int? { code.flatMap { Int($0) }.flatMap { 400...599 ~= $0 ? $0 : nil } }

    /// Whether the message blames a member of the request: in its fields or, without these, in its
    /// text.
    func names(_ member: String) -> Bool {
        if let parameter, !parameter.isEmpty { return Self.words(parameter).contains(member) }
        if !places.isEmpty { return places.contains { $0.contains(member) } }
        return Self.words(text ?? "").contains(member)
    }

    private static func words(_ text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    }

    /// Reads a response's body; one that is not JSON, such as a proxy's page, gives an empty
    /// message.
    init(body: [UInt8]) {
        var reader = JSONReader(body)
        var found: [String: String] = [:]
        do throws(JSONError) {
            guard try reader.peekKind() == .object else { return }
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "error":
                    found[key] = try readText(&reader)
                case "detail", "errors", "message", "msg":
                    found[key] = try readText(&reader)
                default: try readField(key, &reader, isInner: false)
                }
            }
        } catch {
            // The members before the fault still help.
        }
        // AUTOMATIC1111 puts the class of the error into `error`, and what happened into another
        // member.
        for key in ["detail", "errors", "error", "message", "msg"] {
            if text == nil, let said = found[key], !said.isEmpty { text = said }
        }
    }

    /// Reads the value of a member `error`.
    init(error reader: inout JSONReader) throws(JSONError) {
        text = try readText(&reader)
    }

    /// Reads an event that is marked as an error: JSON in any of the shapes, or a text.
    init(event: [UInt8]) {
        self.init(body: event)
        guard text == nil, event.first != UInt8(ascii: "{") else { return }
        text = String(decoding: event, as: UTF8.self)
    }

    /// Reads the text of a value, which is a text, an object around one, or a list of such.
    private mutating func readText(
        _ reader: inout JSONReader, depth: Int = 0
    ) throws(JSONError) -> String? {
        switch try reader.peekKind() {
        case .object where depth < Self.deepest:
            return try readObject(&reader, depth: depth)
        case .array where depth < Self.deepest:
            var said: [String] = []
            try reader.beginArray()
            while try reader.nextElement() {
                if let text = try readText(&reader, depth: depth + 1), !text.isEmpty,
                    said.count < Self.maximumComplaints
                {
                    said.append(text)
                }
            }
            return said.isEmpty ? nil : said.joined(separator: "; ")
        default: return try reader.readText()
        }
    }

    private mutating func readObject(
        _ reader: inout JSONReader, depth: Int
    ) throws(JSONError) -> String? {
        var said: [String: String] = [:]
        var place: [String] = []
        try reader.beginObject()
        // Each member counts as soon as it is read, because the JSON may break off after it.
        while let key = try reader.nextKey() {
            switch key {
            case "message", "msg", "detail", "error":
                said[key] = try readText(&reader, depth: depth + 1)
                if depth == 0, key == "message" { text = text ?? said[key] }
            case "loc":
                try reader.readElements { (reader) throws(JSONError) in
                    if let part = try reader.readText() { place.append(part) }
                }
            // The type of a single complaint only says which check failed.
            default: if depth == 0 { try readField(key, &reader, isInner: true) }
            }
        }
        let text = ["message", "msg", "detail", "error"].lazy.compactMap { said[$0] }.first
        guard !place.isEmpty else { return text }
        places.append(place)
        let path = place.drop { $0 == "body" }.joined(separator: ".")
        return path.isEmpty ? text : text.map { "\(path): \($0)" }
    }

    /// Reads a field beside a text, where one within the error takes precedence over one around it.
    private mutating func readField(
        _ key: String, _ reader: inout JSONReader, isInner: Bool
    ) throws(JSONError) {
        switch key {
        case "type": type = Self.pick(try reader.readText(), type, isInner)
        case "code", "status", "status_code": code = Self.pick(try reader.readText(), code, isInner)
        case "param": parameter = Self.pick(try reader.readText(), parameter, isInner)
        default: break
        }
    }

    private static func pick(_ new: String?, _ known: String?, _ isInner: Bool) -> String? {
        isInner ? new ?? known : known ?? new
    }
}
