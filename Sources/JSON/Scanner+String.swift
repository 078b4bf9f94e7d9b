// Strings are most of what passes here, so they are scanned eight bytes at a time: a word whose
// bytes are all plain ASCII is stepped over with a few instructions, and in any other word the
// first byte that needs a look is found by its bit.

extension Scanner {
    /// A string's extent, which starts behind its opening quote.
    struct ScannedString {
        /// The index of the closing quote.
        var end: Int
        var hasEscapes: Bool
    }

    /// Finds the closing quote of the string whose contents start at `start`, checking all between.
    static func string(
        _ text: Span<UInt8>, from start: Int
    ) throws(JSONError) -> ScannedString {
        var index = start
        var hasEscapes = false
        while true {
            index = plain(text, from: index)
            switch try byte(text, at: index) {
            case ASCII.quote:
                return ScannedString(end: index, hasEscapes: hasEscapes)
            case ASCII.backslash:
                hasEscapes = true
                index = try escape(text, from: index)
            case let byte where byte < ASCII.space:
                throw JSONError(offset: index, kind: .controlCharacter(byte))
            default:
                // Characters beyond ASCII come in runs, so the scan by words resumes behind the
                // run.
                repeat {
                    index = try multibyteCharacter(text, from: index)
                } while index < text.count && text[index] >= 0x80
            }
        }
    }

    /// Returns the index of the first byte from `index` on that is a quote, a backslash, a control
    /// character or not ASCII; the text's end when there is none.
    @inline(__always)
    static func plain(_ text: Span<UInt8>, from index: Int) -> Int {
        var index = index
        // Safe: a UInt8 has no padding, the load checks its bounds, and any bits make a UInt64.
        let bytes = unsafe text.bytes
        while index <= text.count - 8 {
            let word = unsafe UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let marks = special(word)
            if marks != 0 { return index + marks.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < text.count {
            let byte = text[index]
            guard
                byte >= ASCII.space, byte < 0x80, byte != ASCII.quote, byte != ASCII.backslash
            else { break }
            index += 1
        }
        return index
    }

    /// Returns a word in which the top bit of each byte that `plain` stops at is set.
    ///
    /// The borrow of a subtraction can wrongly mark bytes above a true mark, so only the lowest
    /// mark is exact, and only that one is used. (Hacker's Delight, section 6-1.)
    @inline(__always)
    private static func special(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* UInt64(ASCII.quote))
        let backslashes = word ^ (ones &* UInt64(ASCII.backslash))
        let found =
            ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
            | ((word &- ones &* UInt64(ASCII.space)) & ~word) | word
        return found & (ones &* 0x80)
    }

    private static func escape(_ text: Span<UInt8>, from start: Int) throws(JSONError) -> Int {
        switch try byte(text, at: start + 1) {
        case ASCII.quote, ASCII.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            for index in start + 2..<start + 6 {
                guard hexadecimalDigit(try byte(text, at: index)) != nil else {
                    throw JSONError(offset: start, kind: .invalidEscape)
                }
            }
            return start + 6
        default:
            throw JSONError(offset: start, kind: .invalidEscape)
        }
    }

    /// Returns the value of a hexadecimal digit; nil for any other byte.
    static func hexadecimalDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case ASCII.zero...ASCII.nine: UInt16(byte - ASCII.zero)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Checks one UTF-8 sequence of two to four bytes (Unicode, table 3-7) and returns the index
    /// behind it.
    ///
    /// The range of the second byte rules out overlong forms, surrogates and values beyond
    /// U+10FFFF.
    private static func multibyteCharacter(
        _ text: Span<UInt8>, from start: Int
    ) throws(JSONError) -> Int {
        let length: Int
        let second: ClosedRange<UInt8>
        switch text[start] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(offset: start, kind: .invalidUTF8)
        }
        guard second.contains(try byte(text, at: start + 1)) else {
            throw JSONError(offset: start, kind: .invalidUTF8)
        }
        for index in start + 2..<start + length {
            guard try byte(text, at: index) & 0xC0 == 0x80 else {
                throw JSONError(offset: start, kind: .invalidUTF8)
            }
        }
        return start + length
    }
}
