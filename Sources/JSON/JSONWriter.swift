/// Builds compact JSON text value by value, and puts the commas and colons itself.
///
/// Numbers, keys and nesting come from this program, so a call that cannot be right (a value where
/// a key must be, an end that closes nothing) traps and says so.
package struct JSONWriter: Sendable {
    /// The text that was written so far, which is complete when everything opened is closed.
    package private(set) var bytes: [UInt8]

    /// A bit for each open object (1) or array (0), the innermost lowest.
    private var open: UInt64 = 0
    private var depth = 0
    private var position = Position.value

    private enum Position {
        /// Before the outermost value or behind a key.
        case value
        /// Behind the opening bracket.
        case first
        /// Behind a value in an array or object.
        case separator
        /// Behind the outermost value.
        case end
    }

    /// Begins a text that is appended to `bytes`.
    package init(appendingTo bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    // MARK: - Objects and arrays

    /// Opens an object; its members follow, each a `key` and then its value.
    package mutating func beginObject() { begin(ASCII.leftBrace, bit: 1) }

    /// Closes the object that was opened last.
    package mutating func endObject() { end(ASCII.rightBrace, bit: 1) }

    /// Opens an array; its elements follow.
    package mutating func beginArray() { begin(ASCII.leftBracket, bit: 0) }

    /// Closes the array that was opened last.
    package mutating func endArray() { end(ASCII.rightBracket, bit: 0) }

    /// Writes a member's key, which is not checked against the object's other keys.
    package mutating func key(_ key: String) {
        precondition(
            depth > 0 && open & 1 == 1 && position != .value,
            "JSONWriter: key() belongs in an object, with one value after each")
        if position == .separator { bytes.append(ASCII.comma) }
        appendJSONString(key, to: &bytes)
        bytes.append(ASCII.colon)
        position = .value
    }

    private mutating func begin(_ byte: UInt8, bit: UInt64) {
        precondition(
            depth < JSONReader.deepestNesting, "JSONWriter: 64 levels is as deep as readers go")
        beforeValue()
        bytes.append(byte)
        open = open << 1 | bit
        depth += 1
        position = .first
    }

    private mutating func end(_ byte: UInt8, bit: UInt64) {
        precondition(
            depth > 0 && open & 1 == bit && position != .value,
            "JSONWriter: this end does not match what was begun last, or a key has no value")
        bytes.append(byte)
        open >>= 1
        depth -= 1
        afterValue()
    }

    private mutating func beforeValue() {
        switch position {
        case .value: break
        case .first, .separator:
            precondition(open & 1 == 0, "JSONWriter: in an object, key() comes before each value")
            if position == .separator { bytes.append(ASCII.comma) }
        case .end: preconditionFailure("JSONWriter: the text is already one complete value")
        }
    }

    private mutating func afterValue() {
        position = depth == 0 ? .end : .separator
    }

    // MARK: - Values

    /// Writes a string, as `appendJSONString` does.
    package mutating func string(_ value: String) {
        beforeValue()
        appendJSONString(value, to: &bytes)
        afterValue()
    }

    /// Writes a whole number.
    package mutating func integer(_ value: some BinaryInteger) {
        scalar(String(value))
    }

    /// Writes the shortest digits that read back as `value`, or `null` when it is not finite.
    package mutating func double(_ value: Double) {
        let digits = value.isFinite ? value.description : "null"
        scalar(digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits)
    }

    /// Writes `true` or `false`.
    package mutating func boolean(_ value: Bool) {
        scalar(value ? "true" : "false")
    }

    /// Writes `null`.
    package mutating func null() {
        scalar("null")
    }

    /// Writes a value that is JSON already, such as one from `copyValue`, without checking it.
    package mutating func raw(_ value: [UInt8]) {
        beforeValue()
        bytes.append(contentsOf: value)
        afterValue()
    }

    private mutating func scalar(_ text: String) {
        beforeValue()
        bytes.append(text: text)
        afterValue()
    }
}

/// Appends `text` as a JSON string, with its quotes.
///
/// It escapes what RFC 8259 requires (quote, backslash, below 0x20) and what some readers take for
/// the end of a line (U+0085, U+2028, U+2029). All other characters are appended as UTF-8.
package func appendJSONString(_ text: String, to output: inout [UInt8]) {
    var text = text
    text.makeContiguousUTF8()
    let source = text.utf8
    let bytes = source.span
    output.append(ASCII.quote)
    var start = 0
    var index = 0
    while true {
        index = Scanner.plain(bytes, from: index)
        var separator = 0
        if index < bytes.count, bytes[index] >= 0x80 {
            separator = LineSeparator.length(bytes, at: index)
            guard separator > 0 else {
                index += 1
                continue
            }
        }
        let plain = bytes.extracting(start..<index)
        unsafe plain.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
        guard index < bytes.count else { break }
        if separator > 0 {
            output.append(literal: LineSeparator.escape(bytes, at: index))
            index += separator
        } else {
            appendEscape(of: bytes[index], to: &output)
            index += 1
        }
        start = index
    }
    output.append(ASCII.quote)
}

/// Whether `appendJSONString` appends a text as it is between quotes, as far as a look by words
/// tells: it is ASCII without quotes, backslashes and control characters.
package func isPlainInJSON(_ text: String) -> Bool {
    Scanner.plain(text.utf8.span, from: 0) == text.utf8.count
}

private func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
    output.append(ASCII.backslash)
    switch byte {
    case ASCII.quote, ASCII.backslash: output.append(byte)
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case ASCII.lineFeed: output.append(UInt8(ascii: "n"))
    case ASCII.carriageReturn: output.append(UInt8(ascii: "r"))
    case ASCII.tab: output.append(UInt8(ascii: "t"))
    default:
        output.append(contentsOf: "u00".utf8)
        output.append(hexadecimalDigit(byte >> 4))
        output.append(hexadecimalDigit(byte & 0xF))
    }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? ASCII.zero + value : UInt8(ascii: "a") + value - 10
}
