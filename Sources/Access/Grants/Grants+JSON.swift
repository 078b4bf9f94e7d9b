// Grants as they are written in a token's claim `martlet` and in the rows of an API keys file:
// {"subscribe":["post:*","user:{sub}"],"publish":["session:7"],"jobs":["read"],"admin":true}
//
// In a claim, `{sub}` stands for the token's subject. The subject is chosen by whoever signs in, so
// it is text: a subject `*` or `a:*` must not become a pattern. A pattern with `{sub}` in it is
// therefore always one resource, and one that would look like a pattern grants nothing.

package import JSON

extension Grants {
    /// The members that grants have in JSON, as an error lists them.
    package static let members = "subscribe, publish, jobs and admin"

    /// Reads an object of grants.
    ///
    /// - Parameters:
    ///   - input: Stands before the object.
    ///   - subject: The text for `{sub}`; a pattern with `{sub}` grants nothing without one.
    /// - Throws: an error when the object has another shape.
    package init(
        reading input: inout InputReader, subject: String?
    ) throws(InputError) {
        self.init()
        var grants = Grants()
        let place = input.pointer
        guard try input.kind() == .object else {
            throw input.fault("\(place) is an object with \(Self.members).")
        }
        try input.object(of: Self.members) { input, field throws(InputError) in
            try grants.read(field, from: &input, subject: .claim(subject))
        }
        self = grants
    }

    /// Reads the value of one member.
    ///
    /// - Returns: `false` for a name that is none of grants; its value is still to be read.
    mutating func read(
        _ field: String, from input: inout InputReader, subject: Subject
    ) throws(InputError) -> Bool {
        switch field {
        case "subscribe": try Self.patterns(from: &input, subject: subject, into: &subscribe)
        case "publish": try Self.patterns(from: &input, subject: subject, into: &publish)
        case "jobs":
            for name in try input.strings() {
                guard let right = JobRights.named(name) else {
                    throw input.fault("\(input.pointer) has read, write and work only.")
                }
                jobs.formUnion(right)
            }
        case "admin": isAdmin = try input.boolean()
        default: return false
        }
        return true
    }

    private static func patterns(
        from input: inout InputReader, subject: Subject, into set: inout PatternSet
    ) throws(InputError) {
        for pattern in try input.strings() {
            if case .claim(let subject) = subject, Pattern.namesSubject(pattern) {
                if let subject, let text = Pattern.resource(of: pattern, subject: subject) {
                    set.insert(resource: text)
                }
                continue
            }
            if let reason = Pattern.fault(of: pattern) {
                throw input.fault("\(input.pointer): \(reason)")
            }
            if !Pattern.isOfPresence(pattern) { set.insert(pattern) }
        }
    }

    /// What `{sub}` means in patterns.
    enum Subject {
        /// It is no placeholder, as in an API keys file.
        case none
        /// The subject of a token; a pattern with `{sub}` grants nothing when there is none.
        case claim(String?)
    }

    /// Writes the members, those only that grant something.
    package func write(to json: inout JSONWriter) {
        if !subscribe.isEmpty { json.member("subscribe", subscribe.patterns) }
        if !publish.isEmpty { json.member("publish", publish.patterns) }
        if !jobs.isEmpty { json.member("jobs", jobs.names) }
        if isAdmin { json.member("admin", true) }
    }
}

/// The rules of a pattern's text: a resource, `kind:*` or `*`.
package enum Pattern {
    private static let placeholder = "{sub}"

    /// Returns a sentence that says why a text is no pattern; `nil` when it is one.
    package static func fault(of text: String) -> String? {
        if text == "*" { return nil }
        if namesSubject(text) { return "{sub} is for the claims of tokens." }
        let bytes = text.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
            return "a pattern is a resource such as post:1, a kind such as post:*, or *."
        }
        let kind = bytes[..<colon]
        let id = bytes[bytes.index(after: colon)...]
        guard let first = kind.first, isLetter(first),
            kind.allSatisfy({ isLetter($0) || (48...57).contains($0) || "+.-".utf8.contains($0) })
        else {
            return "the kind before the colon starts with a letter and has letters, digits, "
                + "'+', '.' and '-' only."
        }
        guard (1...256).contains(id.count),
            id.allSatisfy({ $0 > 32 && $0 != 127 && $0 != UInt8(ascii: ",") })
        else {
            return "the id after the colon has 1 to 256 bytes, no control characters, spaces or "
                + "commas."
        }
        return nil
    }

    /// Whether a pattern is of presence, which needs the grant for what it counts, so that such a
    /// pattern grants nothing by itself.
    package static func isOfPresence(_ pattern: String) -> Bool {
        pattern.utf8.starts(with: "\(PatternSet.presence):".utf8)
    }

    /// Returns whether the subject stands in a pattern.
    package static func namesSubject(_ pattern: String) -> Bool { pattern.contains(placeholder) }

    /// Returns the resource that a pattern with the subject in it means.
    ///
    /// - Returns: `nil` for a resource of presence, which needs the grant for what it counts.
    static func resource(of pattern: String, subject: String) -> String? {
        var resource = ""
        var rest = pattern[...]
        while let place = rest.firstRange(of: placeholder) {
            resource += rest[..<place.lowerBound] + subject
            rest = rest[place.upperBound...]
        }
        resource += rest
        return isOfPresence(resource) ? nil : resource
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte & 0xDF) }
}
