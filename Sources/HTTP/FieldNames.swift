/// The names of header fields.
package enum FieldNames {
    /// Returns whether a text is nothing but a list of at least one name, separated by commas (RFC
    /// 9110, 5.1 and 5.6.1).
    ///
    /// Such a text can be repeated in an answer.
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
