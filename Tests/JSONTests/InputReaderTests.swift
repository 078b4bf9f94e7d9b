import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `An input` {
    @Test func `is read to its values`() throws {
        let text = #" {"s":"x","b":true,"n":null,"i":7,"d":1.5,"l":["a","b"],"v":{ "k" : 1 }} "#
        let found = try InputReader.read(text.bytes) { input throws(InputError) -> [String] in
            var found: [String] = []
            try input.object(of: "all") { input, field throws(InputError) in
                switch field {
                case "s": found.append(try input.string())
                case "b": found.append("\(try input.boolean())")
                case "n": found.append("\(try input.null())")
                case "i": found.append("\(try input.integer(in: 0...9))")
                case "d": found.append("\(try input.number(in: 0...9))")
                case "l": found += try input.strings()
                default: found.append(String(decoding: try input.copy(), as: UTF8.self))
                }
                return true
            }
            return found
        }
        #expect(found == ["x", "true", "true", "7", "1.5", "a", "b", #"{"k":1}"#])
    }

    @Test func `that nobody reads is checked all the same`() throws {
        #expect(try InputReader.read("[1]".bytes) { _ in 5 } == 5)
        let error = fault("[1") { _ in }
        #expect(error?.kind == .malformed)
    }

    @Test(arguments: [
        ("{\"a\":[{\"b\":1}]}", "/a/0/b"),
        ("{\"a\":[[],[[]],[0,{\"x\":[]},{\"c\":1}]]}", "/a/2/2/c"),
        ("{\"x\":{\"y\":[]},\"a/b~c\":1}", "/a~1b~0c"), ("[[],[1],2]", "/2"), ("1", ""),
        ("{\"\":1}", "/"),
    ])
    func `has a pointer to each of its values`(text: String, pointer: String) {
        let error = fault(text) { input throws(InputError) in
            if let last = try Self.last(&input) { throw last }
        }
        #expect(error?.pointer == pointer)
    }

    /// A fault at the last number, which is a few levels deep at most.
    ///
    /// - Returns: `nil` when there is no number.
    private static func last(_ input: inout InputReader) throws(InputError) -> InputError? {
        var found: InputError?
        switch try input.kind() {
        case .object:
            try input.beginObject()
            while try input.nextMember() != nil { found = try last(&input) ?? found }
        case .array:
            try input.beginArray()
            while try input.nextElement() != nil { found = try last(&input) ?? found }
        default:
            found = input.fault("here")
            _ = try input.copy()
        }
        return found
    }

    @Test func `has a pointer to a member that is missing`() {
        let error = fault(#"{"a":{"b":1}}"#) { input throws(InputError) in
            try input.beginObject()
            _ = try input.nextMember()
            try input.beginObject()
            while try input.nextMember() != nil {}
            throw input.fault("c/d is missing", at: "c/d")
        }
        #expect(error?.pointer == "/a/c~1d")
    }

    @Test(arguments: [
        (#"{"s":1}"#, "/s", "/s is a number, but must be a string."),
        (#"{"s":"\ud800"}"#, "/s", "/s: this \\u escape is one half of a surrogate pair"),
        (#"{"i":"x"}"#, "/i", "/i is a whole number from 1 to 4."),
        (#"{"i":1.0}"#, "/i", "/i is a whole number from 1 to 4."),
        (#"{"i":5}"#, "/i", "/i is a whole number from 1 to 4."),
        (#"{"i":99999999999999999999}"#, "/i", "/i is a whole number from 1 to 4."),
        (#"{"d":-0.5}"#, "/d", "/d is a number from 0 to 0.5."),
        (#"{"d":true}"#, "/d", "/d is true or false, but must be a number."),
        (#"{"b":null}"#, "/b", "/b is null, but must be true or false."),
        (#"{"l":{}}"#, "/l", "/l is an object, but must be an array."),
        (#"{"l":["a",2]}"#, "/l/1", "/l/1 is a number, but must be a string."),
        (#"{"s":"x","s":"x"}"#, "/s", "s is given twice."),
        (#"{"q":1}"#, "/q", "q is no field here; there are s, i, d, b, l and v."),
        ("[]", "", "The body is an object with s, i, d, b, l and v."),
        (#"{"v":"# + "[".repeated(65) + "]".repeated(65) + "}", "/v", "v is nested deeper than 64"),
    ])
    func `that breaks a rule is told what and where`(
        text: String, pointer: String, sentence: String
    ) {
        let error = fault(text, Self.readFields)
        #expect(error?.kind == .rule)
        #expect(error?.pointer == pointer)
        #expect(error?.sentence.hasPrefix(sentence) == true, "\(error?.sentence ?? "none")")
    }

    @Test(arguments: [
        ("", 0), ("{", 1), (#"{"s":"x"} x"#, 10), (#"{"s":1,"#, 7), (#"{"q":1,"v":x}"#, 11),
        (#"{"s":"x","s":"x",}"#, 17), ("\u{FEFF}{}", 0), (#"[1,2"#, 4),
    ])
    func `that is no JSON is malformed, whatever rule it breaks before`(text: String, byte: Int) {
        let error = fault(text, Self.readFields)
        #expect(error?.kind == .malformed)
        #expect(error?.pointer == nil)
        #expect(error?.sentence.hasPrefix("At byte \(byte): ") == true, "\(error?.sentence ?? "")")
    }

    @Test func `counts bytes from the beginning of its range`() {
        let text = "xxxx{\"s\":}yyyy".bytes
        let read = fault(text, in: 4..<10, Self.readFields)
        let unread = fault(text, in: 4..<10) { _ in }
        #expect(read?.sentence.hasPrefix("At byte 5: ") == true)
        #expect(unread == read)
    }

    @Test func `of another one is pointed into`() {
        #expect(InputError("s", at: "/a").pointing(into: "/input").pointer == "/input/a")
        #expect(InputError("s", at: "").pointing(into: "/input").pointer == "/input")
        #expect(InputError("s", at: nil).pointing(into: "/input").pointer == nil)
    }

    @Test(arguments: [
        (InputError("x is wrong.", at: "/a/0"), "a/0: x is wrong."),
        (InputError("/a is a number.", at: "/a"), "/a is a number."),
        (InputError("An object.", at: ""), "An object."),
        (InputError("At byte 3: x", at: nil, .malformed), "this is not valid JSON. At byte 3: x"),
    ])
    func `has a line for people`(error: InputError, line: String) {
        #expect(error.description == line)
    }

    private static func readFields(_ input: inout InputReader) throws(InputError) {
        try input.object(of: "s, i, d, b, l and v") { input, field throws(InputError) in
            switch field {
            case "s": _ = try input.string()
            case "i": _ = try input.integer(in: 1...4)
            case "d": _ = try input.number(in: 0...0.5)
            case "b": _ = try input.boolean()
            case "l": _ = try input.strings()
            case "v": _ = try input.copy(calling: "v")
            default: return false
            }
            return true
        }
    }

    /// What reading `text` throws; `nil` when it is taken.
    private func fault(
        _ text: String, _ read: (inout InputReader) throws(InputError) -> Void
    ) -> InputError? {
        fault(text.bytes, in: nil, read)
    }

    private func fault(
        _ text: [UInt8], in range: Range<Int>?,
        _ read: (inout InputReader) throws(InputError) -> Void
    ) -> InputError? {
        do throws(InputError) {
            try InputReader.read(text, in: range, read)
            return nil
        } catch {
            return error
        }
    }
}
