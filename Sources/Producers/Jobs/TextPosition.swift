/// Where a piece of a job's text stands: in which attempt, and how many bytes are before it.
///
/// A stream that has been sent the text so far knows by it which pieces are in that text already.
package struct TextPosition: Sendable, Comparable {
    package let attempt: Int
    package let offset: Int

    package init(attempt: Int, offset: Int) {
        self.attempt = attempt
        self.offset = offset
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.attempt, left.offset) < (right.attempt, right.offset)
    }
}
