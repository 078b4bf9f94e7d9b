// Three characters end a line for many readers that cut text into lines (Python's `splitlines`,
// ECMAScript before 2019), though neither for JSON nor for an event stream: U+0085, U+2028 and
// U+2029. Where a line of JSON is sent, they are written as escapes, which changes no value: in
// JSON they can stand in strings alone.
//
// Cost: text without C2 and E2, the bytes with which they begin in UTF-8, is looked at eight bytes
//   at a time.

enum LineSeparator {
    /// Returns the number of bytes of the line separator that begins at `index`; 0 when none does.
    @inline(__always)
    static func length(_ text: Span<UInt8>, at index: Int) -> Int {
        switch text[index] {
        case 0xC2 where index + 1 < text.count && text[index + 1] == 0x85: 2
        case 0xE2
        where index + 2 < text.count && text[index + 1] == 0x80 && text[index + 2] | 1 == 0xA9: 3
        default: 0
        }
    }

    /// Returns the escape of the line separator that begins at `index`.
    static func escape(_ text: Span<UInt8>, at index: Int) -> StaticString {
        if text[index] == 0xC2 { return "\\u0085" }
        return text[index + 2] == 0xA8 ? "\\u2028" : "\\u2029"
    }

    /// Returns the index of the first line separator from `start` on; the text's end when there is
    /// none.
    static func first(in text: Span<UInt8>, from start: Int) -> Int {
        var index = start
        // Safe: a UInt8 has no padding, the load checks its bounds, and any bits make a UInt64.
        let bytes = unsafe text.bytes
        while index <= text.count - 8 {
            let word = unsafe UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            if word & tops != 0, mayBegin(in: word) {
                for place in index..<index + 8 where length(text, at: place) > 0 { return place }
            }
            index += 8
        }
        while index < text.count, length(text, at: index) == 0 { index += 1 }
        return index
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops = ones << 7

    /// Whether a byte of the word is C2 or E2, which differ in one bit. (Hacker's Delight, section
    /// 6-1.)
    @inline(__always)
    private static func mayBegin(in word: UInt64) -> Bool {
        let difference = (word | ones &* 0x20) ^ ones &* 0xE2
        return (difference &- ones) & ~difference & tops != 0
    }
}

extension [UInt8] {
    /// Appends JSON text with U+0085, U+2028 and U+2029 as escapes.
    ///
    /// - Parameter json: Valid JSON, such as `JSONReader.copyValue` gives.
    package mutating func append(lineSafe json: [UInt8]) {
        let text = json.span
        var start = 0
        while true {
            let index = LineSeparator.first(in: text, from: start)
            if index == text.count { break }
            append(contentsOf: json[start..<index])
            append(literal: LineSeparator.escape(text, at: index))
            start = index + LineSeparator.length(text, at: index)
        }
        if start == 0 { append(contentsOf: json) } else { append(contentsOf: json[start...]) }
    }

    /// Whether `append(lineSafe:)` appends this text as it is.
    package var isLineSafe: Bool { LineSeparator.first(in: span, from: 0) == count }

    /// The number of bytes that `append(lineSafe:)` appends for this text.
    package var lineSafeCount: Int {
        let text = span
        var (total, start) = (count, 0)
        while true {
            let index = LineSeparator.first(in: text, from: start)
            if index == text.count { return total }
            let length = LineSeparator.length(text, at: index)
            total += LineSeparator.escape(text, at: index).utf8CodeUnitCount - length
            start = index + length
        }
    }
}
