internal import JSON

/// What a provider says of an error, in whichever of the common shapes.
///
/// `{"error": {"message", "type", "code", "param"}}` of OpenAI, where the code is a string, a number or null;
/// `{"error": "text"}` of Ollama; `{"error": "Class", "detail": "text", "errors": "text"}` of AUTOMATIC1111;
/// `{"detail": "text"}` and `{"detail": [{"msg": "text"}]}` of FastAPI; `{"message": "text"}`.
struct ProviderMessage: Equatable {
    private(set) var text: String?
    private(set) var type: String?
    /// A number as its digits.
    private(set) var code: String?
    private(set) var parameter: String?

    /// The account may not spend more.
    var isOutOfQuota: Bool { type == "insufficient_quota" || code == "insufficient_quota" }

    /// The provider does not do such things, whoever asks.
    var isForContent: Bool {
        code == "content_policy_violation" || code == "content_filter"
            || code == "moderation_blocked" || type == "content_filter"
    }

    /// Reads a response's body; what is not JSON, such as a proxy's page, says nothing.
    init(body: [UInt8]) {
        var reader = JSONReader(body)
        var other: [String: String] = [:]
        do throws(JSONError) {
            guard try reader.peekKind() == .object else { return }
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "error": try readError(&reader, &other)
                case "detail": other[key] = try Self.readDetail(&reader)
                case "errors", "message": other[key] = try reader.readText()
                default: break
                }
            }
        } catch {
            // What was read before the text broke off still helps.
        }
        for key in ["detail", "errors", "error", "message"] {
            if text == nil, let found = other[key], !found.isEmpty { text = found }
        }
    }

    /// Reads the value of a member `error`.
    init(error reader: inout JSONReader) throws(JSONError) {
        var other: [String: String] = [:]
        try readError(&reader, &other)
        text = text ?? other["error"]
    }

    private mutating func readError(
        _ reader: inout JSONReader, _ other: inout [String: String]
    ) throws(JSONError) {
        guard try reader.peekKind() == .object else {
            other["error"] = try reader.readText()
            return
        }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "message": text = try reader.readText()
            case "type": type = try reader.readText()
            case "code": code = try reader.readText()
            case "param": parameter = try reader.readText()
            default: break
            }
        }
    }

    private static func readDetail(_ reader: inout JSONReader) throws(JSONError) -> String? {
        guard try reader.peekKind() == .array else { return try reader.readText() }
        var found: String?
        try reader.beginArray()
        while try reader.nextElement() {
            guard try reader.peekKind() == .object else { continue }
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if key == "msg", found == nil { found = try reader.readText() }
            }
        }
        return found
    }
}
