package import JSON

/// Reads JSON bodies; the answer is 400 to one that does not parse, and 422 or 413 to one that
/// breaks a rule.
package enum JSONBody {
    /// Reads the one value in `bytes[range]`.
    ///
    /// - Throws: 400 when any part of the text is not valid JSON, even a part that `read` did not
    ///   reach; else what `read` found wrong.
    package static func read<Value>(
        _ bytes: [UInt8], in range: Range<Int>? = nil,
        _ read: (inout InputReader) throws(InputError) -> Value
    ) throws(Problem) -> Value {
        do throws(InputError) { return try InputReader.read(bytes, in: range, read) } catch {
            throw Problem(error)
        }
    }
}

extension Problem {
    /// Creates the answer to a JSON body that was refused.
    package init(_ error: InputError) {
        switch error.kind {
        case .malformed: self.init(.badRequest, "The body is not valid JSON. \(error.sentence)")
        case .rule: self.init(.unprocessableContent, error.sentence, pointer: error.pointer)
        case .tooLarge: self.init(.contentTooLarge, error.sentence, pointer: error.pointer)
        }
    }
}
