/// Small matters of English.
enum English {
    /// The phrase with its article, by how it sounds.
    static func article(_ phrase: String) -> String {
        let first = phrase.prefix { $0 != " " }
        // A short word in capitals is spelt out.
        if first.count < 4, first.allSatisfy(\.isUppercase) {
            return (first.first.map("AEFHILMNORSX".contains) ?? false ? "an " : "a ") + phrase
        }
        let word = phrase.lowercased()
        let soundsLikeConsonant = ["uni", "use", "usu", "eu", "one"].contains { word.hasPrefix($0) }
        let soundsLikeVowel = ["hour", "honest", "heir"].contains { word.hasPrefix($0) }
        let vowel = word.first.map { "aeiou".contains($0) } ?? false
        return ((vowel && !soundsLikeConsonant) || soundsLikeVowel ? "an " : "a ") + phrase
    }

    /// With a capital, unless the first word has its own, as "iPhone" has.
    static func capitalised(_ text: String) -> String {
        let hasOwn = text.dropFirst().first?.isUppercase ?? false
        return hasOwn ? text : (text.first?.uppercased() ?? "") + text.dropFirst()
    }

    /// A sentence of which an abbreviation may be the end, which brings its own stop.
    static func sentence(_ text: String) -> String {
        text.hasSuffix(".") ? text : text + "."
    }
}
