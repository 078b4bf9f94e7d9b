/// The key under which a request takes effect once: the field `Idempotency-Key`, the body's member
/// `key`, or both.
package enum IdempotencyKey {
    /// Combines the key of the field and the key of the body into one.
    ///
    /// - Parameters:
    ///   - header: The value of the field; `nil` when the request has none.
    ///   - member: The value of `key` in the body, checked already.
    ///   - length: How many bytes a key may have.
    /// - Returns: the key; `nil` when neither has one.
    /// - Throws: 422 when the field is too short or too long, or the two differ.
    package static func agreed(
        header: String?, member: String?, length: ClosedRange<Int>
    ) throws(Problem) -> String? {
        guard let header else { return member }
        guard length.contains(header.utf8.count) else {
            throw Problem(
                .unprocessableContent,
                "Idempotency-Key has \(length.lowerBound) to \(length.upperBound) bytes.")
        }
        // Compared by bytes, because Swift takes two normal forms of a text for the same string.
        guard member.map({ $0.utf8.elementsEqual(header.utf8) }) ?? true else {
            throw Problem(
                .unprocessableContent,
                "key and the header Idempotency-Key differ; give one of them.", pointer: "/key")
        }
        return header
    }
}
