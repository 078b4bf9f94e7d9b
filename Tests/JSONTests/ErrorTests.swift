import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ErrorTests {
    @Test(arguments: [
        ("[1,]", "At byte 3: found ']', expected a value."),
        (#"{"a" 1}"#, "At byte 5: found '1', expected ':' after the key."),
        ("{a:1}", "At byte 1: found 'a', expected a key in double quotes or '}'."),
        ("[1", "At byte 2: the text ends before its value is complete."),
        ("[1 2] ", "At byte 3: found '2', expected ',' or ']'."),
        (
            "\"a\nb\"",
            #"At byte 2: a control character in a string is written as an escape, here \u000a."#
        ),
        ("\u{FEFF}{}", "At byte 0: found a byte order mark; JSON begins with its value."),
        ("\u{1}", "At byte 0: found the byte 0x01, expected a value."),
        ("1 2", "At byte 2: there is more text after the end of the value."),
        ("[".repeated(65), "At byte 64: arrays and objects are nested more than 64 deep."),
    ])
    func `an error says where, what and what would be right`(_ text: String, sentence: String) {
        #expect(refusal(of: text)?.description == sentence)
    }

    @Test func `a wrong type names both kinds`() {
        var reader = JSONReader("[]".bytes)
        let error = #expect(throws: JSONError.self) { try reader.readString() }
        #expect(error?.description == "At byte 0: expected a string, found an array.")
    }
}
