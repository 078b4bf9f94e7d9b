/// A small web app that is built in, whole but for its title and its colours.
struct BuiltinApp: Sendable {
    /// What it is called when the prompt says nothing better.
    let title: String
    /// The words of a prompt that ask for it, in lower case; a plural is recognised, too.
    let words: Set<String>
    /// What stands in the body; `{title}` is replaced.
    let html: String
    /// Its own rules, behind those that all apps share.
    let css: String
    let javaScript: String

    /// Whether a word of a prompt, in lower case, asks for this app.
    func concerns(_ word: String) -> Bool {
        words.contains(word) || (word.hasSuffix("s") && words.contains(String(word.dropLast())))
    }

    /// All apps; what a prompt does not ask for by any word becomes the last.
    static let all = [checklist, timer, split, memory, pixels, habits, board]
}
