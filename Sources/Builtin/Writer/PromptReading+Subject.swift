// Finds the subject of a prompt, in a form that fits into a sentence.

extension PromptReading {
    private static let openings = [
        "please ", "write ", "create ", "generate ", "make ", "share ", "tell ", "us ", "me ",
        "your followers ", "a post ", "a story ", "a short ", "a text ", "post ", "story ",
        "something ", "a tip ", "about ", "on ",
    ]

    /// Returns the prompt without the words of the request, such as "please write a post about".
    static func withoutRequest(_ prompt: String) -> String {
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

    /// Splits a text at its punctuation, without empty parts.
    ///
    /// Punctuation within a word, as in "400.5", and the full stop of an abbreviation end no part.
    static func clauses(_ text: String) -> [String] {
        var clauses = [""]
        for index in text.indices {
            let character = text[index]
            let next = text[text.index(after: index)...].first ?? " "
            let isWithinWord = next.isLetter || next.isNumber
            let isEnd =
                switch character {
                case "\"", "{", "}", "<", ">": true
                case ",", ":", ";", "!", "?": !isWithinWord
                case ".": !isWithinWord && !isAbbreviation(clauses[clauses.count - 1])
                default: false
                }
            if isEnd { clauses.append("") } else { clauses[clauses.count - 1].append(character) }
        }
        return clauses.filter { clause in clause.contains { $0 != " " } }
    }

    /// Whether a full stop after the last word belongs to the word: "U.S", "Dr", "J".
    private static func isAbbreviation(_ clause: String) -> Bool {
        let word = clause.split(separator: " ").last.map(String.init) ?? ""
        let parts = word.split(separator: ".")
        return abbreviations.contains(word.lowercased())
            || word != "I" && !parts.isEmpty
                && parts.allSatisfy { $0.count < (parts.count > 1 ? 3 : 2) }
                && word.allSatisfy { $0.isLetter || $0 == "." }
    }

    private static let abbreviations: Set<String> = [
        "mr", "mrs", "ms", "dr", "st", "prof", "vs", "etc",
    ]

    /// Shortens a clause to fit into a sentence, and begins it in lower case unless with a name.
    static func subject(_ clause: String) -> String {
        var short = clause.split(separator: " ").prefix(10)
        while let last = short.last, dangling.contains(last.lowercased()) { short.removeLast() }
        let trimmed = short.joined(separator: " ")
        guard trimmed.count > 1, let first = trimmed.first, let word = short.first else {
            return ""
        }
        let isName =
            word.dropFirst().contains { $0.isUppercase || $0.isNumber || $0 == "." }
            || word == "I" || word.hasPrefix("I'") || word.hasPrefix("I’")
            || Cultures.places[String(word)] != nil
            || short.dropFirst().first?.first?.isUppercase ?? false
                && !determiners.contains(word.lowercased())
        return isName ? trimmed : first.lowercased() + trimmed.dropFirst()
    }

    /// The words that cannot end a phrase.
    private static let dangling: Set<String> = [
        "the", "a", "an", "and", "or", "but", "why", "how", "of", "with", "to", "for", "in", "my",
        "is", "will", "never", "-",
    ]

    /// Whether the subject can follow "about", for which a bare noun such as "new menu" lacks an
    /// article.
    var isPhrase: Bool {
        Self.determiners.contains(subject.prefix { $0 != " " }.lowercased())
    }

    /// The first words of phrases that need no article.
    private static let determiners: Set<String> = [
        "the", "a", "an", "my", "your", "our", "his", "her", "its", "their", "this", "these",
        "those", "some", "every", "why", "what", "when", "where", "how",
    ]
}
