// Which parameters an endpoint takes.
//
// A parameter that is not understood is refused by name: to ignore it would lose, without a word,
// what its sender wanted, such as events after a cursor. The stream alone ignores what it does not
// know, because third parties add parameters to the URL of an EventSource, except for what can only
// be a slip of one of its own.

/// The parameters of one endpoint, by which a request's query is judged.
package struct QueryParameters: Equatable, Sendable {
    package let names: [String]
    /// Further names for the cursor, which no hint suggests.
    package let aliases: [String]
    /// Whether a name that is unknown and not like a known one is left to third parties.
    let ignoresOthers: Bool
    /// Whether they stand in the body, so that none may be in the query.
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

    /// Looks at the names in a request's query.
    ///
    /// - Throws: 400 that names the parameter that is wrong and, where one is near, the right one.
    package func check(_ head: RequestHead) throws(Problem) {
        guard let query = head.query else { return }
        let items: QueryItems
        do { items = try QueryItems(query) } catch { throw Problem(error) }
        for name in items.names {
            if let reason = refusal(of: name) { throw Problem(.badRequest, reason) }
        }
    }

    /// Why a parameter cannot be taken, in a sentence; `nil` when it can or is ignored.
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
        if let near = names.first(where: { ParameterName.isSlip(name, of: $0) }) { return near }
        // A slip of another name for the cursor means the cursor.
        let isAlias = aliases.contains { ParameterName.isSlip(name, of: $0) }
        return isAlias ? names.first { $0 == "last_event_id" || $0 == "after" } : nil
    }
}

/// Compares names of parameters as people mistake them.
package enum ParameterName {
    /// Names shorter than this are too near to others by chance.
    private static let shortest = 5

    /// Whether `name` differs from `known` in case, `_` and `-` alone, or besides by one edit: a
    /// letter more, a letter less, another letter, or two that changed places.
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
