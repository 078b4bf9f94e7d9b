package import JSON

/// Reads JSON bodies so that what does not parse is always a 400, and what breaks a rule a 422 or
/// 413.
package enum JSONBody {
    /// Reads the one value in `bytes[range]`.
    ///
    /// - Throws: 400 when the text is not valid JSON anywhere, even where `read` did not get to;
    ///   else what `read` found wrong.
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
    /// What a client is told of an input that was refused.
    package init(_ error: InputError) {
        switch error.kind {
        case .malformed: self.init(.badRequest, "The body is not valid JSON. \(error.sentence)")
        case .rule: self.init(.unprocessableContent, error.sentence, pointer: error.pointer)
        case .tooLarge: self.init(.contentTooLarge, error.sentence, pointer: error.pointer)
        }
    }
}
