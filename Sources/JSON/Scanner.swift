// The grammar of RFC 8259, token by token, over borrowed bytes.
//
// Each function takes the text and an index and returns the index behind the token, or throws. None
// looks at a byte twice, allocates, or recurses, so the cost of a hostile text, too, is only that
// of its length. Indexes are those of the whole text; `text` ends where reading ends.

enum Scanner {
    /// Returns the index of the first byte at or after `index` that is not whitespace.
    @inline(__always)
    static func whitespace(_ text: Span<UInt8>, from index: Int) -> Int {
        var index = index
        while index < text.count {
            let byte = text[index]
            guard
                byte == ASCII.space || byte == ASCII.lineFeed || byte == ASCII.carriageReturn
                    || byte == ASCII.tab
            else { break }
            index += 1
        }
        return index
    }

    /// Returns the byte at `index`.
    ///
    /// - Throws: `unexpectedEnd` when the text ends before it.
    @inline(__always)
    static func byte(_ text: Span<UInt8>, at index: Int) throws(JSONError) -> UInt8 {
        guard index < text.count else { throw JSONError(offset: index, kind: .unexpectedEnd) }
        return text[index]
    }

    /// Throws unless the colon between a key and its value stands at `index`.
    @inline(__always)
    static func expectColon(_ text: Span<UInt8>, at index: Int) throws(JSONError) {
        let found = try byte(text, at: index)
        guard found == ASCII.colon else {
            throw JSONError(offset: index, kind: .unexpectedByte(found, expected: .colon))
        }
    }

    /// Returns the index behind the `true`, `false` or `null` whose first letter stands at `index`.
    static func literal(_ text: Span<UInt8>, from index: Int) throws(JSONError) -> Int {
        let word: StaticString =
            switch text[index] {
            case UInt8(ascii: "t"): "true"
            case UInt8(ascii: "f"): "false"
            default: "null"
            }
        for position in 1..<word.utf8CodeUnitCount {
            let found = try byte(text, at: index + position)
            guard found == letter(word, position) else {
                throw JSONError(
                    offset: index + position, kind: .unexpectedByte(found, expected: .value))
            }
        }
        return index + word.utf8CodeUnitCount
    }

    private static func letter(_ word: StaticString, _ position: Int) -> UInt8 {
        unsafe word.utf8Start[position]
    }

    /// Returns the index behind the number whose minus sign or first digit stands at `start`.
    static func number(_ text: Span<UInt8>, from start: Int) throws(JSONError) -> Int {
        var index = start
        if text[index] == ASCII.minus { index += 1 }
        let first = try byte(text, at: index)
        guard isDigit(first) else { throw JSONError(offset: index, kind: .invalidNumber) }
        index += 1
        if first == ASCII.zero {
            guard index == text.count || !isDigit(text[index]) else {
                throw JSONError(offset: index, kind: .invalidNumber)
            }
        } else {
            index = digits(text, from: index)
        }
        if index < text.count, text[index] == UInt8(ascii: ".") {
            index = try atLeastOneDigit(text, from: index + 1)
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            let sign = try byte(text, at: index)
            if sign == UInt8(ascii: "+") || sign == ASCII.minus { index += 1 }
            index = try atLeastOneDigit(text, from: index)
        }
        return index
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- ASCII.zero < 10 }

    private static func digits(_ text: Span<UInt8>, from index: Int) -> Int {
        var index = index
        while index < text.count, isDigit(text[index]) { index += 1 }
        return index
    }

    private static func atLeastOneDigit(
        _ text: Span<UInt8>, from index: Int
    ) throws(JSONError) -> Int {
        guard isDigit(try byte(text, at: index)) else {
            throw JSONError(offset: index, kind: .invalidNumber)
        }
        return digits(text, from: index + 1)
    }
}
