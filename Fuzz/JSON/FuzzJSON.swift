// Holds for every text:
// - nothing traps, whatever calls read it;
// - copying, skipping and pulling agree on what is JSON, apart from lone surrogate escapes, which
//   only pulling refuses;
// - what a copy emits is accepted, is its own copy, and contains no raw LF or CR;
// - what is sent of a copy has no raw U+0085, U+2028 or U+2029 either, and the same values.

import JSON

/// Runs the invariants over one input of libFuzzer's.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let copy = try? copied(text)
    let error = pullAll(text)

    if let copy {
        precondition(!copy.contains(0x0A) && !copy.contains(0x0D), "a copy breaks lines")
        precondition(copy.count <= text.count, "a copy grew")
        guard let again = try? copied(copy) else { preconditionFailure("a copy is refused") }
        precondition(again == copy, "a copy is no fixed point")
        precondition(error == nil || error?.kind == .loneSurrogate, "pulling refuses a copied text")
        checkSent(copy)
    } else {
        precondition(error != nil, "pulling accepts what copying refuses")
    }
    precondition(isSkipped(text) == (copy != nil), "skipping and copying disagree")
    roundTrip(text)
    return 0
}

private func copied(_ text: [UInt8]) throws(JSONError) -> [UInt8] {
    var reader = JSONReader(text)
    var output: [UInt8] = []
    try reader.copyValue(into: &output)
    try reader.finish()
    return output
}

/// What is sent of a compact text reads as the text does, and no reader of lines can cut it.
private func checkSent(_ copy: [UInt8]) {
    var sent: [UInt8] = []
    sent.append(lineSafe: copy)
    precondition(sent.count == copy.lineSafeCount, "the length of what is sent is miscounted")
    let scalars = String(decoding: sent, as: UTF8.self).unicodeScalars
    precondition(!scalars.contains { [0x85, 0x2028, 0x2029].contains($0.value) }, "a raw line end")
    precondition((try? copied(sent)) == sent, "what is sent is refused")
    precondition(values(of: sent) == values(of: copy), "what is sent has other values")
}

/// A text with its strings decoded and written anew; `nil` when one cannot be decoded.
private func values(of text: [UInt8]) -> [UInt8]? {
    var reader = JSONReader(text)
    var writer = JSONWriter()
    do {
        try pull(&reader, &writer)
        return writer.bytes
    } catch {
        return nil
    }
}

private func isSkipped(_ text: [UInt8]) -> Bool {
    var reader = JSONReader(text)
    do {
        try reader.skipValue()
        try reader.finish()
        return true
    } catch {
        precondition(0...text.count ~= error.offset, "an error points outside the text")
        return false
    }
}

/// Reads `text` value by value, writes what was read, and gives the error that ended it.
private func pullAll(_ text: [UInt8]) -> JSONError? {
    var reader = JSONReader(text)
    var writer = JSONWriter()
    do throws(JSONError) {
        try pull(&reader, &writer)
        try reader.finish()
    } catch {
        precondition(0...text.count ~= error.offset, "an error points outside the text")
        return error
    }
    precondition((try? copied(writer.bytes)) == writer.bytes, "what is written is not compact")
    return nil
}

/// Recursion is bounded here: the reader goes 64 levels down.
private func pull(_ reader: inout JSONReader, _ writer: inout JSONWriter) throws(JSONError) {
    switch try reader.peekKind() {
    case .object:
        try reader.beginObject()
        writer.beginObject()
        while let key = try reader.nextKey() {
            writer.key(key)
            try pull(&reader, &writer)
        }
        writer.endObject()
    case .array:
        try reader.beginArray()
        writer.beginArray()
        while try reader.nextElement() { try pull(&reader, &writer) }
        writer.endArray()
    case .string: writer.string(try reader.readString())
    case .number:
        var asInteger = reader
        var asDouble = reader
        _ = try? asInteger.readInteger()
        _ = try? asDouble.readDouble()
        writer.raw(Array(try reader.readNumber().utf8))
    case .boolean: writer.boolean(try reader.readBoolean())
    case .null:
        try reader.readNull()
        writer.null()
    }
}

/// Any text becomes a string that reads back as the same text.
private func roundTrip(_ text: [UInt8]) {
    let value = String(decoding: text, as: UTF8.self)
    var output: [UInt8] = []
    appendJSONString(value, to: &output)
    precondition((try? copied(output)) == output, "an escaped string is refused")
    var reader = JSONReader(output)
    let back = try? reader.readString()
    precondition(back?.utf8.elementsEqual(value.utf8) == true, "a string came back changed")
}
