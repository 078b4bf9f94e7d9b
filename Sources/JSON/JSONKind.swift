/// The kind of a JSON value, which its first byte decides.
package enum JSONKind: Sendable {
    case object, array, string, number, boolean, null

    /// The kind of a value that begins with `byte`; nil when no value does.
    init?(firstByte byte: UInt8) {
        switch byte {
        case ASCII.leftBrace: self = .object
        case ASCII.leftBracket: self = .array
        case ASCII.quote: self = .string
        case ASCII.minus, ASCII.zero...ASCII.nine: self = .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .boolean
        case UInt8(ascii: "n"): self = .null
        default: return nil
        }
    }
}

extension JSONKind: CustomStringConvertible {
    /// The kind with its article, to stand in a sentence: "an object".
    package var description: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .boolean: "true or false"
        case .null: "null"
        }
    }
}
