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
    private static let finalStates = ["succeeded", "failed", "cancelled"].map(member)
    private static let restartedState = member("queued")

    private static func member(_ state: String) -> [UInt8] {
        Array("\"state\":\"\(state)\"".utf8)
    }

    /// Whether it says that `job` has ended, so that nothing more will be said of it, or (`false`) that it is
    /// queued, as after a restart; `nil` when it says neither.
    func tellsEnd(of job: Resource) -> Bool? {
        guard name == "job_update", resources.contains(job) else { return nil }
        let text = members
        if Self.finalStates.contains(where: { text.firstRange(of: $0) != nil }) { return true }
        return text.firstRange(of: Self.restartedState) != nil ? false : nil
    }

    /// Where it stands in its job's text; `nil` when it is no piece of one.
    var textPosition: TextPosition? {
        guard content == .transient, name == "content_delta", let coalesceKey else { return nil }
        return TextPosition(key: coalesceKey)
    }
}
