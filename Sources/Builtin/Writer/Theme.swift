/// A field of work or life that people write about, with the words that the grammar needs for it.
struct Theme: Sendable, Equatable {
    let name: String
    /// Words in lower case that show the theme.
    ///
    /// With four letters or more they match longer words, too, by up to three letters.
    let stems: [String]
    /// Phrases that follow "a" or "an".
    let occupations: [String]
    let interests: [String]
    /// Phrases that follow "spends the day" or "about".
    let doing: [String]
    /// Whole sentences in the first person and the past tense.
    let moments: [String]
    /// Whole sentences of advice.
    let lessons: [String]
    let tags: [String]

    /// Whether a word shows the theme.
    func concerns(_ word: String) -> Bool {
        stems.contains { stem in
            word == stem || word == stem + "s"
                || stem.utf8.count > 3 && word.hasPrefix(stem)
                    && word.utf8.count <= stem.utf8.count + 3
        }
    }

    /// Returns the theme that a person with an occupation writes about.
    static func of(occupation: String) -> Theme {
        all.first { $0.occupations.contains(occupation) } ?? PromptReading(occupation).theme
    }

    var isEveryday: Bool { name == Theme.everyday.name }

    static let all = [
        ceramics, sea, baking, technology, music, travel, garden, sport, books, mountains, art,
        animals,
        coffee, science, fashion, photography,
    ]
}
