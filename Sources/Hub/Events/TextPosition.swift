/// Where a piece of text stands: in which attempt, and how many bytes are before it.
///
/// It travels as the event's coalesce key, of which no two are the same: so a stream that has been sent the text
/// so far knows which pieces are in it, without a look into their JSON.
package struct TextPosition: Sendable, Comparable {
    package let attempt: Int
    package let offset: Int

    package init(attempt: Int, offset: Int) {
        self.attempt = attempt
        self.offset = offset
    }

    package init?(key: String) {
        let parts = key.utf8.split(separator: UInt8(ascii: "/"))
        guard parts.count == 2, let attempt = Int(Substring(parts[0])),
            let offset = Int(Substring(parts[1]))
        else { return nil }
        self.init(attempt: attempt, offset: offset)
    }

    package var key: String { "\(attempt)/\(offset)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.attempt, left.offset) < (right.attempt, right.offset)
    }
}

extension EventFrame {
    private static let finalStates = ["succeeded", "failed", "cancelled"].map { state in
        Array("\"state\":\"\(state)\"".utf8)
    }

    /// Whether it says that a job has ended, so that nothing more will be said of it.
    var endsJob: Bool {
        guard name == "job_update" else { return false }
        let text = members
        return Self.finalStates.contains { text.firstRange(of: $0) != nil }
    }

    /// Whether it is a piece of text before a position.
    func isText(before position: TextPosition) -> Bool {
        guard content == .transient, name == "content_delta", let key = coalesceKey,
            let own = TextPosition(key: key)
        else { return false }
        return own < position
    }
}
