/// Small rules of English.
enum English {
    /// Returns a phrase with "a" or "an" before it, by its sound.
    static func article(_ phrase: String) -> String {
        let first = phrase.prefix { $0 != " " }
        // A short word in capitals is read letter by letter.
        if first.count < 4, first.allSatisfy(\.isUppercase) {
            return (first.first.map("AEFHILMNORSX".contains) ?? false ? "an " : "a ") + phrase
        }
        let word = phrase.lowercased()
        let soundsLikeConsonant = ["uni", "use", "usu", "eu", "one"].contains { word.hasPrefix($0) }
        let soundsLikeVowel = ["hour", "honest", "heir"].contains { word.hasPrefix($0) }
        let vowel = word.first.map { "aeiou".contains($0) } ?? false
        return ((vowel && !soundsLikeConsonant) || soundsLikeVowel ? "an " : "a ") + phrase
    }

    /// Returns a text with a capital at its start, unless the first word has one of its own, as
    /// "iPhone" has.
    static func capitalised(_ text: String) -> String {
        let hasOwn = text.dropFirst().first?.isUppercase ?? false
        return hasOwn ? text : (text.first?.uppercased() ?? "") + text.dropFirst()
    }

    /// Returns a text with a full stop at its end, unless it has one, such as an abbreviation's.
    static func sentence(_ text: String) -> String {
        text.hasSuffix(".") ? text : text + "."
    }
}
