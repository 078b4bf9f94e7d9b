package import JSON

extension Response {
    /// Creates an answer that is not to be cached, with a JSON object whose members `write` writes.
    package static func json(_ status: Status = .ok, _ write: (inout JSONWriter) -> Void) -> Self {
        var json = JSONWriter()
        json.beginObject()
        write(&json)
        json.endObject()
        return self.json(status, text: json.bytes)
    }

    /// Creates an answer that is not to be cached, from JSON text.
    package static func json(_ status: Status = .ok, text: [UInt8]) -> Self {
        Self(
            status, fields: [("Cache-Control", "no-store")], body: text,
            contentType: "application/json")
    }
}
