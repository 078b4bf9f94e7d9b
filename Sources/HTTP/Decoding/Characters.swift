// The character classes of RFC 9110 (5.6.2, 5.5) and RFC 3986 (3.2.2), and comparisons on bytes.
// A class is two 64-bit masks, one bit for each ASCII character: no table in memory, no
// lazy initialisation on the hot path.

internal import Glibc

/// A set of ASCII characters.
struct CharacterClass: Sendable {
    private let low: UInt64
    private let high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        let mask = byte < 64 ? low : high
        return (mask >> UInt64(byte & 63)) & 1 == 1
    }

    /// The characters of a token, `tchar`; a test compares the masks with the list in the RFC.
    @inline(__always)
    static var token: CharacterClass {
        CharacterClass(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// The characters of a registered name, an IPv4 address or an IPv6 literal without its
    /// brackets: unreserved and sub-delims.
    ///
    /// `%` and `:` are checked apart. A test compares the masks with the lists in the RFC.
    @inline(__always)
    static var host: CharacterClass {
        CharacterClass(low: 0x2BFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }
}

extension UInt8 {
    /// Allowed in a field value: visible characters, space, tab and obs-text (RFC 9110, 5.5).
    @inline(__always)
    var isFieldContent: Bool { (self >= 0x20 && self != 0x7F) || self == 0x09 }

    /// Visible ASCII.
    @inline(__always)
    var isVisible: Bool { self > 0x20 && self < 0x7F }

    /// Optional whitespace: space and tab (RFC 9110, 5.6.3).
    @inline(__always)
    var isWhitespace: Bool { self == 0x20 || self == 0x09 }

    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    /// The value of a hexadecimal digit.
    @inline(__always)
    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }

    @inline(__always)
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}

extension Span<UInt8> {
    /// The bytes as text; bytes that are not UTF-8 become U+FFFD.
    var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in indices { bytes.append(self[index]) }
        return String(decoding: bytes, as: UTF8.self)
    }

    var isToken: Bool { count > 0 && endOfToken(in: 0..<count) == count }

    /// Returns the index of the first byte in `range` that is not of this class; the range's end
    /// when all are.
    @inline(__always)
    func end(of characters: CharacterClass, in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        var index = range.lowerBound
        // Safe: the range lies inside the span.
        while index < range.upperBound, unsafe characters.contains(self[unchecked: index]) {
            index += 1
        }
        return index
    }

    /// Returns the end of the token at the beginning of `range`: the index of the first byte that
    /// is not a token character, or the range's end when all are.
    ///
    /// It looks at eight bytes together, because most names consist of letters and hyphens.
    @inline(__always)
    func endOfToken(in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        var index = range.lowerBound
        // Safe: the range lies inside the span, a UInt8 has no padding, and any bits make a UInt64.
        let bytes = unsafe self.bytes
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops = ones << 7
        while index <= range.upperBound - 8 {
            let word = unsafe UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            // Seven bits of each byte, so that no sum runs into the next one.
            let lowercase = (word | ones &* 0x20) & ~tops
            let fromA = lowercase &+ ones &* (0x80 - 0x61)
            let beyondZ = lowercase &+ ones &* (0x80 - 0x7B)
            let hyphen = ((word ^ ones &* 0x2D) & ~tops) &+ ~tops
            let others = (~(fromA & ~beyondZ) & hyphen | word) & tops
            if others != 0 {
                index += others.trailingZeroBitCount / 8
                break
            }
            index += 8
        }
        return end(of: .token, in: index..<range.upperBound)
    }

    /// Returns the index of the first byte in `range` that may not be in a field's value; the
    /// range's end when all may.
    ///
    /// It looks at eight bytes together, because most values have no tab and no control character.
    @inline(__always)
    func endOfFieldContent(in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        var index = range.lowerBound
        // Safe: the range lies inside the span, a UInt8 has no padding, and any bits make a UInt64.
        let bytes = unsafe self.bytes
        let ones: UInt64 = 0x0101_0101_0101_0101
        while index <= range.upperBound - 8 {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            // A byte below 0x20 or equal to 0x7F sets its top bit, or that of one above a true
            // one. (Hacker's Delight, section 6-1.)
            let deletes = word ^ ones &* 0x7F
            let found = (word &- ones &* 0x20) & ~word | (deletes &- ones) & ~deletes
            if found & (ones &* 0x80) != 0 { break }
            index += 8
        }
        while index < range.upperBound, unsafe self[unchecked: index].isFieldContent { index += 1 }
        return index
    }

    func equals(_ other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBufferPointer { bytes in
            unsafe other.withUnsafeBufferPointer { others in
                // An empty span may have no address.
                guard let start = bytes.baseAddress, let other = others.baseAddress else {
                    return true
                }
                return unsafe memcmp(start, other, bytes.count) == 0
            }
        }
    }

    func equals(_ other: StaticString) -> Bool {
        guard count == other.utf8CodeUnitCount else { return false }
        return unsafe withUnsafeBufferPointer { bytes in
            // An empty span may have no address.
            guard let start = bytes.baseAddress else { return true }
            return unsafe memcmp(start, other.utf8Start, bytes.count) == 0
        }
    }

    /// Compares without regard to ASCII case; `lowercase` must be in lower case.
    func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
        let other = unsafe UnsafeRawBufferPointer(
            start: lowercase.utf8Start, count: lowercase.utf8CodeUnitCount)
        guard count == other.count else { return false }
        guard count >= 8 else {
            for index in indices
            where unsafe self[unchecked: index].lowercased != other[index] { return false }
            return true
        }
        // Compares eight bytes together; the last eight may overlap those before. Safe: they lie
        // inside both texts, and any bits make a UInt64.
        let bytes = unsafe self.bytes
        var start = 0
        while true {
            let expected = unsafe other.loadUnaligned(fromByteOffset: start, as: UInt64.self)
            let found = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
            guard found | Self.caseBits(of: expected) == expected else { return false }
            if start == count - 8 { return true }
            start = Swift.min(start + 8, count - 8)
        }
    }

    /// Returns a word with the bit in which upper and lower case differ, for each byte that is a
    /// letter in lower case.
    @inline(__always)
    private static func caseBits(of word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // The program's own texts are ASCII, so no sum runs into the next byte.
        let fromA = word &+ ones &* (0x80 - 0x61)
        let beyondZ = word &+ ones &* (0x80 - 0x7B)
        return (fromA & ~beyondZ & ones << 7) >> 2
    }

    /// Returns `range` without the spaces and tabs at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower].isWhitespace { lower += 1 }
        while upper > lower, self[upper - 1].isWhitespace { upper -= 1 }
        return lower..<upper
    }

    /// Calls `body` with each element of a comma-separated list, trimmed, empty ones included.
    func forEachListElement<Failure: Error>(
        _ body: (Range<Int>) throws(Failure) -> Void
    ) throws(Failure) {
        var start = 0
        for index in indices where self[index] == UInt8(ascii: ",") {
            try body(trimmed(start..<index))
            start = index + 1
        }
        try body(trimmed(start..<count))
    }
}
