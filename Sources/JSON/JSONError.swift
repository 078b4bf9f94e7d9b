/// The reason why a text was refused, and the byte at which it was.
package struct JSONError: Error, Equatable, Sendable {
    /// The index in the reader's text of the byte that was refused.
    package var offset: Int
    package var kind: Kind

    package init(offset: Int, kind: Kind) {
        self.offset = offset
        self.kind = kind
    }

    /// The cause alone, for callers that answer different causes differently.
    package enum Kind: Equatable, Sendable {
        /// The text stops where more had to come.
        case unexpectedEnd
        /// A byte that must not stand here; `expected` says what may.
        case unexpectedByte(UInt8, expected: Expected)
        /// A UTF-8 byte order mark before the first value.
        case byteOrderMark
        /// Not UTF-8: a stray, missing or overlong sequence, a surrogate, or beyond U+10FFFF.
        case invalidUTF8
        /// A backslash followed by none of `" \ / b f n r t` or `u` with four hex digits.
        case invalidEscape
        /// Half of a surrogate pair as an escape, in a string that had to be decoded.
        case loneSurrogate
        /// A raw byte below 0x20 in a string.
        case controlCharacter(UInt8)
        /// Digits that do not follow the number grammar, such as `01`, `1.` or `+1`.
        case invalidNumber
        /// A number with fraction or exponent where a whole one is read.
        case notAnInteger
        /// A number that does not fit into the type that is read.
        case numberOutOfRange
        /// Arrays and objects that are nested deeper than allowed.
        case tooDeep(maximum: Int)
        /// A value of another kind than was asked for; the reader still stands before it.
        case wrongType(expected: JSONKind, found: JSONKind)
        /// Something other than whitespace after the end of the value.
        case trailingBytes
    }

    /// What may stand in the place of an unexpected byte.
    package enum Expected: Equatable, Sendable {
        case value, key, keyOrEnd, colon, commaOrEndOfObject, commaOrEndOfArray
    }
}

extension JSONError: CustomStringConvertible {
    /// One sentence for whoever wrote the text: what is wrong, at which byte, what is right.
    package var description: String { "At byte \(offset): \(kind)." }
}

extension JSONError.Kind: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unexpectedEnd:
            "the text ends before its value is complete"
        case .unexpectedByte(let byte, let expected):
            "found \(Self.shown(byte)), expected \(expected)"
        case .byteOrderMark:
            "found a byte order mark; JSON begins with its value"
        case .invalidUTF8:
            "this is not valid UTF-8; JSON text is UTF-8"
        case .invalidEscape:
            #"a backslash starts one of \" \\ \/ \b \f \n \r \t or \u with four hex digits"#
        case .loneSurrogate:
            #"this \u escape is one half of a surrogate pair; both halves are needed"#
        case .controlCharacter(let byte):
            #"a control character in a string is written as an escape, here \u00"#
                + Self.hexadecimal(byte)
        case .invalidNumber:
            "a number is written like 0, -12, 3.5 or 6e-7: no leading zero or plus, "
                + "and a digit after the point and the e"
        case .notAnInteger:
            "expected a whole number, without fraction or exponent"
        case .numberOutOfRange:
            "this number is too large to be represented"
        case .tooDeep(let maximum):
            "arrays and objects are nested more than \(maximum) deep"
        case .wrongType(let expected, let found):
            "expected \(expected), found \(found)"
        case .trailingBytes:
            "there is more text after the end of the value"
        }
    }

    private static func shown(_ byte: UInt8) -> String {
        switch byte {
        case 0x21...0x7E: "'\(Character(Unicode.Scalar(byte)))'"
        case ASCII.space: "a space"
        default: "the byte 0x\(hexadecimal(byte))"
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }
}

extension JSONError.Expected: CustomStringConvertible {
    package var description: String {
        switch self {
        case .value: "a value"
        case .key: "a key in double quotes"
        case .keyOrEnd: "a key in double quotes or '}'"
        case .colon: "':' after the key"
        case .commaOrEndOfObject: "',' or '}'"
        case .commaOrEndOfArray: "',' or ']'"
        }
    }
}
