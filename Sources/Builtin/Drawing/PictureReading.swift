/// The details of a picture that a prompt tells.
struct PictureReading {
    /// The prompt's words in lower case, without punctuation.
    let words: [String]
    let theme: Theme
    let culture: Int?
    let age: Int?

    init(_ prompt: String) {
        let reading = PromptReading(Self.withoutFraming(prompt))
        words = reading.words
        theme = reading.theme
        culture = reading.culture
        age = reading.age
    }

    /// Returns the prompt without the words on framing, which say nothing about the person.
    private static func withoutFraming(_ prompt: String) -> String {
        let start = "Portrait of "
        let end = ", head and shoulders, looking at us"
        var text = prompt[...]
        if text.hasPrefix(start) { text = text.dropFirst(start.count) }
        if text.hasSuffix(end) { text = text.dropLast(end.count) }
        return String(text)
    }

    func mentions(_ stems: [String]) -> Bool {
        words.contains { word in
            stems.contains { stem in
                word == stem || word == stem + "s" || stem.utf8.count > 4 && word.hasPrefix(stem)
            }
        }
    }
}
