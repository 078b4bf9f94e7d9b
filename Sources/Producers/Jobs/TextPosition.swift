/// The place of a piece of a job's text: its attempt, and the number of UTF-8 bytes before it.
///
/// A stream that has been sent the text so far compares positions to leave out pieces of that text.
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
