import JSON

/// The one value in `text`, checked to its end and compacted.
func copied(_ text: [UInt8], maximumDepth: Int = 64) throws(JSONError) -> [UInt8] {
    var reader = JSONReader(text)
    var output: [UInt8] = []
    try reader.copyValue(into: &output, maximumDepth: maximumDepth)
    try reader.finish()
    return output
}

func copied(_ text: String) throws(JSONError) -> String {
    String(decoding: try copied(Array(text.utf8)), as: UTF8.self)
}

/// The error that copying `text` throws; nil when it is accepted.
func refusal(of text: [UInt8]) -> JSONError? {
    do {
        _ = try copied(text)
        return nil
    } catch {
        return error
    }
}

func refusal(of text: String) -> JSONError? { refusal(of: Array(text.utf8)) }

/// The value in `text` read through every pull call and written again by a `JSONWriter`.
///
/// Goes down only 64 levels, so recursion is safe here.
func rewritten(_ text: [UInt8]) throws(JSONError) -> [UInt8] {
    var reader = JSONReader(text)
    var writer = JSONWriter()
    try rewrite(&reader, &writer)
    try reader.finish()
    return writer.bytes
}

private func rewrite(_ reader: inout JSONReader, _ writer: inout JSONWriter) throws(JSONError) {
    switch try reader.peekKind() {
    case .object:
        try reader.beginObject()
        writer.beginObject()
        while let key = try reader.nextKey() {
            writer.key(key)
            try rewrite(&reader, &writer)
        }
        writer.endObject()
    case .array:
        try reader.beginArray()
        writer.beginArray()
        while try reader.nextElement() { try rewrite(&reader, &writer) }
        writer.endArray()
    case .string: writer.string(try reader.readString())
    case .number: writer.raw(Array(try reader.readNumber().utf8))
    case .boolean: writer.boolean(try reader.readBoolean())
    case .null:
        try reader.readNull()
        writer.null()
    }
}

extension String {
    /// The text as bytes.
    var bytes: [UInt8] { Array(utf8) }

    func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}

/// Reads one reader to its end the way `read` says, then checks that nothing is left.
func reading<Value>(
    _ text: String, _ read: (inout JSONReader) throws(JSONError) -> Value
) throws(JSONError) -> Value {
    var reader = JSONReader(text.bytes)
    let value = try read(&reader)
    try reader.finish()
    return value
}
