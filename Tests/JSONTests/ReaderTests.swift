import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ReaderTests {
    @Test func `a broadcast body is read field by field`() throws {
        let text = #" { "resource" : "post:1" , "retain" : true, "data" : { "a" : [1, 2] } } "#
        var reader = JSONReader(text.bytes)
        var data: [UInt8] = []
        var keys: [String] = []
        try reader.beginObject()
        while let key = try reader.nextKey() {
            keys.append(key)
            switch key {
            case "resource": #expect(try reader.readString() == "post:1")
            case "retain": #expect(try reader.readBoolean())
            default: try reader.copyValue(into: &data)
            }
        }
        try reader.finish()
        #expect(keys == ["resource", "retain", "data"])
        #expect(data == #"{"a":[1,2]}"#.bytes)
    }

    @Test func `an array is read element by element`() throws {
        let sum = try reading("[1, 20,300 ]") { reader throws(JSONError) in
            var sum = 0
            try reader.beginArray()
            while try reader.nextElement() { sum += try reader.readInteger() }
            return sum
        }
        #expect(sum == 321)
    }

    @Test func `empty containers end at once`() throws {
        try reading("[ {} , [ ] ]") { reader throws(JSONError) in
            try reader.beginArray()
            _ = try reader.nextElement()
            try reader.beginObject()
            #expect(try reader.nextKey() == nil)
            _ = try reader.nextElement()
            try reader.beginArray()
            #expect(try reader.nextElement() == false)
            #expect(try reader.nextElement() == false)
        }
    }

    @Test func `a value that is not read is skipped`() throws {
        try reading(#"{"a":[1,{"b":2}],"c":"d","e":3}"#) { reader throws(JSONError) in
            try reader.beginObject()
            #expect(try reader.nextKey() == "a")
            #expect(try reader.nextKey() == "c")
            #expect(try reader.nextKey() == "e")
            #expect(try reader.nextKey() == nil)
        }
    }

    @Test func `what is skipped is checked`() throws {
        var reader = JSONReader(#"{"a":[1,],"b":2}"#.bytes)
        try reader.beginObject()
        _ = try reader.nextKey()
        #expect(throws: JSONError(offset: 8, kind: .unexpectedByte(0x5D, expected: .value))) {
            try reader.nextKey()
        }
    }

    @Test func `behind a key the offset is the value's`() throws {
        var reader = JSONReader(#"{ "a" :  1 , "b":2}"#.bytes)
        try reader.beginObject()
        _ = try reader.nextKey()
        #expect(reader.offset == 9)
        _ = try reader.readInteger()
        _ = try reader.nextKey()
        #expect(reader.offset == 17)
    }

    @Test(arguments: [
        ("{}", JSONKind.object), ("[]", .array), (#""""#, .string), ("-1", .number), ("0", .number),
        ("9", .number), ("true", .boolean), ("false", .boolean), ("null", .null),
    ])
    func `the kind is told and every other kind is refused`(
        _ text: String, kind: JSONKind
    ) throws {
        for other in [JSONKind.object, .array, .string, .number, .boolean, .null] {
            var reader = JSONReader((" " + text).bytes)
            #expect(try reader.peekKind() == kind)
            if other == kind {
                try read(other, with: &reader)
            } else {
                let error = JSONError(offset: 1, kind: .wrongType(expected: other, found: kind))
                #expect(throws: error) { try read(other, with: &reader) }
                // The reader stands before the value still.
                try reader.skipValue()
                try reader.finish()
            }
        }
    }

    private func read(_ kind: JSONKind, with reader: inout JSONReader) throws(JSONError) {
        switch kind {
        case .object: try reader.beginObject()
        case .array: try reader.beginArray()
        case .string: _ = try reader.readString()
        case .number: _ = try reader.readNumber()
        case .boolean: _ = try reader.readBoolean()
        case .null: try reader.readNull()
        }
    }

    @Test func `the reader's own depth is bounded`() throws {
        var reader = JSONReader("[[[]]]".bytes, maximumDepth: 2)
        try reader.beginArray()
        _ = try reader.nextElement()
        try reader.beginArray()
        _ = try reader.nextElement()
        #expect(throws: JSONError(offset: 2, kind: .tooDeep(maximum: 2))) {
            try reader.beginArray()
        }
    }

    @Test func `64 levels are entered and left`() throws {
        let text = #"[{"a":"#.repeated(32) + "7" + "}]".repeated(32)
        #expect(try rewritten(text.bytes) == text.bytes)
        let deeper = "[" + text + "]"
        #expect(throws: JSONError.self) { try rewritten(deeper.bytes) }
    }

    @Test(arguments: ["1 2", "{} x", "[]]", "null,", "\"\"\u{0}"])
    func `what follows the value is refused`(_ text: String) throws {
        var reader = JSONReader(text.bytes)
        try reader.skipValue()
        let error = #expect(throws: JSONError.self) { try reader.finish() }
        #expect(error?.kind == .trailingBytes)
    }

    // MARK: - Strings

    @Test(arguments: [
        (#""""#, ""), (#""abc""#, "abc"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\uD83D\uDE00""#, "😀"),
        (#""\ud800\udc00""#, "\u{10000}"),
        (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0000""#, "\u{0}"), (#""a\u0000b""#, "a\u{0}b"),
        (#""é\né""#, "é\né"), (#""\\u0041""#, "\\u0041"), (#""\\\\n""#, "\\\\n"),
        ("\"日本語🐦\"", "日本語🐦"), (#""\uFFFF""#, "\u{FFFF}"), (#""\ud7ff\ue000""#, "\u{D7FF}\u{E000}"),
    ])
    func `a string and a key are decoded alike`(_ text: String, decoded: String) throws {
        let string = try reading(text) { reader throws(JSONError) in try reader.readString() }
        #expect(Array(string.unicodeScalars) == Array(decoded.unicodeScalars))
        let key = try reading("{\(text):1}") { reader throws(JSONError) in
            try reader.beginObject()
            defer { _ = try? reader.nextKey() }
            return try reader.nextKey()
        }
        #expect(key.map { Array($0.unicodeScalars) } == Array(decoded.unicodeScalars))
    }

    @Test(arguments: [
        (#""\ud800""#, 1), (#""\udc00""#, 1), (#""ab\udbff""#, 3), (#""\ud800\ud800""#, 1),
        (#""\ud800x\udc00""#, 1), (#""\udc00\ud800""#, 1), (#""\ud800\n""#, 1),
        (#""\ud800\u0041""#, 1), (#""\ud83d\ude00\ud83d""#, 13), (#""\ud800udc00""#, 1),
    ])
    func `half a surrogate pair is copied and not decoded`(_ text: String, offset: Int) throws {
        #expect(try copied(text) == text)
        var reader = JSONReader(text.bytes)
        #expect(throws: JSONError(offset: offset, kind: .loneSurrogate)) {
            try reader.readString()
        }
        var keys = JSONReader("{\(text):1}".bytes)
        try keys.beginObject()
        #expect(throws: JSONError(offset: offset + 1, kind: .loneSurrogate)) {
            try keys.nextKey()
        }
    }

    // MARK: - Numbers

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("42", 42), ("-17", -17), ("9223372036854775807", Int.max),
        ("-9223372036854775808", Int.min),
    ])
    func `a whole number is read`(_ text: String, value: Int) throws {
        #expect(try reading(text) { reader throws(JSONError) in try reader.readInteger() } == value)
    }

    @Test(arguments: [
        ("1.0", JSONError.Kind.notAnInteger), ("1e2", .notAnInteger), ("1E2", .notAnInteger),
        ("0.5", .notAnInteger), ("9223372036854775808", .numberOutOfRange),
        ("-9223372036854775809", .numberOutOfRange), ("1\("0".repeated(400))", .numberOutOfRange),
    ])
    func `a number that is no Int is refused and can be read otherwise`(
        _ text: String, kind: JSONError.Kind
    ) throws {
        var reader = JSONReader(text.bytes)
        #expect(throws: JSONError(offset: 0, kind: kind)) { try reader.readInteger() }
        #expect(try reader.readNumber() == text)
        try reader.finish()
    }

    @Test(arguments: [
        ("0", 0.0), ("-1.5", -1.5), ("6.02e23", 6.02e23), ("1e-400", 0), ("0.1", 0.1),
        ("1.7976931348623157e308", Double.greatestFiniteMagnitude),
    ])
    func `a Double is read`(_ text: String, value: Double) throws {
        #expect(try reading(text) { reader throws(JSONError) in try reader.readDouble() } == value)
    }

    @Test(arguments: ["1e400", "-1e309"])
    func `an infinite Double is refused`(_ text: String) {
        var reader = JSONReader(text.bytes)
        #expect(throws: JSONError(offset: 0, kind: .numberOutOfRange)) { try reader.readDouble() }
    }
}
