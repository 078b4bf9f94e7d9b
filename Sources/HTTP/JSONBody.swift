package import JSON

/// Why a body was refused while it was read: it is no JSON, or it is and breaks a rule.
package enum BodyError: Error {
    case json(JSONError)
    case rule(Problem)
}

/// Reads JSON bodies so that what does not parse is always a 400, and what breaks a rule a 422.
package enum JSONBody {
    /// Reads the one value in `bytes[range]`.
    ///
    /// - Throws: 400 when the text is not valid JSON anywhere, even where `read` did not get to; else
    ///   what `read` found wrong.
    package static func read<Value>(
        _ bytes: [UInt8], in range: Range<Int>? = nil,
        _ read: (inout JSONReader) throws(BodyError) -> Value
    ) throws(Problem) -> Value {
        do throws(BodyError) {
            var json = JSONReader(bytes, in: range)
            let value = try read(&json)
            try json.get { json throws(JSONError) in try json.finish() }
            return value
        } catch {
            switch error {
            case .json(let error):
                let problem = problem(error, in: range)
                if problem.status == .unprocessableContent { try validate(bytes, in: range) }
                throw problem
            case .rule(let problem):
                try validate(bytes, in: range)
                throw problem
            }
        }
    }

    /// The JSON pointer of a member: a `~` or `/` in its name is escaped (RFC 6901, 3).
    package static func pointer(to field: String, in base: String = "") -> String {
        guard field.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "~") })
        else { return "\(base)/\(field)" }
        let escaped = field.unicodeScalars.map {
            $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0)
        }
        return "\(base)/\(escaped.joined())"
    }

    private static func validate(_ bytes: [UInt8], in range: Range<Int>?) throws(Problem) {
        var json = JSONReader(bytes, in: range)
        do throws(JSONError) {
            try json.skipValue()
            try json.finish()
        } catch {
            if case .tooDeep = error.kind { return }
            throw problem(error, in: range)
        }
    }

    /// Counts bytes from the beginning of what was read: for a line of NDJSON, that of the line.
    private static func problem(_ error: JSONError, in range: Range<Int>?) -> Problem {
        var error = error
        error.offset -= range?.lowerBound ?? 0
        return switch error.kind {
        case .tooDeep, .wrongType, .notAnInteger, .numberOutOfRange, .loneSurrogate:
            Problem(.unprocessableContent, error.description)
        default:
            Problem(.badRequest, "The body is not valid JSON. \(error)")
        }
    }
}

extension JSONReader {
    /// Runs `read` and gives its error the layer's type.
    package mutating func get<Value>(
        _ read: (inout Self) throws(JSONError) -> Value
    ) throws(BodyError) -> Value {
        do { return try read(&self) } catch { throw .json(error) }
    }

    /// Reads a member's value of the kind that `read` reads; a value of another kind is a rule broken there.
    package mutating func member<Value>(
        _ pointer: @autoclosure () -> String, _ read: (inout Self) throws(JSONError) -> Value
    ) throws(BodyError) -> Value {
        do { return try read(&self) } catch {
            switch error.kind {
            case .wrongType(let expected, let found):
                throw .rule(
                    Problem(
                        .unprocessableContent, "\(pointer()) is \(found), but must be \(expected).",
                        pointer: pointer()))
            case .loneSurrogate:
                throw .rule(
                    Problem(
                        .unprocessableContent, "\(pointer()): \(error.kind).", pointer: pointer()))
            default: throw .json(error)
            }
        }
    }

    /// Reads an object whose fields are each given at most once; `read` gets each field's name and pointer
    /// and gives `false` for one that is not known.
    package mutating func object(
        of fields: String,
        _ read: (inout Self, _ field: String, _ pointer: String) throws(BodyError) -> Bool
    ) throws(BodyError) {
        guard try get({ json throws(JSONError) in try json.peekKind() }) == .object else {
            throw Problem.rule("The body is an object with \(fields).", at: "")
        }
        try get { json throws(JSONError) in try json.beginObject() }
        var seen: Set<String> = []
        while let field = try get({ json throws(JSONError) in try json.nextKey() }) {
            let pointer = JSONBody.pointer(to: field)
            guard seen.insert(field).inserted else {
                throw Problem.rule("\(field) is given twice.", at: pointer)
            }
            guard try read(&self, field, pointer) else {
                throw Problem.rule(
                    "\(field) is no field here; there are \(fields).", at: pointer)
            }
        }
    }

    /// Reads a member that is a string.
    package mutating func string(_ pointer: @autoclosure () -> String) throws(BodyError) -> String {
        try member(pointer()) { json throws(JSONError) in try json.readString() }
    }

    /// Reads a member that is `true` or `false`.
    package mutating func boolean(_ pointer: @autoclosure () -> String) throws(BodyError) -> Bool {
        try member(pointer()) { json throws(JSONError) in try json.readBoolean() }
    }

    /// Reads a member that is a whole number within a range.
    package mutating func integer(
        _ pointer: String, in range: ClosedRange<Int>
    ) throws(BodyError) -> Int {
        let value: Int
        do throws(JSONError) { value = try readInteger() } catch {
            switch error.kind {
            case .notAnInteger, .numberOutOfRange, .wrongType: throw Self.outside(range, pointer)
            default: throw .json(error)
            }
        }
        guard range.contains(value) else { throw Self.outside(range, pointer) }
        return value
    }

    /// Reads a member that is a number within a range.
    package mutating func number(
        _ pointer: String, in range: ClosedRange<Double>
    ) throws(BodyError) -> Double {
        let value = try member(pointer) { json throws(JSONError) in try json.readDouble() }
        guard range.contains(value) else {
            throw Problem.rule(
                "\(pointer) is a number from \(Self.text(range.lowerBound)) to "
                    + "\(Self.text(range.upperBound)).", at: pointer)
        }
        return value
    }

    private static func text(_ bound: Double) -> String {
        bound == bound.rounded() && abs(bound) < 1e15 ? String(Int(bound)) : String(bound)
    }

    private static func outside(_ range: ClosedRange<Int>, _ pointer: String) -> BodyError {
        Problem.rule(
            "\(pointer) is a whole number from \(range.lowerBound) to \(range.upperBound).",
            at: pointer)
    }

    /// Reads a member that is a list of strings.
    package mutating func strings(_ pointer: String) throws(BodyError) -> [String] {
        try member(pointer) { json throws(JSONError) in try json.beginArray() }
        var strings: [String] = []
        while try get({ json throws(JSONError) in try json.nextElement() }) {
            let element = "\(pointer)/\(strings.count)"
            strings.append(
                try member(element) { json throws(JSONError) in try json.readString() })
        }
        return strings
    }
}

extension Problem {
    /// A rule of the contract that a member breaks.
    package static func rule(_ detail: String, at pointer: String) -> BodyError {
        .rule(Problem(.unprocessableContent, detail, pointer: pointer))
    }
}
