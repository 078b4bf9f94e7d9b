import Generators
import Glibc
import Testing

@testable import Builtin

@Suite(.timeLimit(.minutes(5)))
struct `The apps that are built in` {
    private static let prompts = [
        ("A checklist for moving house", "Checklist"), ("groceries", "Checklist"),
        ("Build me a POMODORO timer, please", "Focus timer"), ("two countdowns", "Focus timer"),
        ("a tip calculator", "Split the bill"), ("memory for my kids", "Find the pairs"),
        ("Draw icons", "Pixels"), ("water tracker", "A week of good habits"),
        ("an idea board", "A board for ideas"), ("whales", "A board for ideas"),
        ("", "A board for ideas"), ("日本語", "A board for ideas"),
        // The first word that says something decides.
        ("a game with a timer", "Find the pairs"), ("a timer for games", "Focus timer"),
    ]

    @Test(arguments: 0..<14)
    func `are chosen by the words of the prompt`(index: Int) {
        let (prompt, title) = Self.prompts[index]
        #expect(AppWriter.app(for: prompt).title == title)
    }

    @Test func `are listed here, each with a prompt`() {
        #expect(Self.prompts.count == 14)
        #expect(Set(Self.prompts.map(\.1)) == Set(BuiltinApp.all.map(\.title)))
        let words = BuiltinApp.all.flatMap(\.words)
        #expect(Set(words).count == words.count, "a word stands for two apps")
    }

    @Test func `are the same for the same prompt, whatever the seed`() async throws {
        for purpose in [TextRequest.Purpose.html, .css, .javaScript] {
            var texts: Set<String> = []
            for seed in UInt64(0)..<3 {
                var text = ""
                let result = try await BuiltinTextGenerator(tokensPerSecond: 0).generate(
                    TextRequest(
                        purpose: purpose, instructions: "\(seed)", prompt: "a list",
                        maximumTokens: 4096, seed: seed)
                ) { text += $0.text }
                #expect(result.ending == .stop)
                texts.insert(text)
            }
            #expect(texts.count == 1)
        }
    }

    @Test func `fit into the tokens of a part`() {
        for app in BuiltinApp.all {
            let prompt = app.words.sorted().first ?? ""
            for part in [AppWriter.Part.html, .css, .javaScript] {
                let text = AppWriter.write(part, prompt)
                #expect(TextTokens.split(text).count < 3000)
                #expect(text.count > 100 && !text.contains("{title}") && !text.contains("```"))
            }
        }
    }

    @Test(arguments: [
        "<b>list</b>", "a list & more", "</h1><script>list", String(repeating: "list ", count: 800),
    ])
    func `have the prompt's subject as text, or a title of their own`(prompt: String) {
        let html = AppWriter.write(.html, prompt)
        #expect(html.split(separator: "<h1>").count == 2 && !html.contains("<b>"))
        #expect(!html.contains("<script") && html.count < 2_000)
    }

    @Test func `use what they name, and nothing from elsewhere`() {
        for app in BuiltinApp.all {
            for other in ["http", "fetch(", "localStorage", "cookie", "alert(", "parent.", "top."] {
                #expect(!(app.html + app.css + app.javaScript).contains(other), "\(other)")
            }
            for id in app.html.matches(of: /id="(\w+)"/).map(\.1) {
                let isUsed = app.javaScript.contains("\(id)") || app.css.contains("#\(id)")
                #expect(isUsed, "\(app.title): \(id)")
            }
            for label in app.html.matches(of: /for="(\w+)"/).map(\.1) {
                #expect(app.html.contains("id=\"\(label)\""))
            }
        }
    }

    @Test func `have colours whose text can be read`() {
        for accent in AppWriter.accents {
            #expect(contrast(accent.onLight, "#ffffff") >= 4.5)
            #expect(contrast(accent.onLight, "#fbfaf7") >= 4.5)
            #expect(contrast(accent.onDark, "#101318") >= 4.5)
            #expect(contrast(accent.onDark, "#1d2128") >= 4.5)
        }
    }

    /// The contrast of two colours (WCAG 2.2, "contrast ratio").
    private func contrast(_ a: String, _ b: String) -> Double {
        let both = [luminance(a), luminance(b)].sorted()
        return (both[1] + 0.05) / (both[0] + 0.05)
    }

    private func luminance(_ colour: String) -> Double {
        let number = UInt32(colour.dropFirst(), radix: 16) ?? 0
        return zip([16, 8, 0], [0.2126, 0.7152, 0.0722]).reduce(0) { sum, part in
            let value = Double(number >> UInt32(part.0) & 0xFF) / 255
            let light = value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
            return sum + part.1 * light
        }
    }
}
