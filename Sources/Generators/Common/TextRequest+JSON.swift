internal import JSON

extension JSONWriter {
    /// The list of messages of a conversation that begins with `request`.
    ///
    /// With `asksForSchema` the schema is asked for in words, of a server that has no member for
    /// it.
    mutating func messages(of request: TextRequest, asksForSchema: Bool = false) {
        beginArray()
        if !request.instructions.isEmpty { message("system", request.instructions) }
        var prompt = request.prompt
        if asksForSchema, let schema = request.schema {
            prompt += """


                Answer with one JSON object and nothing else. It must satisfy this JSON Schema: \(schema)
                """
        }
        message("user", prompt)
        endArray()
    }

    private mutating func message(_ role: String, _ content: String) {
        beginObject()
        key("role")
        string(role)
        key("content")
        string(content)
        endObject()
    }
}

extension UInt64 {
    /// The seed as every provider takes it: some have 32 bits for it, and for some a negative one
    /// is none.
    var asProviderSeed: Int { Int(self & 0x7FFF_FFFF) }
}
