/// The reason why an input was refused: it is not JSON, or it is JSON that breaks a rule.
package struct InputError: Error, Equatable, Sendable {
    /// The kind of error, from which a caller chooses its answer, such as the status of a response.
    package enum Kind: Sendable {
        /// The text is not JSON.
        case malformed
        /// The text is JSON and breaks a rule.
        case rule
        /// A value is larger than its limit.
        case tooLarge
    }

    /// The JSON pointer (RFC 6901) of the value that is wrong, empty for the outermost one; `nil`
    /// when the sentence names a byte instead.
    package var pointer: String?
    /// The message: what is wrong and what would be right.
    package let sentence: String
    package let kind: Kind

    package init(_ sentence: String, at pointer: String?, _ kind: Kind = .rule) {
        self.sentence = sentence
        self.pointer = pointer
        self.kind = kind
    }

    /// Translates an error of the text itself, with its byte counted from `start`.
    init(_ error: JSONError, from start: Int) {
        let place = JSONError(offset: error.offset - start, kind: error.kind)
        switch error.kind {
        case .tooDeep, .wrongType, .notAnInteger, .numberOutOfRange, .loneSurrogate:
            self.init(place.description, at: nil)
        default: self.init(place.description, at: nil, .malformed)
        }
    }

    /// Returns the error that a required member is missing; `meaning` says what the member is for.
    package static func missing(_ field: String, _ meaning: String) -> Self {
        Self("\(field) is missing: \(meaning).", at: "/\(field)")
    }

    /// Returns the error as one of a larger input, in which this input is the value at `base`.
    package func pointing(into base: String) -> Self {
        var error = self
        error.pointer = pointer.map { base + $0 }
        return error
    }
}

extension InputError: CustomStringConvertible {
    /// One line for people, beginning with the member that is wrong.
    package var description: String {
        if kind == .malformed { return "this is not valid JSON. \(sentence)" }
        guard let pointer, !pointer.isEmpty, !sentence.hasPrefix(pointer) else { return sentence }
        return "\(pointer.dropFirst()): \(sentence)"
    }
}
