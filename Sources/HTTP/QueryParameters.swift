// Which parameters an endpoint takes.
//
// A request with an unknown parameter is refused by an answer that names it. If it were ignored,
// the sender would not get what it asked for, such as events after a cursor, and would not notice.
// Only streams ignore unknown parameters, because third parties add some to the URL of an
// EventSource. Even there a misspelling of a known parameter is refused.

/// The query parameters that one endpoint takes.
package struct QueryParameters: Equatable, Sendable {
    package let names: [String]
    /// Further names for the cursor, which are accepted but never suggested.
    package let aliases: [String]
    /// Whether unknown names are ignored, unless they are misspellings of a known one.
    let ignoresOthers: Bool
    /// Whether the parameters belong into the body, so that none may be in the query.
    let areInBody: Bool

    package init(
        names: [String], aliases: [String] = [], ignoresOthers: Bool = false,
        areInBody: Bool = false
    ) {
        self.names = names
        self.aliases = aliases
        self.ignoresOthers = ignoresOthers
        self.areInBody = areInBody
    }

    /// Checks the names in a request's query.
    ///
    /// - Throws: 400 that names the wrong parameter and, if it looks misspelt, the right one.
    package func check(_ head: RequestHead) throws(Problem) {
        guard let query = head.query else { return }
        let items: QueryItems
        do { items = try QueryItems(query) } catch { throw Problem(error) }
        for name in items.names {
            if let reason = refusal(of: name) { throw Problem(.badRequest, reason) }
        }
    }

    /// Returns a sentence that says why a parameter is refused; `nil` when it is taken or ignored.
    package func refusal(of name: String) -> String? {
        let isKnown = names.contains(name) || aliases.contains(name)
        if isKnown, !areInBody { return nil }
        let near = isKnown ? name : nearest(to: name)
        if near == nil, ignoresOthers { return nil }
        if areInBody {
            return "\(name) stands in the query; what a POST asks for stands in its body, "
                + "as {\"resources\":[\"post:456\"]}."
        }
        if let near { return "\(name) is no parameter here; did you mean \(near)?" }
        if names.isEmpty { return "\(name) is no parameter here; there are none." }
        return "\(name) is no parameter here; there are \(names.joined(separator: ", "))."
    }

    private func nearest(to name: String) -> String? {
        // One name may be an edit away from another one that is meant.
        if let same = names.first(where: { ParameterName.isSame(name, $0) }) { return same }
        if let near = names.first(where: { ParameterName.isSlip(name, of: $0) }) { return near }
        // A misspelling of another name for the cursor is taken to mean the cursor.
        let isAlias = aliases.contains { ParameterName.isSlip(name, of: $0) }
        return isAlias ? names.first { $0 == "last_event_id" || $0 == "after" } : nil
    }
}

/// Finds misspelt names of parameters.
package enum ParameterName {
    /// The length below which names are like others by chance, so that no edit is looked for.
    private static let shortest = 5

    /// Returns whether two names are the same but for case, `_` and `-`.
    static func isSame(_ name: String, _ known: String) -> Bool { plain(name) == plain(known) }

    /// Returns whether `name` is a misspelling of `known`.
    ///
    /// Case, `_` and `-` are ignored. Besides, one edit is allowed: a letter more, a letter less,
    /// another letter, or two neighbours that changed places.
    package static func isSlip(_ name: String, of known: String) -> Bool {
        let (name, known) = (plain(name), plain(known))
        return name == known || known.count >= shortest && isOneEdit(name, known)
    }

    private static func plain(_ name: String) -> [UInt8] {
        name.utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
            .map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func isOneEdit(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard abs(left.count - right.count) <= 1 else { return false }
        let start = zip(left, right).prefix { $0 == $1 }.count
        let (left, right) = (left[start...], right[start...])
        let end = zip(left.reversed(), right.reversed()).prefix { $0 == $1 }.count
        let (first, second) = (Array(left.dropLast(end)), Array(right.dropLast(end)))
        if max(first.count, second.count) <= 1 { return true }
        return first.count == 2 && second == [first[1], first[0]]
    }
}
