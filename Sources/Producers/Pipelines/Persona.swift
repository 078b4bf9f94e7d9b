internal import JSON

/// A persona that a model has written: a JSON object with at least a name.
struct Persona: Sendable {
    static let instructions = """
        You invent people for a social network. Answer with one JSON object and nothing else: "name", \
        "age" (a number), "occupation", "city", "bio" (two or three sentences in the third person), \
        "voice" (how they write, in one sentence) and "interests" (three to five).
        """

    /// The JSON schema of the answer, whose lengths stop models that would never end.
    static let schema = """
        {"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":80},\
        "age":{"type":"integer","minimum":13,"maximum":110},\
        "occupation":{"type":"string","maxLength":120},"city":{"type":"string","maxLength":120},\
        "bio":{"type":"string","maxLength":800},"voice":{"type":"string","maxLength":300},\
        "interests":{"type":"array","items":{"type":"string","maxLength":60},"minItems":1,\
        "maxItems":8}},"required":["name","age","occupation","city","bio","voice","interests"],\
        "additionalProperties":false}
        """

    /// Compact JSON.
    let json: [UInt8]
    let name: String

    /// Finds the object in a model's answer, where words or a code fence may surround it.
    init?(_ answer: String) {
        let bytes = Array(answer.utf8)
        guard let start = bytes.firstIndex(of: UInt8(ascii: "{")),
            let end = bytes.lastIndex(of: UInt8(ascii: "}")), start < end
        else { return nil }
        self.init(json: Array(bytes[start...end]))
    }

    init?(json text: [UInt8]) {
        var reader = JSONReader(text)
        var compact: [UInt8] = []
        do throws(JSONError) {
            try reader.copyValue(into: &compact)
            try reader.finish()
            reader = JSONReader(compact)
            try reader.beginObject()
            var name: String?
            while let key = try reader.nextKey() {
                if key == "name" { name = try reader.readString() }
            }
            guard let name, !name.isEmpty else { return nil }
            json = compact
            self.name = String(Substring(name.unicodeScalars.prefix(200)))
        } catch {
            return nil
        }
    }
}
