package import JSON

extension Response {
    /// A JSON answer that is not to be cached.
    package static func json(_ status: Status = .ok, _ write: (inout JSONWriter) -> Void) -> Self {
        var json = JSONWriter()
        json.beginObject()
        write(&json)
        json.endObject()
        return self.json(status, text: json.bytes)
    }

    /// The same for JSON text that is there already.
    package static func json(_ status: Status = .ok, text: [UInt8]) -> Self {
        Self(
            status, fields: [("Cache-Control", "no-store")], body: text,
            contentType: "application/json")
    }
}
