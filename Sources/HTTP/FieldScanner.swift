/// Reads tokens and parameters from a field value.
struct FieldScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
        skipWhitespace()
    }

    var isAtEnd: Bool { index == bytes.count }

    /// Whether an element of a list ends here.
    var isAtElementEnd: Bool { isAtEnd || bytes[index] == UInt8(ascii: ",") }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func token() -> String? {
        let start = index
        while index < bytes.count, CharacterClass.token.contains(bytes[index]) { index += 1 }
        return start < index ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }

    /// Reads `*( OWS ";" OWS [ name "=" value ] )` (RFC 9110, 5.6.6), and the whitespace after it.
    mutating func parameters() -> [(name: String, value: String)]? {
        var parameters: [(name: String, value: String)] = []
        skipWhitespace()
        while skip(";") {
            skipWhitespace()
            if !isAtEnd, CharacterClass.token.contains(bytes[index]) {
                guard let pair = pair() else { return nil }
                parameters.append(pair)
            }
            skipWhitespace()
        }
        return parameters
    }

    /// Reads `name "=" value`; the name is returned in lower case, the value without its quotes.
    mutating func pair() -> (name: String, value: String)? {
        guard let name = token(), skip("="), let value = quoted() ?? token() else { return nil }
        return (name.lowercased(), value)
    }

    /// Moves behind the next comma that is not within quotes.
    mutating func skipToComma() {
        while index < bytes.count, bytes[index] != UInt8(ascii: ",") {
            if quoted() == nil { index += 1 }
        }
        while index < bytes.count, bytes[index].isWhitespace || bytes[index] == UInt8(ascii: ",") {
            index += 1
        }
    }

    mutating func quoted() -> String? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
        var value: [UInt8] = []
        var next = index + 1
        while next < bytes.count, bytes[next] != UInt8(ascii: "\"") {
            if bytes[next] == UInt8(ascii: "\\"), next + 1 < bytes.count { next += 1 }
            value.append(bytes[next])
            next += 1
        }
        guard next < bytes.count else { return nil }
        index = next + 1
        return String(decoding: value, as: UTF8.self)
    }

    mutating func skipWhitespace() {
        while index < bytes.count, bytes[index].isWhitespace { index += 1 }
    }
}
