/// A media type with its parameters (RFC 9110, 8.3.1).
package struct ContentType: Sendable {
    /// In lower case.
    package let type: String
    /// In lower case.
    package let subtype: String
    /// Names are in lower case, values without quotes.
    package let parameters: [(name: String, value: String)]

    /// Parses the value of `Content-Type`.
    ///
    /// - Returns: `nil` when it is not a media type.
    package static func parse(_ text: String) -> ContentType? {
        var scanner = FieldScanner(text)
        guard let type = scanner.token(), scanner.skip("/"), let subtype = scanner.token(),
            let parameters = scanner.parameters(), scanner.isAtEnd
        else { return nil }
        return ContentType(
            type: type.lowercased(), subtype: subtype.lowercased(), parameters: parameters)
    }

    package func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// Returns whether this is the given type, in lower case, without a `charset` other than UTF-8.
    package func isUTF8(_ type: String, _ subtype: String) -> Bool {
        guard self.type == type, self.subtype == subtype else { return false }
        return parameters.allSatisfy { $0.name != "charset" || $0.value.lowercased() == "utf-8" }
    }

    package var isJSON: Bool { isUTF8("application", "json") }
    package var isNDJSON: Bool { isUTF8("application", "x-ndjson") }
}

/// Content negotiation by `Accept` (RFC 9110, 12.5.1).
package enum Accept {
    /// Returns whether a header allows a media type, given in lower case.
    ///
    /// The most specific range that matches decides, and among equally specific ones the highest
    /// `q`; `q=0` forbids. Without a header, or without a well-formed range in it, everything is
    /// allowed. A range with parameters matches only when each of them is a `charset` of UTF-8.
    package static func allows(_ header: String?, type: String, subtype: String) -> Bool {
        var scanner = FieldScanner(header ?? "")
        var hasRange = false
        var best: (specificity: Int, quality: Double) = (0, 0)
        while !scanner.isAtEnd {
            let range = scanner.mediaRange()
            scanner.skipToComma()
            guard let range else { continue }
            hasRange = true
            guard let specificity = range.specificity(for: type, subtype) else { continue }
            if (specificity, range.quality) > best { best = (specificity, range.quality) }
        }
        return !hasRange || best.quality > 0
    }
}

private struct MediaRange {
    let type: String
    let subtype: String
    let parameters: [(name: String, value: String)]
    let quality: Double

    /// Returns how exactly the range names the type, from 1 for `*/*` to 4 with parameters; `nil`
    /// when it does not match.
    func specificity(for type: String, _ subtype: String) -> Int? {
        let isUTF8 = parameters.allSatisfy {
            $0.name == "charset" && $0.value.lowercased() == "utf-8"
        }
        guard isUTF8 else { return nil }
        if self.type == "*" { return 1 }
        guard self.type == type else { return nil }
        if self.subtype == "*" { return 2 }
        guard self.subtype == subtype else { return nil }
        return parameters.isEmpty ? 3 : 4
    }
}

/// Reads tokens and parameters from a field value.
private struct FieldScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
        skipWhitespace()
    }

    var isAtEnd: Bool { index == bytes.count }

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
            if let name = token() {
                guard skip("="), let value = quoted() ?? token() else { return nil }
                parameters.append((name.lowercased(), value))
            }
            skipWhitespace()
        }
        return parameters
    }

    /// Reads a media range up to the next comma.
    ///
    /// - Returns: `nil` when it is malformed.
    mutating func mediaRange() -> MediaRange? {
        guard let type = token(), skip("/"), let subtype = token(), var parameters = parameters(),
            isAtEnd || bytes[index] == UInt8(ascii: ","), type != "*" || subtype == "*"
        else { return nil }
        var quality = 1.0
        if let weight = parameters.firstIndex(where: { $0.name == "q" }) {
            // Tolerant of ".2", which Java's URLConnection sends.
            guard let value = Double(parameters[weight].value), (0...1).contains(value) else {
                return nil
            }
            quality = value
            parameters.removeSubrange(weight...)
        }
        return MediaRange(
            type: type.lowercased(), subtype: subtype.lowercased(), parameters: parameters,
            quality: quality)
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

    private mutating func quoted() -> String? {
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

    private mutating func skipWhitespace() {
        while index < bytes.count, bytes[index].isWhitespace { index += 1 }
    }
}
