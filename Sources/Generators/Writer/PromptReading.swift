/// What a prompt says, as far as a grammar understands it.
struct PromptReading {
    /// In lower case, without marks.
    let words: [String]
    let topic: Topic
    /// Another topic that the prompt touches, if any.
    let secondTopic: Topic?
    /// The city behind "from" or "in".
    let city: String?
    /// The name behind "named" or "called".
    let name: String?
    /// What the person is, when the prompt begins with it: "a ceramic artist from …".
    let occupation: String?
    /// What it is about, to stand behind "about".
    let subject: String

    init(_ prompt: String) {
        let request = Self.withoutRequest(prompt)
        let tokens = Self.tokens(request)
        words = tokens.map { $0.lowercased() }
        var found: [(topic: Topic, place: Int)] = []
        for topic in Topic.all {
            if let place = words.firstIndex(where: topic.concerns) { found.append((topic, place)) }
        }
        found.sort { $0.place < $1.place }
        topic = found.first?.topic ?? Topic.everyday
        secondTopic = found.dropFirst().first?.topic
        city = Self.name(after: ["from", "in", "near"], in: tokens, words, longest: 2)
        name = Self.name(after: ["named", "called"], in: tokens, words, longest: 3)
        occupation = Self.occupation(tokens, words)
        subject = Self.subject(request)
    }

    private static func tokens(_ text: String) -> [String] {
        text.split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "-" || $0 == "’") }
            .prefix(400).map(String.init)
    }

    /// The capitalised words behind one of `markers`.
    private static func name(
        after markers: Set<String>, in tokens: [String], _ words: [String], longest: Int
    ) -> String? {
        for index in tokens.indices.dropLast() where markers.contains(words[index]) {
            let name = tokens[(index + 1)...].prefix(longest).prefix {
                $0.first?.isUppercase ?? false
            }
            if !name.isEmpty { return name.joined(separator: " ") }
        }
        return nil
    }

    private static let boundaries: Set<String> = [
        "from", "who", "in", "with", "that", "and", "near", "named", "called", "living", "at", "on",
        "whose", "loving", "for", "about", "to", "is", "of",
    ]

    private static func occupation(_ tokens: [String], _ words: [String]) -> String? {
        guard let first = words.first else { return nil }
        let hasArticle = first == "a" || first == "an"
        let phrase = tokens.dropFirst(hasArticle ? 1 : 0).prefix(4)
            .prefix { !boundaries.contains($0.lowercased()) }
        guard let last = phrase.last, phrase.allSatisfy({ $0.first?.isLetter ?? false }),
            hasArticle || professions.contains(where: last.lowercased().hasSuffix)
        else { return nil }
        return phrase.joined(separator: " ")
    }

    /// How words end that say what someone is.
    private static let professions = [
        "er", "or", "ist", "ian", "ant", "chef", "nurse", "coach", "guide", "cook", "poet", "vet",
    ]

    private static let openings = [
        "please ", "write ", "create ", "make ", "share ", "tell ", "us ", "me ", "your followers ",
        "a post ", "a story ", "a short ", "a text ", "post ", "story ", "something ", "a tip ",
        "about ", "on ", "how ",
    ]

    /// The prompt without the words of the request.
    private static func withoutRequest(_ prompt: String) -> String {
        var text = Substring(
            prompt.split(whereSeparator: \.isWhitespace).prefix(60).joined(separator: " "))
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for opening in openings where text.lowercased().hasPrefix(opening) {
                text = text.dropFirst(opening.count)
                hasChanged = true
            }
        }
        return String(text)
    }

    /// What is left of it, short enough to stand in a sentence.
    private static func subject(_ text: String) -> String {
        let clause = text.prefix { !".,:!?;\"{}<>".contains($0) }
        var short = clause.split(separator: " ").prefix(10)
        while let last = short.last, dangling.contains(last.lowercased()) { short.removeLast() }
        let trimmed = short.joined(separator: " ")
        guard let first = trimmed.first, trimmed.count > 1 else { return "" }
        let second = trimmed.dropFirst().first
        // A name or an abbreviation keeps its capital.
        let isPlain = second?.isLowercase ?? true || second == " " || second == "'"
        let keeps = !isPlain || isName(String(trimmed.prefix { $0 != " " }))
        return keeps ? trimmed : first.lowercased() + trimmed.dropFirst()
    }

    /// Words that cannot end a phrase.
    private static let dangling: Set<String> = [
        "the", "a", "an", "and", "or", "but", "why", "how", "of", "with", "to", "for", "in", "my",
        "is", "will", "never", "-",
    ]

    /// Whether a capitalised word at the start is rather a name than a word of the sentence.
    private static func isName(_ word: String) -> Bool {
        word == "I" || Cultures.cities.keys.contains(word)
    }
}

/// Small matters of English.
enum English {
    /// The word with its article.
    static func article(_ phrase: String) -> String {
        let word = phrase.lowercased()
        let soundsLikeConsonant = ["uni", "use", "usu", "eu", "one"].contains { word.hasPrefix($0) }
        let soundsLikeVowel = ["hour", "honest", "heir"].contains { word.hasPrefix($0) }
        let vowel = word.first.map { "aeiou".contains($0) } ?? false
        return ((vowel && !soundsLikeConsonant) || soundsLikeVowel ? "an " : "a ") + phrase
    }

    static func capitalised(_ text: String) -> String {
        (text.first?.uppercased() ?? "") + text.dropFirst()
    }
}
