// Reads an input whose fields are a contract: a body, a line, the order of a job.
//
// Problem: whoever reads a field has to say where a wrong one stands, and whether the text is no
// JSON or is JSON that breaks a rule. A JSONReader knows neither, so each of its callers would have
// to carry a pointer along and translate each error.
//
// Invariants:
// - The reader knows the JSON pointer of the value before which it stands, or whose parts were read
//   last.
// - A text that is not JSON is `malformed`, even where that shows only behind a rule that is
//   broken: what is wrong with the text itself is said first.
// - Nothing here knows where the input came from: HTTP makes a status of the error's kind, a
//   command prints it.
//
// Cost: the pointer is kept in steps and made into a text when somebody asks, which only an error
//   does.

/// A reader of JSON that says of each fault where it is.
package struct InputReader {
    private var json: JSONReader
    /// Where the text begins; errors count bytes from there.
    private let start: Int
    /// The member or element that is read; `nil` when the outermost value is.
    private var step: Step?
    /// Those around it, outermost first; apart, as most inputs have none.
    private var outer: [Step] = []

    private enum Step {
        case member(String)
        case element(Int)
    }

    /// Reads the one value in `text[range]`, or in the whole text, with `read`, which may leave it
    /// unread.
    ///
    /// - Throws: what `read` throws, or that the text is malformed, which comes before every broken
    ///   rule.
    package static func read<Value>(
        _ text: [UInt8], in range: Range<Int>? = nil,
        _ read: (inout Self) throws(InputError) -> Value
    ) throws(InputError) -> Value {
        do throws(InputError) {
            var input = Self(text, in: range)
            let value = try read(&input)
            if input.json.isUnread {
                try input.plain { json throws(JSONError) in try json.skipValue() }
            }
            try input.plain { json throws(JSONError) in try json.finish() }
            return value
        } catch {
            if error.kind != .malformed { try validate(text, in: range) }
            throw error
        }
    }

    private init(_ text: [UInt8], in range: Range<Int>?) {
        json = JSONReader(text, in: range)
        start = json.offset
    }

    private static func validate(_ text: [UInt8], in range: Range<Int>?) throws(InputError) {
        var json = JSONReader(text, in: range)
        let start = json.offset
        do throws(JSONError) {
            try json.skipValue()
            try json.finish()
        } catch {
            if case .tooDeep = error.kind { return }
            throw InputError(error, from: start)
        }
    }

    // MARK: - Where it stands

    /// The JSON pointer of the value that is read: a `~` or `/` in a name is escaped (RFC 6901, 3).
    package var pointer: String {
        var pointer = ""
        for step in outer + (step.map { [$0] } ?? []) {
            switch step {
            case .member(let name): pointer += "/" + Self.escaped(name)
            case .element(let index): pointer += "/\(index)"
            }
        }
        return pointer
    }

    private static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "~") })
        else { return name }
        return name.unicodeScalars.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }
            .joined()
    }

    /// A fault of the value that is read, or of its member or element `part`.
    package func fault(
        _ sentence: String, at part: String? = nil, _ kind: InputError.Kind = .rule
    ) -> InputError {
        InputError(sentence, at: pointer + (part.map { "/" + Self.escaped($0) } ?? ""), kind)
    }

    // MARK: - Objects and arrays

    /// What the next value is.
    package mutating func kind() throws(InputError) -> JSONKind {
        try plain { json throws(JSONError) in try json.peekKind() }
    }

    /// Enters an object, whose members `nextMember` then gives.
    package mutating func beginObject() throws(InputError) {
        try value { json throws(JSONError) in try json.beginObject() }
        enter(.member(""))
    }

    /// Moves to the next member's value.
    ///
    /// - Returns: the member's name; `nil` when the object has ended.
    package mutating func nextMember() throws(InputError) -> String? {
        guard let name = try plain({ json throws(JSONError) in try json.nextKey() }) else {
            step = outer.popLast()
            return nil
        }
        step = .member(name)
        return name
    }

    private mutating func enter(_ inner: Step) {
        if let step { outer.append(step) }
        step = inner
    }

    /// Enters an array, whose elements `nextElement` then gives.
    package mutating func beginArray() throws(InputError) {
        try value { json throws(JSONError) in try json.beginArray() }
        enter(.element(-1))
    }

    /// Moves to the next element.
    ///
    /// - Returns: its index; `nil` when the array has ended.
    package mutating func nextElement() throws(InputError) -> Int? {
        guard case .element(let last) = step,
            try plain({ json throws(JSONError) in try json.nextElement() })
        else {
            step = outer.popLast()
            return nil
        }
        step = .element(last + 1)
        return last + 1
    }

    /// Reads an object whose fields are each given at most once.
    ///
    /// - Parameters:
    ///   - fields: The names of all fields, as they stand in a sentence.
    ///   - read: Reads the value of the field whose name it gets; gives `false` for a name that is
    ///     not known.
    /// - Throws: what `read` throws, or which name is wrong.
    package mutating func object(
        of fields: String, _ read: (inout Self, _ field: String) throws(InputError) -> Bool
    ) throws(InputError) {
        guard try kind() == .object else { throw fault("The body is an object with \(fields).") }
        try beginObject()
        var seen: Set<String> = []
        while let field = try nextMember() {
            guard seen.insert(field).inserted else { throw fault("\(field) is given twice.") }
            guard try read(&self, field) else {
                throw fault("\(field) is no field here; there are \(fields).")
            }
        }
    }

    // MARK: - Values

    /// Reads a string.
    package mutating func string() throws(InputError) -> String {
        try value { json throws(JSONError) in try json.readString() }
    }

    /// Reads `true` or `false`.
    package mutating func boolean() throws(InputError) -> Bool {
        try value { json throws(JSONError) in try json.readBoolean() }
    }

    /// Reads `null` if it is there.
    ///
    /// - Returns: whether it was; else the value is still to be read.
    package mutating func null() throws(InputError) -> Bool {
        guard try kind() == .null else { return false }
        try plain { json throws(JSONError) in try json.readNull() }
        return true
    }

    /// Reads a whole number within a range.
    package mutating func integer(in range: ClosedRange<Int>) throws(InputError) -> Int {
        let value: Int
        do throws(JSONError) { value = try json.readInteger() } catch {
            switch error.kind {
            case .notAnInteger, .numberOutOfRange, .wrongType: throw outside(range)
            default: throw InputError(error, from: start)
            }
        }
        guard range.contains(value) else { throw outside(range) }
        return value
    }

    private func outside(_ range: ClosedRange<Int>) -> InputError {
        fault("\(pointer) is a whole number from \(range.lowerBound) to \(range.upperBound).")
    }

    /// Reads a number within a range.
    package mutating func number(in range: ClosedRange<Double>) throws(InputError) -> Double {
        let number = try value { json throws(JSONError) in try json.readDouble() }
        guard range.contains(number) else {
            throw fault(
                "\(pointer) is a number from \(Self.text(range.lowerBound)) to "
                    + "\(Self.text(range.upperBound)).")
        }
        return number
    }

    private static func text(_ bound: Double) -> String {
        bound == bound.rounded() && abs(bound) < 1e15 ? String(Int(bound)) : String(bound)
    }

    /// Reads a list of strings.
    package mutating func strings() throws(InputError) -> [String] {
        var strings: [String] = []
        try beginArray()
        while try nextElement() != nil { strings.append(try string()) }
        return strings
    }

    /// Reads any value and gives it compact, otherwise byte for byte as it was written.
    ///
    /// - Parameter name: The value's name in the sentence that it is nested too deep; without one
    ///   the sentence says at which byte.
    /// - Returns: the value's text.
    /// - Throws: that it is malformed or nested too deep.
    package mutating func copy(calling name: String? = nil) throws(InputError) -> [UInt8] {
        var copy: [UInt8] = []
        do throws(JSONError) { try json.copyValue(into: &copy) } catch {
            guard let name, case .tooDeep(let maximum) = error.kind else {
                throw InputError(error, from: start)
            }
            throw fault("\(name) is nested deeper than \(maximum) levels.")
        }
        return copy
    }

    // MARK: - Errors of the text

    /// Runs `read`, whose errors are the text's and say at which byte.
    @inline(__always)
    private mutating func plain<Value>(
        _ read: (inout JSONReader) throws(JSONError) -> Value
    ) throws(InputError) -> Value {
        do { return try read(&json) } catch { throw InputError(error, from: start) }
    }

    /// Runs `read`, for which a value of another kind is a rule that is broken.
    @inline(__always)
    private mutating func value<Value>(
        _ read: (inout JSONReader) throws(JSONError) -> Value
    ) throws(InputError) -> Value {
        do { return try read(&json) } catch {
            switch error.kind {
            case .wrongType(let expected, let found):
                throw fault("\(pointer) is \(found), but must be \(expected).")
            case .loneSurrogate: throw fault("\(pointer): \(error.kind).")
            default: throw InputError(error, from: start)
            }
        }
    }
}
