/// Something that people are and write about, with what a grammar needs to know of it.
struct Theme: Sendable, Equatable {
    let name: String
    /// Words that tell of it, in lower case; four letters or more are a beginning, to which a
    /// little may be added.
    let stems: [String]
    /// Behind "a" or "an".
    let occupations: [String]
    let interests: [String]
    /// Behind "spends the day" or "about".
    let doing: [String]
    /// Whole sentences in the first person, in the past.
    let moments: [String]
    /// Whole sentences of advice.
    let lessons: [String]
    let tags: [String]

    /// Whether a word tells of it.
    func concerns(_ word: String) -> Bool {
        stems.contains { stem in
            word == stem || word == stem + "s"
                || stem.utf8.count > 3 && word.hasPrefix(stem)
                    && word.utf8.count <= stem.utf8.count + 3
        }
    }

    /// What someone of this occupation writes about.
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
