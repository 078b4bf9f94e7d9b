package import JSON

extension Response {
    /// A JSON answer that is not to be cached.
    package static func json(_ status: Status = .ok, _ write: (inout JSONWriter) -> Void) -> Self {
        var json = JSONWriter()
        json.beginObject()
        write(&json)
        json.endObject()
        return Self(
            status, fields: [("Cache-Control", "no-store")], body: json.bytes,
            contentType: "application/json")
    }
}
