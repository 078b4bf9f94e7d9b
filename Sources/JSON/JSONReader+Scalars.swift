extension JSONReader {
    /// Reads a string and decodes it.
    ///
    /// - Throws: `loneSurrogate` for an escaped half of a surrogate pair, which no `String` can
    ///   hold.
    package mutating func readString() throws(JSONError) -> String {
        try expect(.string)
        let start = offset + 1
        let string = try Scanner.string(text.span.extracting(..<end), from: start)
        let decoded = try decode(string, from: start)
        pass(to: string.end + 1)
        return decoded
    }

    /// Reads `true` or `false`.
    package mutating func readBoolean() throws(JSONError) -> Bool {
        try expect(.boolean)
        let value = text[offset] == UInt8(ascii: "t")
        pass(to: try Scanner.literal(text.span.extracting(..<end), from: offset))
        return value
    }

    /// Reads `null`.
    package mutating func readNull() throws(JSONError) {
        try expect(.null)
        pass(to: try Scanner.literal(text.span.extracting(..<end), from: offset))
    }

    /// Reads a number and returns its text as written, so that no precision is lost.
    package mutating func readNumber() throws(JSONError) -> String {
        let number = try scanNumber()
        defer { pass(to: number.upperBound) }
        return String(decoding: text[number], as: UTF8.self)
    }

    /// Reads a number written without fraction and exponent.
    ///
    /// - Throws: `notAnInteger` for `1.0` and `1e2`, `numberOutOfRange` for what `Int` cannot hold.
    package mutating func readInteger() throws(JSONError) -> Int {
        let number = try scanNumber()
        let digits = text[number]
        guard digits.allSatisfy({ $0 <= ASCII.nine && $0 != UInt8(ascii: ".") }) else {
            throw JSONError(offset: number.lowerBound, kind: .notAnInteger)
        }
        guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
            throw JSONError(offset: number.lowerBound, kind: .numberOutOfRange)
        }
        pass(to: number.upperBound)
        return value
    }

    /// Reads a number as the nearest `Double`.
    ///
    /// - Throws: `numberOutOfRange` when that would be infinite; too small a number becomes zero.
    package mutating func readDouble() throws(JSONError) -> Double {
        let number = try scanNumber()
        guard let value = Double(String(decoding: text[number], as: UTF8.self)), value.isFinite
        else {
            throw JSONError(offset: number.lowerBound, kind: .numberOutOfRange)
        }
        pass(to: number.upperBound)
        return value
    }

    private mutating func scanNumber() throws(JSONError) -> Range<Int> {
        try expect(.number)
        return offset..<(try Scanner.number(text.span.extracting(..<end), from: offset))
    }

    /// Decodes a string whose contents were scanned from `start` on.
    func decode(
        _ string: Scanner.ScannedString, from start: Int
    ) throws(JSONError) -> String {
        guard string.hasEscapes else {
            return String(decoding: text[start..<string.end], as: UTF8.self)
        }
        return try decodeEscapes(start..<string.end)
    }

    func decodeEscapes(_ range: Range<Int>) throws(JSONError) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            guard text[index] == ASCII.backslash else {
                decoded.append(text[index])
                index += 1
                continue
            }
            let letter = text[index + 1]
            if letter == UInt8(ascii: "u") {
                index = try decodeUnicodeEscape(at: index, into: &decoded)
                continue
            }
            switch letter {
            case UInt8(ascii: "b"): decoded.append(0x08)
            case UInt8(ascii: "f"): decoded.append(0x0C)
            case UInt8(ascii: "n"): decoded.append(ASCII.lineFeed)
            case UInt8(ascii: "r"): decoded.append(ASCII.carriageReturn)
            case UInt8(ascii: "t"): decoded.append(ASCII.tab)
            default: decoded.append(letter)
            }
            index += 2
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Appends the character of a `\u` escape, or of the pair that it begins (RFC 8259, section 7).
    ///
    /// - Returns: the index behind the escape or the pair.
    private func decodeUnicodeEscape(
        at index: Int, into decoded: inout [UInt8]
    ) throws(JSONError) -> Int {
        let first = codeUnit(at: index)
        let next = index + 6
        if let scalar = Unicode.Scalar(first) {
            decoded.append(contentsOf: scalar.utf8)
            return next
        }
        // These indexes are inside the text, because the string was scanned: a closing quote
        // follows, and each escape is complete.
        guard UTF16.isLeadSurrogate(first), text[next] == ASCII.backslash,
            text[next + 1] == UInt8(ascii: "u")
        else { throw JSONError(offset: index, kind: .loneSurrogate) }
        let second = codeUnit(at: next)
        guard UTF16.isTrailSurrogate(second),
            let scalar = Unicode.Scalar(
                0x1_0000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF)))
        else { throw JSONError(offset: index, kind: .loneSurrogate) }
        decoded.append(contentsOf: scalar.utf8)
        return next + 6
    }

    private func codeUnit(at index: Int) -> UInt16 {
        text[index + 2..<index + 6].reduce(0) { unit, byte in
            unit << 4 | (Scanner.hexadecimalDigit(byte) ?? 0)
        }
    }
}
