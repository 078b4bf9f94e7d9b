import JSON
import Testing

@testable import Generators

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
        let topics = ["clay", "kiln", "mug", "bowl", "glaze", "studio", "blue"]
        #expect(topics.contains { glaze.text.lowercased().contains($0) }, "\(glaze.text)")
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

    @Test(arguments: [("hour", "an hour"), ("artist", "an artist"), ("unicorn", "a unicorn")])
    func `puts the right article`(word: String, expected: String) {
        #expect(English.article(word) == expected)
    }

    @Test func `cuts a text into pieces that add up to it`() {
        for text in ["One, two.\n\nThree!", "{\"a\": [1, 2]}", "", "  x", "a\n b"] {
            #expect(TextTokens.split(text).joined() == text)
        }
    }
}
