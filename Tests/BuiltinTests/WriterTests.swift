import Generators
import JSON
import Testing

@testable import Builtin

private let hostile = [
    "", " ", "\"quotes\" and \\ backslashes", "line\nbreaks\r\n\tand tabs", "🎉🎉", "{}", "A",
    "\u{0}\u{7}",
    "<script>alert(1)</script>", String(repeating: "long ", count: 800), "İstanbul'da bir çömlekçi",
    "???",
    "Persona: {\"city\":7}", "I", "a", "an old sailor named Jon Pike living in Bergen",
]

@Suite(.timeLimit(.minutes(5)))
struct `The built-in writer` {
    private func generate(
        _ purpose: TextRequest.Purpose, _ prompt: String, instructions: String = "",
        seed: UInt64 = 1, maximum: Int = 1_024
    ) async throws -> (text: String, pieces: [TextPiece], result: TextResult) {
        var pieces: [TextPiece] = []
        let result = try await BuiltinTextGenerator(tokensPerSecond: 0).generate(
            TextRequest(
                purpose: purpose, instructions: instructions, prompt: prompt,
                maximumTokens: maximum, seed: seed)
        ) { pieces.append($0) }
        return (pieces.map(\.text).joined(), pieces, result)
    }

    @Test func `writes the same for the same prompt and seed, and otherwise something else`()
        async throws
    {
        let first = try await generate(.story, "my first kiln firing", seed: 7)
        let again = try await generate(.story, "my first kiln firing", seed: 7)
        let other = try await generate(.story, "my first kiln firing", seed: 8)
        #expect(first.text == again.text)
        #expect(first.text != other.text)
        #expect(first.result.outputTokens == first.pieces.count)
    }

    @Test(arguments: hostile)
    func `writes a persona that is JSON with all it should have, whatever the prompt`(
        prompt: String
    ) async throws {
        for seed in UInt64(0)..<20 {
            let text = try await generate(.persona, prompt, seed: seed).text
            var json = JSONReader(Array(text.utf8))
            var keys: [String] = []
            try json.beginObject()
            while let key = try json.nextKey() {
                keys.append(key)
                switch key {
                case "age": #expect(try (13...110).contains(json.readInteger()))
                case "interests":
                    var count = 0
                    try json.beginArray()
                    while try json.nextElement() { count += 1 }
                    #expect((3...5).contains(count))
                default: #expect(try !json.readString().isEmpty)
                }
            }
            try json.finish()
            #expect(keys == ["name", "age", "occupation", "city", "bio", "voice", "interests"])
        }
    }

    @Test func `takes what the prompt says of the person`() async throws {
        let text = try await generate(
            .persona, "a ceramic artist named Mia Torres from Lisbon who surfs"
        ).text
        for part in ["\"Mia Torres\"", "\"ceramic artist\"", "\"Lisbon\""] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test(arguments: hostile)
    func `writes stories in clean sentences, whatever the prompt`(prompt: String) async throws {
        for seed in UInt64(0)..<20 {
            let text = try await generate(
                .story, prompt,
                instructions: "Persona: {\"occupation\":\"potter\",\"city\":\"Porto\"}",
                seed: seed
            ).text
            #expect(text.count > 150)
            #expect(!text.contains("  ") && !text.contains(" ."), "\(text)")
            for paragraph in text.split(separator: "\n\n") where !paragraph.hasPrefix("#") {
                #expect(".!?".contains(paragraph.last ?? " "), "\(paragraph)")
                #expect(!(paragraph.first?.isLowercase ?? true), "\(paragraph)")
            }
        }
    }

    @Test func `writes about what the prompt is about, and else about what the person does`()
        async throws
    {
        let about = "Persona: {\"occupation\":\"potter\"}"
        let glaze = try await generate(.story, "Write a post about storms", instructions: about)
        #expect(glaze.text.contains("storms"))
        let themes = ["clay", "kiln", "mug", "bowl", "glaze", "studio", "blue"]
        #expect(themes.contains { glaze.text.lowercased().contains($0) }, "\(glaze.text)")
    }

    @Test func `speaks about what the prompt asks also when it knows no such theme`() async throws {
        let persona = "Persona: {\"occupation\":\"potter\"}"
        for seed in UInt64(0)..<20 {
            let text = try await generate(
                .story, "the U.S. elections", instructions: persona, seed: seed
            ).text
            #expect(text.ranges(of: "the U.S. elections").count > 1, "\(text)")
            let own = Theme.ceramics.moments.filter(text.contains)
            #expect(own.count == 1, "\(text)")
        }
    }

    @Test(arguments: ["new menu", "chess opening", "old Volvo", "I quit my job"])
    func `puts a bare noun only where it needs no article`(prompt: String) async throws {
        let persona = "Persona: {\"occupation\":\"potter\",\"city\":\"Porto\"}"
        for seed in UInt64(0)..<40 {
            for purpose in [TextRequest.Purpose.story, .text] {
                let text = try await generate(
                    purpose, prompt, instructions: persona, seed: seed
                ).text
                for wrong in ["about ", "on ", "to "] {
                    #expect(!text.contains(wrong + prompt), "\(text)")
                }
                #expect(!text.contains(prompt + " it was"), "\(text)")
            }
        }
    }

    @Test(arguments: ["a quiet day", "the U.S.", ""])
    func `says nothing twice about an everyday theme, and ends no sentence twice`(
        prompt: String
    ) async throws {
        for seed in UInt64(0)..<40 {
            for purpose in [TextRequest.Purpose.story, .text] {
                let text = try await generate(purpose, prompt, seed: seed).text
                #expect(!text.contains(".."), "\(text)")
                for lesson in Theme.everyday.lessons + Theme.everyday.moments {
                    #expect(text.ranges(of: lesson).count < 2, "\(text)")
                }
            }
        }
    }

    @Test(arguments: [
        ("a retired engineer", 60...110), ("a 70-year-old baker", 70...70),
        ("a young dancer", 18...27),
    ])
    func `makes people as old as the prompt says`(
        prompt: String, ages: ClosedRange<Int>
    ) async throws {
        for seed in UInt64(0)..<20 {
            let text = try await generate(.persona, prompt, seed: seed).text
            #expect(try ages.contains(age(in: text)), "\(text)")
        }
    }

    @Test func `names a woman and paints the same person`() async throws {
        var women: [String] = []
        for culture in Cultures.all { women += culture.women }
        for seed in UInt64(0)..<20 {
            let text = try await generate(.persona, "a blonde woman", seed: seed).text
            #expect(women.contains { text.hasPrefix("{\"name\":\"\($0) ") }, "\(text)")
            let other = try await generate(.persona, "a baker", seed: seed).text
            let person = Person.shown(
                in: PictureReading("Portrait of a baker, head and shoulders, looking at us"),
                seed: seed)
            let isWoman = women.contains { other.hasPrefix("{\"name\":\"\($0) ") }
            #expect(isWoman == (person.style == .feminine), "\(other)")
            #expect(try person.isOld == (age(in: other) > 60), "\(other)")
        }
    }

    private func age(in persona: String) throws -> Int {
        var json = JSONReader(Array(persona.utf8))
        try json.beginObject()
        while let key = try json.nextKey() {
            if key == "age" { return try json.readInteger() }
            try json.skipValue()
        }
        return 0
    }

    @Test func `stops at the limit of tokens and says so`() async throws {
        let short = try await generate(.story, "rain", maximum: 5)
        #expect(short.pieces.count == 5)
        #expect(short.result.ending == .length)
        #expect(try await generate(.story, "rain").result.ending == .stop)
    }

    @Test func `ends at once when nobody waits any more`() async {
        let task = Task {
            try await BuiltinTextGenerator(tokensPerSecond: 0.001).generate(
                TextRequest(purpose: .story, prompt: "rain")
            ) { _ in }
        }
        task.cancel()
        await #expect(throws: GenerationError.cancelled) { try await task.value }
    }

    @Test(arguments: [
        ("hour", "an hour"), ("artist", "an artist"), ("unicorn", "a unicorn"),
        ("MIT student", "an MIT student"), ("UX designer", "a UX designer"),
    ])
    func `puts the right article`(word: String, expected: String) {
        #expect(English.article(word) == expected)
    }

    @Test func `cuts a text into pieces that add up to it`() {
        for text in ["One, two.\n\nThree!", "{\"a\": [1, 2]}", "", "  x", "a\n b"] {
            #expect(TextTokens.split(text).joined() == text)
        }
    }
}
