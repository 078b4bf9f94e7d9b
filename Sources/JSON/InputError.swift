/// Why an input was refused: it is no JSON, or it is and breaks a rule of its reader.
package struct InputError: Error, Equatable, Sendable {
    /// What kind of fault it is; each border answers in its own way.
    package enum Kind: Sendable {
        /// The text is not JSON.
        case malformed
        /// The text is JSON and breaks a rule.
        case rule
        /// A value is larger than its limit.
        case tooLarge
    }

    /// The JSON pointer of the value that is wrong (RFC 6901), empty for the outermost one; `nil`
    /// where the sentence says at which byte.
    package var pointer: String?
    /// What is wrong and what would be right.
    package let sentence: String
    package let kind: Kind

    package init(_ sentence: String, at pointer: String?, _ kind: Kind = .rule) {
        self.sentence = sentence
        self.pointer = pointer
        self.kind = kind
    }

    /// A fault of the text itself; its byte is counted from `start`.
    init(_ error: JSONError, from start: Int) {
        let place = JSONError(offset: error.offset - start, kind: error.kind)
        switch error.kind {
        case .tooDeep, .wrongType, .notAnInteger, .numberOutOfRange, .loneSurrogate:
            self.init(place.description, at: nil)
        default: self.init(place.description, at: nil, .malformed)
        }
    }

    /// A member that has to be there is not; `meaning` says what it is for.
    package static func missing(_ field: String, _ meaning: String) -> Self {
        Self("\(field) is missing: \(meaning).", at: "/\(field)")
    }

    /// The same fault in an input that is the value at `base` of another one.
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
