import TestSupport
import Testing

@testable import Producers
@testable import Records

@Suite(.timeLimit(.minutes(5)))
struct `A persona` {
    @Test(arguments: [
        #"{"name":"Ann","age":30}"#,
        "Sure! Here it is:\n```json\n{ \"name\" : \"Ann\",\n\"age\" : 30 }\n```\nEnjoy.",
        #" {"name":"Ann","age":30}"#,
    ])
    func `is found in what a model answers`(answer: String) throws {
        let persona = try #require(Persona(answer))
        #expect(persona.name == "Ann")
        #expect(String(decoding: persona.json, as: UTF8.self) == #"{"name":"Ann","age":30}"#)
    }

    @Test(arguments: [
        "", "{", "}", "}{", "{}", "no", "null", "[]", #"["name"]"#, #"{"name":1}"#,
        #"{"name":null}"#, #"{"name":""}"#, #"{"Name":"Ann"}"#, #"{"name":"Ann""#,
        #"{"name":"Ann",}"#, #"{"name":"Ann"}{"name":"Bob"}"#,
        #"{"name":"Ann"} or {"name":"Bob"}"#, #"{'name':'Ann'}"#, #"{"name":"Ann" "a":1}"#,
        #"{"a":{"name":"Ann"}}"#, #"{"name":["Ann"]}"#, #"{"name":{"name":"Ann"}}"#,
        "{\"name\":\"A\nnn\"}", #"{"name":"\ud800"}"#, #"{"name":"\x41"}"#,
        "{\"name\":\"Ann\"\u{0}}",
        #"{"name":"Ann","age":01}"#, #"{"name":"Ann","age":NaN}"#, #"{name:"Ann"}"#,
    ])
    func `is not found in what is none`(answer: String) {
        #expect(Persona(answer) == nil)
    }

    @Test func `is not found in bytes that are no text`() {
        let valid = Array(#"{"name":"Ann"}"#.utf8)
        #expect(Persona(json: valid) != nil)
        for byte in [0xFF, 0xC3, 0x80, 0x00] as [UInt8] {
            var broken = valid
            broken[10] = byte
            #expect(Persona(json: broken) == nil)
        }
        for end in 0..<valid.count { #expect(Persona(json: Array(valid[..<end])) == nil) }
    }

    @Test func `keeps what else is in it, and takes no braces for its end`() throws {
        let answer = #"{"bio":"} and { and \"","name":"Zoë \ud83d\ude00","x":[{"name":"No"}]}"#
        let persona = try #require(Persona(answer))
        #expect(persona.name == "Zoë 😀")
        #expect(String(decoding: persona.json, as: UTF8.self) == answer)
    }

    @Test func `may be deep, and is refused when it is too deep, without harm`() {
        for (depth, isPersona) in [(10, true), (10_000, false), (1_000_000, false)] {
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            #expect((Persona(#"{"name":"Ann","x":\#(nested)}"#) != nil) == isPersona)
        }
    }

    @Test func `has a name of bounded length`() throws {
        let long = String(repeating: "é", count: 5_000)
        let persona = try #require(Persona(#"{"name":"\#(long)"}"#))
        #expect(persona.name.unicodeScalars.count == 200)
    }

    @Test func `never ends the process, whatever a model says`() {
        var random = SeededNumbers(seed: 3)
        let pieces = [
            "{", "}", "\"", "name", ":", "\"name\":", "\"Ann\"", ",", "[", "]", "\\", "\\u", "d800",
            " ", "\n", "1e999", "-", "null", "é", "```", "\u{0}", "//",
        ]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0..<20, using: &random)
            let answer = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }
            let persona = Persona(answer.joined())
            #expect(persona?.name.isEmpty != true)
        }
    }
}
