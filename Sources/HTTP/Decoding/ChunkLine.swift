/// The first line of a chunk: `chunk-size [ chunk-ext ]` (RFC 9112, 7.1).
struct ChunkLine {
    let size: Int
    /// The number of bytes of the line that are extensions.
    let extensionBytes: Int

    init(_ bytes: borrowing Span<UInt8>, from start: Int, length: Int) throws(RequestError) {
        let line = bytes.extracting(start..<start + length)
        var index = 0
        var size = 0
        while index < line.count, let digit = line[index].hexValue {
            guard size <= Int.max >> 4 else {
                throw RequestError(.contentTooLarge, "A chunk is larger than any server takes.")
            }
            size = size << 4 | Int(digit)
            index += 1
        }
        guard index > 0 else {
            throw .bad("A chunk does not begin with its size in hexadecimal digits.")
        }
        guard Self.areExtensions(line.extracting(droppingFirst: index)) else {
            throw .bad("A chunk's size is followed by something that is no chunk extension.")
        }
        self.size = size
        self.extensionBytes = line.count - index
    }
}

// The grammar of chunk extensions (RFC 9112, 7.1.1).
extension ChunkLine {
    /// Returns whether these bytes are `*( BWS ";" BWS name [ BWS "=" BWS value ] )`.
    private static func areExtensions(_ bytes: borrowing Span<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            skipWhitespace(bytes, &index)
            guard skip(UInt8(ascii: ";"), bytes, &index) else { return false }
            skipWhitespace(bytes, &index)
            guard skipToken(bytes, &index) else { return false }
            // Whitespace here must stand before a ";" or "="; at the line's end it is an error.
            var next = index
            skipWhitespace(bytes, &next)
            guard skip(UInt8(ascii: "="), bytes, &next) else { continue }
            skipWhitespace(bytes, &next)
            guard skipToken(bytes, &next) || skipQuoted(bytes, &next) else { return false }
            index = next
        }
        return true
    }

    private static func skip(
        _ byte: UInt8, _ bytes: borrowing Span<UInt8>, _ index: inout Int
    ) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private static func skipWhitespace(_ bytes: borrowing Span<UInt8>, _ index: inout Int) {
        while index < bytes.count, bytes[index].isWhitespace { index += 1 }
    }

    private static func skipToken(_ bytes: borrowing Span<UInt8>, _ index: inout Int) -> Bool {
        let start = index
        while index < bytes.count, CharacterClass.token.contains(bytes[index]) { index += 1 }
        return index > start
    }

    private static func skipQuoted(_ bytes: borrowing Span<UInt8>, _ index: inout Int) -> Bool {
        guard skip(UInt8(ascii: "\""), bytes, &index) else { return false }
        while index < bytes.count, bytes[index].isFieldContent {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return true
            case UInt8(ascii: "\\"):
                index += 1
                guard index < bytes.count, bytes[index].isFieldContent else { return false }
            default: break
            }
            index += 1
        }
        return false
    }
}
