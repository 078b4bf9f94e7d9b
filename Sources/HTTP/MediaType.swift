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

extension FieldScanner {
    /// Reads a media range up to the next comma.
    ///
    /// - Returns: `nil` when it is malformed.
    fileprivate mutating func mediaRange() -> MediaRange? {
        guard let type = token(), skip("/"), let subtype = token(), var parameters = parameters(),
            isAtElementEnd, type != "*" || subtype == "*"
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
}
