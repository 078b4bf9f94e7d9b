// Output is built as arrays of bytes. Appending the collection `String.utf8` goes element by
// element or through several generic calls, which cost more than the bytes themselves. Each of
// these functions makes one copy.

extension [UInt8] {
    /// Appends the UTF-8 of a text.
    @inlinable
    public mutating func append(text: String) {
        var text = text
        text.withUTF8 { unsafe append(contentsOf: $0) }
    }

    /// Appends the UTF-8 of a string literal.
    @inlinable
    public mutating func append(literal: StaticString) {
        unsafe append(
            contentsOf: UnsafeBufferPointer(
                start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends a number in decimal digits.
    @inlinable
    public mutating func append(decimal number: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = digits.count
        var rest = number
        repeat {
            start -= 1
            digits[start] = UInt8(truncatingIfNeeded: rest % 10) + 48
            rest /= 10
        } while rest > 0
        unsafe digits.span.extracting(start...).withUnsafeBufferPointer {
            unsafe append(contentsOf: $0)
        }
    }
}
