/// The names of header fields.
package enum FieldNames {
    /// Whether a text is a list of names between commas, at least one (RFC 9110, 5.1 and 5.6.1),
    /// and nothing else, so that it can be repeated in an answer.
    package static func areList(_ text: String) -> Bool {
        var hasName = false
        for element in text.utf8.split(separator: UInt8(ascii: ",")) {
            var name = element[...]
            while let first = name.first, first.isWhitespace { name.removeFirst() }
            while let last = name.last, last.isWhitespace { name.removeLast() }
            guard name.allSatisfy({ CharacterClass.token.contains($0) }) else { return false }
            hasName = hasName || !name.isEmpty
        }
        return hasName
    }
}
