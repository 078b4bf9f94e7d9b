import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CopyingTests {
    @Test(arguments: [
        (" 1 ", "1"), ("\t\r\n null\n", "null"), ("[ ]", "[]"), ("{ }", "{}"), ("{\n}", "{}"),
        ("[ 1 , 2 ]", "[1,2]"), (#"{ "a" : 1 , "b" : [ ] }"#, #"{"a":1,"b":[]}"#),
        ("[\n  [\n    {}\n  ]\n]", "[[{}]]"), (#" "a  b" "#, #""a  b""#),
        (#"[ "\n \t" , " " ]"#, #"["\n \t"," "]"#), ("[ true , false ]", "[true,false]"),
        ("[1 ]", "[1]"), ("[ 1]", "[1]"), (#"{"a" :1}"#, #"{"a":1}"#), (#"{"a": 1}"#, #"{"a":1}"#),
        ("{\"a\":\r\n1.50e+01\t}", #"{"a":1.50e+01}"#),
    ])
    func `whitespace between tokens is dropped and nothing else`(
        _ text: String, compact: String
    ) throws {
        #expect(try copied(text) == compact)
    }

    @Test func `a doubled key is kept in order`() throws {
        let text = #"{"a":1,"b":2,"a":{"a":3,"a":4}}"#
        #expect(try copied(text) == text)
    }

    @Test func `a copy is appended to what the output holds`() throws {
        var reader = JSONReader("[1, 2]".bytes)
        var output = "data: ".bytes
        try reader.copyValue(into: &output)
        #expect(output == "data: [1,2]".bytes)
    }

    @Test func `after a throw the output is as it was`() throws {
        var reader = JSONReader("[1, 2, 3, x]".bytes)
        var output = "data: ".bytes
        #expect(throws: JSONError.self) { try reader.copyValue(into: &output) }
        #expect(output == "data: ".bytes)
        #expect(reader.offset == 0)
    }

    @Test func `only the range is read and offsets index the whole text`() throws {
        let text = "1\n [2] \n3x".bytes
        var second = JSONReader(text, in: 2..<7)
        var output: [UInt8] = []
        try second.copyValue(into: &output)
        try second.finish()
        #expect(output == "[2]".bytes)
        #expect(second.offset == 7)

        var cut = JSONReader(text, in: 2..<5)
        #expect(throws: JSONError(offset: 5, kind: .unexpectedEnd)) { try cut.skipValue() }
        var none = JSONReader(text, in: 4..<4)
        #expect(throws: JSONError(offset: 4, kind: .unexpectedEnd)) { try none.skipValue() }
    }

    // MARK: - Depth

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")])
    func `64 levels are copied and 65 are refused`(_ opening: String, closing: String) throws {
        let perPair = closing.utf8.count
        let deepest = opening.repeated(64 / perPair) + "1" + closing.repeated(64 / perPair)
        #expect(try copied(deepest) == deepest)
        let arrayInside = opening.repeated(64 / perPair) + "[]" + closing.repeated(64 / perPair)
        let offset = opening.utf8.count * (64 / perPair)
        let error = JSONError(offset: offset, kind: .tooDeep(maximum: 64))
        #expect(refusal(of: arrayInside) == error)
    }

    @Test(arguments: [(0, "1", true), (0, "[]", false), (1, "[1]", true), (1, "[{}]", false)])
    func `depth is counted from the copied value`(
        maximum: Int, _ value: String, fits: Bool
    ) throws {
        var reader = JSONReader("[[[\(value)]]]".bytes)
        for _ in 0..<3 {
            try reader.beginArray()
            #expect(try reader.nextElement())
        }
        var output: [UInt8] = []
        if fits {
            try reader.copyValue(into: &output, maximumDepth: maximum)
            #expect(output == value.bytes)
        } else {
            let error = JSONError.Kind.tooDeep(maximum: maximum)
            let thrown = #expect(throws: JSONError.self) {
                try reader.copyValue(into: &output, maximumDepth: maximum)
            }
            #expect(thrown?.kind == error)
        }
    }

    @Test func `siblings do not add to the depth`() throws {
        let text = "[" + "[[]],".repeated(1000) + "{}]"
        #expect(try copied(text.bytes, maximumDepth: 3) == text.bytes)
    }

    @Test func `an object's end is not taken for an array's after 64 levels`() {
        let text = "[{\"a\":".repeated(32) + "1" + "}]".repeated(31) + "]]"
        let kind = JSONError.Kind.unexpectedByte(0x5D, expected: .commaOrEndOfObject)
        #expect(refusal(of: text)?.kind == kind)
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":", "[[],", "{\"a\":[],\"b\":"])
    func `a million open brackets are refused without a deep stack`(_ opening: String) {
        let text = opening.repeated(1_000_000)
        #expect(refusal(of: text)?.kind == .tooDeep(maximum: 64))
    }

    // MARK: - Cost

    /// Texts of many tokens, which quadratic work would make take minutes.
    @Test(arguments: [
        ("[", "[],", "1]"), ("\"", "\\n", "\""), ("\"", "é", "\""), ("[ ", "1 , ", "1 ]"),
        ("", " ", "1"), ("", "1", ""), ("{", "\"a\" : 1 , ", "\"b\":2}"),
    ])
    func `a megabyte is copied at once`(
        _ start: String, unit: String, end: String
    ) throws {
        let text = start + unit.repeated(1_000_000 / unit.utf8.count) + end
        let compact = try copied(text.bytes)
        #expect(try copied(compact) == compact)
    }
}
