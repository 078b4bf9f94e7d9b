/// The content of a prompt, as far as the grammar understands it.
struct PromptReading {
    /// The prompt's words in lower case, without punctuation.
    let words: [String]
    let theme: Theme
    /// Another theme that the prompt touches, if any.
    ///
    /// It is the last one, because the first ones are often alike.
    let secondTheme: Theme?
    /// The city after "from", "in" or "near".
    let city: String?
    /// The person's culture, as an index of `Cultures.all`, found by the city or by a word such as
    /// "Japanese".
    let culture: Int?
    /// The name after "named" or "called".
    let name: String?
    /// The age, from 13 to 110, if the prompt tells it.
    let age: Int?
    /// The person's occupation, if the prompt begins with it: "a ceramic artist from …".
    let occupation: String?
    /// The thing that the person loves or collects.
    let passion: String?
    /// The subject, which is the first clause; empty when there is none.
    let subject: String

    init(_ prompt: String) {
        let clauses = Self.clauses(Self.withoutRequest(prompt))
        let tokens = Self.tokens(clauses)
        words = tokens.filter { $0 != Self.mark }.map { $0.lowercased() }
        let themes = Self.themes(words)
        theme = themes.first ?? Theme.everyday
        secondTheme = themes.dropFirst().last
        city = Self.name(after: ["from", "in", "near"], in: tokens, longest: 2)
        culture = ([city ?? ""] + tokens).lazy.compactMap { Cultures.places[$0] }.first
        name = Self.name(after: ["named", "called"], in: tokens, longest: 3)
        age = Self.age(tokens)
        occupation = Self.occupation(tokens)
        passion = Self.passion(tokens)
        subject = Self.subject(clauses.first ?? "")
    }

    /// The token between two clauses.
    private static let mark = ","

    /// Returns the words of all clauses, with a mark after each clause.
    private static func tokens(_ clauses: [String]) -> [String] {
        let tokens = clauses.flatMap { clause in
            clause.split { !($0.isLetter || $0.isNumber || "'’-.".contains($0)) }
                .map { String($0.hasSuffix(".") ? $0.dropLast() : $0) } + [mark]
        }
        return Array(tokens.prefix(400))
    }

    /// Returns the themes of the words, in the order of their first words.
    private static func themes(_ words: [String]) -> [Theme] {
        let telling = words.indices.filter { index in
            // A person who runs a bakery need not be a runner.
            !(["run", "runs"].contains(words[index])
                && ["a", "an", "the"].contains(words.dropFirst(index + 1).first))
        }
        var found: [(theme: Theme, place: Int)] = []
        for theme in Theme.all {
            if let place = telling.first(where: { theme.concerns(words[$0]) }) {
                found.append((theme, place))
            }
        }
        return found.sorted { $0.place < $1.place }.map(\.theme)
    }

    /// Returns the capitalised words after one of `markers`.
    private static func name(
        after markers: Set<String>, in tokens: [String], longest: Int
    ) -> String? {
        for index in tokens.indices.dropLast() where markers.contains(tokens[index].lowercased()) {
            let name = tokens[(index + 1)...].prefix(longest).prefix {
                $0.first?.isUppercase ?? false
            }
            if !name.isEmpty { return name.joined(separator: " ") }
        }
        return nil
    }

    /// Returns the number in "70-year-old", "28 years old", "aged 40" or between two marks.
    private static func age(_ tokens: [String]) -> Int? {
        for (index, token) in tokens.enumerated() {
            guard let number = Int(token.prefix(while: \.isNumber)), (13...110).contains(number)
            else { continue }
            let before = index > 0 ? tokens[index - 1].lowercased() : ""
            let after = tokens[(index + 1)...].prefix(2).joined(separator: " ")
            if token.contains("-year") || before == "aged" || before == mark && after.first == ","
                || ["year old", "years old"].contains(after)
            {
                return number
            }
        }
        return nil
    }

    private static let boundaries: Set<String> = [
        "from", "who", "in", "with", "that", "and", "near", "named", "called", "living", "at", "on",
        "whose", "loving", "for", "about", "to", "is", "of", "aged", "next", "down", mark,
    ]

    private static func occupation(_ tokens: [String]) -> String? {
        let hasArticle = ["a", "an", "the"].contains(tokens.first?.lowercased())
        let phrase = tokens.dropFirst(hasArticle ? 1 : 0)
            .prefix { !boundaries.contains($0.lowercased()) }
            .drop { looks.contains($0.lowercased()) || $0.first?.isNumber ?? false }
        guard let last = phrase.last?.lowercased(), phrase.count < 5, !people.contains(last),
            phrase.allSatisfy({ $0.first?.isLetter ?? false }),
            hasArticle || professions.contains(where: last.hasSuffix)
        else { return nil }
        return phrase.joined(separator: " ")
    }

    /// The words for people that name no occupation.
    private static let people: Set<String> = [
        "woman", "women", "man", "men", "girl", "boy", "lady", "gentleman", "guy", "person",
        "somebody", "someone", "human", "adult", "teenager", "teen", "kid", "child", "redhead",
        "blonde", "brunette", "character",
    ]

    /// The words on age and looks that may precede an occupation.
    private static let looks: Set<String> = [
        "year", "years", "old", "young", "elderly", "middle-aged", "female", "male", "beautiful",
        "pretty", "handsome", "tall", "blonde", "blond", "bearded", "very",
    ]

    /// The endings of words for occupations.
    private static let professions = [
        "er", "or", "ist", "ian", "ant", "chef", "nurse", "coach", "guide", "cook", "poet", "vet",
        "dj", "man",
    ]

    private static func passion(_ tokens: [String]) -> String? {
        let verbs = ["loves", "likes", "enjoys", "collects"]
        guard let index = tokens.firstIndex(where: verbs.contains) else { return nil }
        let phrase = tokens[(index + 1)...].prefix(3)
            .prefix { !boundaries.contains($0.lowercased()) }
        return phrase.isEmpty ? nil : phrase.joined(separator: " ")
    }
}
