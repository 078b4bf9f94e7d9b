internal import JSON

extension JSONWriter {
    /// Writes the list of messages of a conversation that begins with `request`.
    ///
    /// With `asksForSchema`, the prompt asks for the schema in words, for servers that have no
    /// member for it.
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
    /// The lower 31 bits, as some providers have 32 bits for a seed, and some take a negative one
    /// for none.
    var asProviderSeed: Int { Int(self & 0x7FFF_FFFF) }
}
