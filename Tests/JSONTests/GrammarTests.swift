import JSON
import Testing

/// The classes of nst/JSONTestSuite, in cases of our own: what RFC 8259 accepts, what it refuses,
/// and what it leaves open.
@Suite(.timeLimit(.minutes(5)))
struct GrammarTests {
    /// Compact already, so accepting also means keeping each byte.
    static let accepted: [String] = [
        // Scalars stand alone.
        "null", "true", "false", "0", "-0", "7", #""""#, #""a""#, #"" ""#,
        // Arrays and objects.
        "[]", "{}", "[[]]", "[{}]", "[1,2]", #"["a",[null],{"b":false}]"#, "[[[[[]]],[]]]",
        #"{"a":1}"#, #"{"":0}"#, #"{"a":{"b":{}},"c":[]}"#, #"{"a":1,"a":2}"#, #"{"a":1,"a":1}"#,
        #"{"z":1,"a":2,"m":3}"#, #"{"\u0000":1}"#, #"{"with space":"and tab\t"}"#,
        // Numbers.
        "10", "-1", "120", "0.1", "-0.0", "3.14159", "1e5", "1E5", "1e+5", "1e-5", "0e1", "0e+1",
        "0E-0", "1.5e10", "-1.25E-7", "123456789012345678901234567890", "1.000000000000000000000",
        "100000000000000000000e-20", "0.00000000000000000000000000000000000000000000000001",
        // Too large or too small for a Double (i_number_*): grammar is all that counts.
        "1e400", "-1e999", "1e-999", "123e100000000000000000000",
        // Escapes, each kept.
        #""\" \\ \/ \b \f \n \r \t""#, #""\u0041\u00e9\u20AC\uABCD\uabcd""#, #""\ud83d\ude00""#,
        #""\u0000""#, #""\u2028\u2029""#, #""\\u0041""#, #""\\\"""#, #""/ is free""#,
        // Lone surrogates as escapes (i_string_*).
        #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud83dx""#, #""\ude00\ud83d""#,
        // Text beyond ASCII, at the edges of each length.
        "\"\u{7F}\"", "\"\u{80}\u{7FF}\"", "\"\u{800}\u{FFFF}\"", "\"\u{D7FF}\u{E000}\"",
        "\"\u{10000}\u{10FFFF}\"", "\"é日本語🐦\"", "\"\u{FEFF}\"", "\"\u{2028}\u{2029}\"",
        "{\"ключ\":\"значение\"}", "\"e\u{301}\"", "\"\u{FFFE}\u{1FFFF}\"",
        // Long enough for the word scan, with and without a tail.
        "\"12345678\"", "\"1234567\"", "\"123456789\"", #""1234567\n89012345\"6789012""#,
    ]

    @Test(arguments: accepted)
    func `is accepted and kept byte for byte`(_ text: String) throws {
        #expect(try copied(text) == text)
    }

    @Test(arguments: accepted)
    func `is skipped as it is copied`(_ text: String) throws {
        try reading(text) { reader throws(JSONError) in try reader.skipValue() }
    }

    static let refused: [(String, Int, JSONError.Kind)] = [
        // Nothing, and what is no value.
        ("", 0, .unexpectedEnd), (" \n", 2, .unexpectedEnd),
        ("a", 0, unexpected("a", .value)), ("'a'", 0, unexpected("'", .value)),
        ("abc", 0, unexpected("a", .value)), ("]", 0, unexpected("]", .value)),
        ("}", 0, unexpected("}", .value)), (",", 0, unexpected(",", .value)),
        (":", 0, unexpected(":", .value)), ("<null>", 0, unexpected("<", .value)),
        ("*", 0, unexpected("*", .value)), ("\\u0031", 0, unexpected("\\", .value)),
        ("é", 0, .unexpectedByte(0xC3, expected: .value)),
        ("\u{0}", 0, .unexpectedByte(0, expected: .value)),
        // Literals.
        ("nul", 3, .unexpectedEnd), ("tru", 3, .unexpectedEnd), ("fals", 4, .unexpectedEnd),
        ("nulL", 3, unexpected("L", .value)), ("True", 0, unexpected("T", .value)),
        ("TRUE", 0, unexpected("T", .value)), ("truth", 3, unexpected("t", .value)),
        ("nan", 1, unexpected("a", .value)), ("NaN", 0, unexpected("N", .value)),
        ("Infinity", 0, unexpected("I", .value)), ("truee", 4, .trailingBytes),
        // Numbers.
        ("-", 1, .unexpectedEnd), ("+1", 0, unexpected("+", .value)), ("--1", 1, .invalidNumber),
        ("01", 1, .invalidNumber), ("-01", 2, .invalidNumber), ("00", 1, .invalidNumber),
        (".5", 0, unexpected(".", .value)), ("-.5", 1, .invalidNumber), ("1.", 2, .unexpectedEnd),
        ("[1.]", 3, .invalidNumber), ("[1.e1]", 3, .invalidNumber), ("0.e1", 2, .invalidNumber),
        ("1e", 2, .unexpectedEnd), ("1e+", 3, .unexpectedEnd), ("[1e]", 3, .invalidNumber),
        ("[1e+]", 4, .invalidNumber), ("[1eE2]", 3, .invalidNumber), ("1e1.5", 3, .trailingBytes),
        ("1.2.3", 3, .trailingBytes), ("0x10", 1, .trailingBytes), ("1_000", 1, .trailingBytes),
        ("-Infinity", 1, .invalidNumber), ("-NaN", 1, .invalidNumber), ("- 1", 1, .invalidNumber),
        ("1 000", 2, .trailingBytes), ("１", 0, .unexpectedByte(0xEF, expected: .value)),
        ("[1+2]", 2, unexpected("+", .commaOrEndOfArray)), ("1a", 1, .trailingBytes),
        ("[1ea]", 3, .invalidNumber), ("[-a]", 2, .invalidNumber),
        // Arrays.
        ("[", 1, .unexpectedEnd), ("[1", 2, .unexpectedEnd), ("[1,", 3, .unexpectedEnd),
        ("[1,]", 3, unexpected("]", .value)), ("[,1]", 1, unexpected(",", .value)),
        ("[,]", 1, unexpected(",", .value)), ("[1,,2]", 3, unexpected(",", .value)),
        ("[1 2]", 3, unexpected("2", .commaOrEndOfArray)), ("[1]]", 3, .trailingBytes),
        ("[1}", 2, unexpected("}", .commaOrEndOfArray)), ("[1],", 3, .trailingBytes),
        (#"["a":1]"#, 4, unexpected(":", .commaOrEndOfArray)), ("[}", 1, unexpected("}", .value)),
        ("[][]", 2, .trailingBytes), ("[a]", 1, unexpected("a", .value)),
        // Objects.
        ("{", 1, .unexpectedEnd), (#"{"a""#, 4, .unexpectedEnd), (#"{"a":"#, 5, .unexpectedEnd),
        (#"{"a":1"#, 6, .unexpectedEnd), (#"{"a":1,"#, 7, .unexpectedEnd),
        (#"{"a":1,}"#, 7, unexpected("}", .key)), ("{,}", 1, unexpected(",", .keyOrEnd)),
        (#"{"a"}"#, 4, unexpected("}", .colon)), (#"{"a",1}"#, 4, unexpected(",", .colon)),
        (#"{"a"::1}"#, 5, unexpected(":", .value)), (#"{"a":1,,"b":2}"#, 7, unexpected(",", .key)),
        ("{a:1}", 1, unexpected("a", .keyOrEnd)), ("{'a':1}", 1, unexpected("'", .keyOrEnd)),
        ("{1:1}", 1, unexpected("1", .keyOrEnd)), (#"{"a":1,b:2}"#, 7, unexpected("b", .key)),
        (#"{"a":1 "b":2}"#, 7, unexpected("\"", .commaOrEndOfObject)), ("{}}", 2, .trailingBytes),
        (#"{"a":1]"#, 6, unexpected("]", .commaOrEndOfObject)),
        ("{[", 1, unexpected("[", .keyOrEnd)),
        ("{]", 1, unexpected("]", .keyOrEnd)), (#"{"a":}"#, 5, unexpected("}", .value)),
        (#"{"a":1}#"#, 7, .trailingBytes), (#"{"a" b}"#, 5, unexpected("b", .colon)),
        (#"{"a":a}"#, 5, unexpected("a", .value)),
        // Comments and other whitespace.
        ("1//", 1, .trailingBytes), ("/**/1", 0, unexpected("/", .value)),
        ("[1/**/]", 2, unexpected("/", .commaOrEndOfArray)), ("#1", 0, unexpected("#", .value)),
        ("[\u{C}]", 1, .unexpectedByte(0x0C, expected: .value)),
        ("[\u{B}]", 1, .unexpectedByte(0x0B, expected: .value)),
        ("\u{A0}1", 0, .unexpectedByte(0xC2, expected: .value)),
        ("1\u{2060}", 1, .trailingBytes), ("1\u{0}", 1, .trailingBytes),
        // Strings.
        (#"""#, 1, .unexpectedEnd), (#""a"#, 2, .unexpectedEnd), (#""a\"#, 3, .unexpectedEnd),
        (#""\""#, 3, .unexpectedEnd), (#"["a]"#, 4, .unexpectedEnd), (#""a"b"#, 3, .trailingBytes),
        (#""\x41""#, 1, .invalidEscape), (#""\a""#, 1, .invalidEscape),
        (#""\'""#, 1, .invalidEscape), (#""\ ""#, 1, .invalidEscape), (#""\0""#, 1, .invalidEscape),
        (#""\U0041""#, 1, .invalidEscape), (#""\u""#, 1, .invalidEscape),
        (#""\u00""#, 1, .invalidEscape), (#""\u00G0""#, 1, .invalidEscape),
        (#""\u+041""#, 1, .invalidEscape), (#""\u{41}""#, 1, .invalidEscape),
        (#""\ud800\u""#, 7, .invalidEscape), (#""\ud800\uD8"#, 11, .unexpectedEnd),
        ("\"\\\n\"", 1, .invalidEscape), ("\"\\é\"", 1, .invalidEscape),
        ("\"a\nb\"", 2, .controlCharacter(0x0A)), ("\"\r\"", 1, .controlCharacter(0x0D)),
        ("\"\t\"", 1, .controlCharacter(0x09)), ("\"\u{0}\"", 1, .controlCharacter(0)),
        ("\"\u{1F}\"", 1, .controlCharacter(0x1F)), ("\"12345678\n\"", 9, .controlCharacter(0x0A)),
        ("{\"a\nb\":1}", 3, .controlCharacter(0x0A)),
        // A byte order mark, at the very start only called by its name.
        ("\u{FEFF}1", 0, .byteOrderMark), ("\u{FEFF}", 0, .byteOrderMark),
        ("[\u{FEFF}1]", 1, .unexpectedByte(0xEF, expected: .value)),
    ]

    @Test(arguments: refused)
    func `is refused at the byte at fault`(
        _ text: String, offset: Int, kind: JSONError.Kind
    ) {
        #expect(refusal(of: text) == JSONError(offset: offset, kind: kind))
    }

    /// What stands in a string that is not UTF-8 (Unicode, table 3-7), and how far it is good.
    static let invalidUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xFF], [0xFE], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28],
        [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1],
        [0xE2, 0x82, 0x28], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x90], [0xF0, 0x28, 0x8C, 0xBC],
        [0xF0, 0x90, 0x28, 0xBC], [0xF0, 0x90, 0x8C, 0x28], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80],
    ]

    @Test(arguments: invalidUTF8)
    func `invalid UTF-8 is refused wherever it stands in a string`(_ sequence: [UInt8]) {
        for padding in 0...17 {
            let before = "a".repeated(padding).bytes
            let text = [0x22] + before + sequence + "b\"".bytes
            let expected = JSONError(offset: 1 + padding, kind: .invalidUTF8)
            #expect(refusal(of: text) == expected, "\(padding) bytes before")
            #expect(refusal(of: "[".bytes + text)?.kind == .invalidUTF8)
            #expect(refusal(of: "{".bytes + text + ":1}".bytes)?.kind == .invalidUTF8)
        }
    }

    @Test func `UTF-16 is refused`() {
        #expect(refusal(of: [0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00]) != nil)
        #expect(refusal(of: [0x00, 0x5B, 0x00, 0x5D]) != nil)
        #expect(refusal(of: [0x5B, 0x00, 0x5D, 0x00]) != nil)
    }

    @Test func `each ASCII byte is judged alike at each place of a word`() {
        for byte in UInt8(0)..<0x80 {
            for place in 0..<24 {
                var contents = "x".repeated(24).bytes
                contents[place] = byte
                let error = refusal(of: [0x22] + contents + "x\"".bytes)
                let isPlain = byte >= 0x20 && byte != 0x22 && byte != 0x5C
                #expect((error == nil) == isPlain, "byte \(byte) at \(place)")
                let first: Int? = byte == 0x22 ? place + 2 : isPlain ? nil : place + 1
                #expect(error?.offset == first, "byte \(byte) at \(place)")
            }
        }
    }
}

private func unexpected(_ byte: Unicode.Scalar, _ expected: JSONError.Expected) -> JSONError.Kind {
    .unexpectedByte(UInt8(ascii: byte), expected: expected)
}
