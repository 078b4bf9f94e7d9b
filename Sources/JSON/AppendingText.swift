// What is sent is built as bytes. The collection `String.utf8` is appended element by element or
// through several generic calls, which cost more than the bytes; these take one copy each.

extension [UInt8] {
    /// Appends the UTF-8 of a text.
    @inlinable
    public mutating func append(text: String) {
        var text = text
        text.withUTF8 { unsafe append(contentsOf: $0) }
    }

    /// Appends a literal of the program.
    @inlinable
    public mutating func append(literal: StaticString) {
        unsafe append(
            contentsOf: UnsafeBufferPointer(
                start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends a number in decimal digits.
    @inlinable
    public mutating func append(decimal number: UInt64) {
        var digits = 1
        var rest = number / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        let start = count
        append(contentsOf: repeatElement(48, count: digits))
        rest = number
        for index in stride(from: start + digits - 1, through: start, by: -1) {
            self[index] = UInt8(truncatingIfNeeded: rest % 10) + 48
            rest /= 10
        }
    }
}
