// Reads an input whose fields are a contract: the body of a request, a line of NDJSON, the input of
// a job.
//
// Problem: an error has to say which field is wrong, and whether the text is not JSON or is JSON
// that breaks a rule. A JSONReader knows neither, so each of its callers would have to carry a
// pointer along and translate each error.
//
// Invariants:
// - The reader knows the JSON pointer of the value that it is about to read or has read last.
// - A text that is not JSON is reported as `malformed`, even if a rule is broken before the place
//   where that shows.
// - Nothing here knows where the input came from. HTTP turns the error's kind into a status, and a
//   command prints the error.
//
// Cost: the pointer is kept as steps, which are made into a text only for an error.

/// A reader of JSON whose errors say which value is wrong.
package struct InputReader {
    private var json: JSONReader
    /// The index at which the text begins, from which errors count bytes.
    private let start: Int
    /// The member or element that is being read; `nil` for the outermost value.
    private var step: Step?
    /// The members and elements around `step`, outermost first; kept apart, because most inputs
    /// have none.
    private var outer: [Step] = []

    private enum Step {
        case member(JSONName)
        case element(Int)
    }

    /// Reads the one value in `text[range]`, or in the whole text, with `read`.
    ///
    /// A value that `read` leaves unread is checked and skipped.
    ///
    /// - Throws: what `read` throws; if the text is not JSON, a `malformed` error instead of that.
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

    /// The JSON pointer of the value that is being read; a `~` or `/` in a name is escaped (RFC
    /// 6901, 3).
    package var pointer: String {
        var pointer = ""
        for step in outer + (step.map { [$0] } ?? []) {
            switch step {
            case .member(let name): pointer += "/" + Self.escaped(json.text(of: name))
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

    /// Returns an error of the value that is being read, or of its member or element `part`.
    package func fault(
        _ sentence: String, at part: String? = nil, _ kind: InputError.Kind = .rule
    ) -> InputError {
        InputError(sentence, at: pointer + (part.map { "/" + Self.escaped($0) } ?? ""), kind)
    }

    // MARK: - Objects and arrays

    /// Returns the kind of the next value, which is still to be read.
    package mutating func kind() throws(InputError) -> JSONKind {
        try plain { json throws(JSONError) in try json.peekKind() }
    }

    /// Enters an object, whose members `nextMember` then returns.
    package mutating func beginObject() throws(InputError) {
        try value { json throws(JSONError) in try json.beginObject() }
        enter(.member(.plain(0..<0)))
    }

    /// Moves to the next member's value.
    ///
    /// - Returns: the member's name; `nil` when the object has ended.
    package mutating func nextMember() throws(InputError) -> String? {
        try moveToNextMember() ? memberName : nil
    }

    /// Moves to the next member's value without making a text of its name, which costs more than
    /// reading a short value.
    ///
    /// - Returns: `false` when the object has ended.
    package mutating func moveToNextMember() throws(InputError) -> Bool {
        guard let name = try plain({ json throws(JSONError) in try json.nextName() }) else {
            step = outer.popLast()
            return false
        }
        step = .member(name)
        return true
    }

    /// The name of the member that is being read; empty where none is.
    package var memberName: String {
        guard case .member(let name) = step else { return "" }
        return json.text(of: name)
    }

    /// Returns whether the member that is being read has this name.
    package func isMember(_ name: StaticString) -> Bool {
        guard case .member(let found) = step else { return false }
        return json.isName(found, name)
    }

    private mutating func enter(_ inner: Step) {
        if let step { outer.append(step) }
        step = inner
    }

    /// Enters an array, to whose elements `nextElement` then moves.
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
    ///   - fields: The names of all fields, as an error lists them.
    ///   - read: Reads the value of the field whose name it gets, and returns `false` for a name
    ///     that it does not know.
    /// - Throws: what `read` throws, or an error when the value is not an object, or a name is
    ///   unknown or given twice.
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
    /// - Returns: whether it was there; if not, the value is still to be read.
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

    /// Reads any value and returns it compact, otherwise byte for byte as it was written.
    ///
    /// - Parameter name: The name of the value in the error that it is nested too deep; without a
    ///   name that error names a byte instead.
    /// - Returns: the value's text.
    /// - Throws: an error when the value is malformed or nested too deep.
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

    /// Runs `read` and translates its errors into errors of the text, which name a byte.
    @inline(__always)
    private mutating func plain<Value>(
        _ read: (inout JSONReader) throws(JSONError) -> Value
    ) throws(InputError) -> Value {
        do { return try read(&json) } catch { throw InputError(error, from: start) }
    }

    /// Runs `read` and translates its errors: a value of the wrong kind breaks a rule.
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
