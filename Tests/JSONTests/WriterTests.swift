import JSON
import Testing

@Suite(.timeLimit(.minutes(5)))
struct WriterTests {
    @Test func `commas and colons are put where they belong`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("none")
        writer.beginArray()
        writer.endArray()
        writer.key("list")
        writer.beginArray()
        writer.integer(1)
        writer.double(2.5)
        writer.string("three")
        writer.null()
        writer.boolean(false)
        writer.beginObject()
        writer.endObject()
        writer.raw(#"{"a":1}"#.bytes)
        writer.endArray()
        writer.key("last")
        writer.boolean(true)
        writer.endObject()
        let text = #"{"none":[],"list":[1,2.5,"three",null,false,{},{"a":1}],"last":true}"#
        #expect(writer.bytes == text.bytes)
    }

    @Test func `a member is its key and its value, or null`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("s", "x")
        writer.member("i", 1)
        writer.member("d", 0.5)
        writer.member("b", false)
        writer.member("l", ["x", "y"])
        writer.member("j", json: #"{"a":[]}"#.bytes)
        writer.member("none", String?.none)
        writer.member("none", Int?.none)
        writer.member("none", Double?.none)
        writer.member("none", json: nil)
        writer.member("far", Double.infinity)
        writer.endObject()
        let text =
            #"{"s":"x","i":1,"d":0.5,"b":false,"l":["x","y"],"j":{"a":[]},"none":null,"none":null,"#
            + #""none":null,"none":null,"far":null}"#
        #expect(writer.bytes == text.bytes)
    }

    @Test func `a text is appended to what is there`() {
        var writer = JSONWriter(appendingTo: "data: ".bytes)
        writer.integer(UInt64.max)
        #expect(writer.bytes == "data: 18446744073709551615".bytes)
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (100.0, "100"), (0.5, "0.5"), (1e-7, "1e-07"), (1e300, "1e+300"),
        (0.1 + 0.2, "0.30000000000000004"), (.nan, "null"), (.infinity, "null"),
    ])
    func `a Double is written so that it reads back`(_ value: Double, text: String) throws {
        var writer = JSONWriter()
        writer.double(value)
        #expect(writer.bytes == text.bytes)
        #expect(try copied(text) == text)
        var reader = JSONReader(writer.bytes)
        if value.isFinite { #expect(try reader.readDouble() == value) }
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("\"\\/", #""\"\\/""#),
        ("\u{8}\u{C}\n\r\t", #""\b\f\n\r\t""#), ("\u{0}\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""),
        ("é日本語🐦\u{2027}\u{202A}\u{84}", "\"é日本語🐦\u{2027}\u{202A}\u{84}\""),
        ("a\u{2028}\u{2029}é\u{85}", #""a\u2028\u2029é\u0085""#),
        ("1234567\n1234567\"é\n", #""1234567\n1234567\"é\n""#),
        ("\r\n", #""\r\n""#),
    ])
    func `a string is escaped where it must be`(_ value: String, text: String) throws {
        var output: [UInt8] = []
        appendJSONString(value, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == text)
    }

    @Test func `each scalar comes back as it was written`() throws {
        let scalars = (0...0x10FFFF).compactMap(Unicode.Scalar.init)
        for start in stride(from: 0, to: scalars.count, by: 997) {
            var value = String.UnicodeScalarView()
            value.append(contentsOf: scalars[start..<min(start + 997, scalars.count)])
            var output: [UInt8] = []
            appendJSONString(String(value), to: &output)
            var reader = JSONReader(output)
            let back = try reader.readString()
            #expect(back.utf8.elementsEqual(String(value).utf8))
            #expect(!output.contains(0x0A) && !output.contains(0x0D))
            #expect(try copied(output) == output)
        }
    }

    @Test(arguments: GrammarTests.accepted)
    func `what the pull calls read and the writer writes is the same value`(
        _ text: String
    ) throws {
        guard let once = try? rewritten(text.bytes) else {
            // Only half a surrogate pair has no String to be read as.
            #expect(text.lowercased().contains("\\ud"))
            return
        }
        #expect(try copied(once) == once)
        #expect(try rewritten(once) == once)
        var sent: [UInt8] = []
        sent.append(lineSafe: text.bytes)
        if !text.contains("\\") { #expect(once == sent) }
    }

    // MARK: - Calls that cannot be right

    @Test func `a value without its key traps`() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.beginObject()
            writer.integer(1)
        }
    }

    @Test func `an end that matches nothing traps`() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.beginArray()
            writer.endObject()
        }
    }

    @Test func `a second outermost value traps`() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.null()
            writer.null()
        }
    }

    @Test func `reading where no value can be traps`() async {
        await #expect(processExitsWith: .failure) {
            var reader = JSONReader(Array("[1,2]".utf8))
            try reader.beginArray()
            _ = try reader.readInteger()
        }
    }

    @Test func `a reader deeper than its bit stack traps`() async {
        await #expect(processExitsWith: .failure) {
            _ = JSONReader([], maximumDepth: 65)
        }
    }
}
