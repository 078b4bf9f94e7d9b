/// The `event:` of a frame: `[A-Za-z][A-Za-z0-9_.-]{0,63}`.
package struct EventName: Hashable, Sendable, CustomStringConvertible {
    /// The name of an event that is published without one, as in the EventSource specification.
    package static let message = Self(checked: "message")

    /// The names of the hub's own events, under which producers cannot publish.
    package static let reserved: Set<String> = [
        "connected", "reset", "live", "keepalive", "subscribed", "presence", "closing",
        "token_expiring", "batch", "activity",
    ]

    /// The one reserved name that a log holds: the hub publishes under it who works on what.
    package static let activity = Self(checked: "activity")

    /// The names of the events in which a browser's EventSource tells of its own connection.
    package static let ofConnection: Set<String> = ["error", "open"]

    /// Returns a sentence that says why producers cannot publish under `name`; `nil` when the name
    /// is not reserved.
    package static func reservation(of name: String) -> String? {
        if reserved.contains(name) {
            return "\(name) is an event of the hub itself; choose another name."
        }
        if ofConnection.contains(name) {
            return
                "\(name) is what a browser's EventSource says of its own connection, and a page could not "
                + "tell the two apart; choose another name."
        }
        return nil
    }

    package let description: String

    /// Checks a name.
    ///
    /// - Throws: `NameError` when the name breaks the pattern.
    package init(_ name: String) throws(NameError) {
        let bytes = name.utf8
        guard let first = bytes.first, first.isASCIILetter, bytes.count <= 64,
            bytes.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || "_.-".utf8.contains($0) })
        else {
            throw NameError(
                description: "\"\(name)\" is no event name: a letter, then up to 63 letters, "
                    + "digits, '_', '.' and '-'")
        }
        description = name
    }

    /// Takes a name that is known to be right, because it was checked before or is the program's
    /// own.
    package init(checked name: String) {
        description = name
    }
}
