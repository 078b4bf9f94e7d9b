/// The entity tags that a client has, from `If-None-Match` (RFC 9110, 13.1.2).
///
/// The list is read element by element, because a tag may hold commas. Elements that are not tags
/// are skipped.
package struct KnownTags: Sendable {
    /// Whether the field is `*`: the client has some representation.
    private var isAny = false
    /// The tags without their quotes and without `W/`, because the comparison is weak (RFC 9110,
    /// 8.8.3.2).
    private var tags: [[UInt8]] = []

    package init(_ head: RequestHead) {
        self.init(head.field("if-none-match"))
    }

    /// Reads the tags of a field.
    ///
    /// - Parameter field: The field's value; `nil` when the request has none.
    package init(_ field: String?) {
        guard let field else { return }
        if field == "*" {
            isAny = true
            return
        }
        let quote = UInt8(ascii: "\"")
        var rest = Array(field.utf8)[...]
        while let first = rest.first {
            guard first != UInt8(ascii: ","), !first.isWhitespace else {
                rest.removeFirst()
                continue
            }
            if rest.starts(with: "W/".utf8) { rest.removeFirst(2) }
            if rest.first == quote {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: quote) else { return }
                let tag = rest[..<end]
                rest = rest[(end + 1)...].drop { $0.isWhitespace }
                guard let next = rest.first else {
                    tags.append(Array(tag))
                    return
                }
                if next == UInt8(ascii: ",") {
                    tags.append(Array(tag))
                    continue
                }
            }
            rest = rest.drop { $0 != UInt8(ascii: ",") }
        }
    }

    /// Returns whether the client has what this tag names, so that the answer is `304`.
    ///
    /// - Parameter tag: The entity tag of the answer, with its quotes.
    /// - Returns: `true` also when the field is `*`.
    package func include(_ tag: String) -> Bool {
        isAny || tags.contains { tag.utf8.dropFirst().dropLast().elementsEqual($0) }
    }
}
