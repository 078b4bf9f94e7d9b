// The configuration file: the part of TOML 1.0 (toml.io) that settings need.
//
// Format: one `flag = value` a line, with comments from `#`. A value is a string in double or
//   single quotes, a number, true or false, or an array of strings and numbers, which may go over
//   lines. All else that TOML has (tables, dates, dotted keys, strings of several lines) is refused
//   with its line, so that a file never means something else to another reader of TOML.

/// The settings of a configuration file, as they would stand on the command line.
struct ConfigurationFile {
    /// The texts of the values by the flags' names; the items of an array stand between commas.
    private(set) var values: [String: String] = [:]

    /// The error of a file that cannot be read as settings.
    struct Fault: Error {
        /// From 1.
        let line: Int
        /// What is wrong, in words that follow the line.
        let problem: String
    }

    init(_ text: String) throws(Fault) {
        var reader = SettingReader(text)
        while let (name, value) = try reader.next() {
            guard values.updateValue(value, forKey: name) == nil else {
                throw reader.fault("'\(name)' is set twice")
            }
        }
    }
}

private struct SettingReader {
    private let text: [Character]
    private var index = 0
    private var line = 1

    init(_ text: String) {
        self.text = Array(text)
    }

    func fault(_ problem: String) -> ConfigurationFile.Fault {
        ConfigurationFile.Fault(line: line, problem: problem)
    }

    /// Reads the next setting; `nil` at the end.
    mutating func next() throws(ConfigurationFile.Fault) -> (name: String, value: String)? {
        skipBlank(andLines: true)
        guard let first = peek else { return nil }
        guard first != "[" else { throw fault("tables are not used here") }
        let name = take { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        skipBlank()
        guard !name.isEmpty, skip("=") else { throw fault("a setting is 'name = value'") }
        skipBlank()
        let value = peek == "[" ? try array() : try single()
        skipBlank()
        guard peek == nil || peek?.isNewline == true else {
            throw fault("something stands behind the value of '\(name)'")
        }
        return (name, value)
    }

    private mutating func array() throws(ConfigurationFile.Fault) -> String {
        var items: [String] = []
        _ = skip("[")
        while true {
            skipBlank(andLines: true)
            if skip("]") { return items.joined(separator: ",") }
            let item = try single()
            guard !item.contains(",") else { throw fault("an item of a list has a comma") }
            items.append(item)
            skipBlank(andLines: true)
            guard skip(",") || peek == "]" else { throw fault("an array is not closed by ']'") }
        }
    }

    private mutating func single() throws(ConfigurationFile.Fault) -> String {
        if let quote = peek, quote == "\"" || quote == "'" { return try string(quote) }
        let word = take { $0.isASCII && ($0.isLetter || $0.isNumber || "+-_.".contains($0)) }
        if word == "true" || word == "false" { return word }
        let digits = word.filter { $0 != "_" }
        guard digits.first?.isNumber == true, digits.allSatisfy({ $0.isNumber || $0 == "." }) else {
            throw fault("a text needs quotes, and other values are numbers, true or false")
        }
        return digits
    }

    private mutating func string(_ quote: Character) throws(ConfigurationFile.Fault) -> String {
        var value = ""
        _ = skip(quote)
        while let character = peek, !character.isNewline {
            index += 1
            if character == quote { return value }
            guard character == "\\", quote == "\"" else {
                value.append(character)
                continue
            }
            switch peek {
            case "\"", "\\": value.append(text[index])
            case "t": value.append("\t")
            default: throw fault("a string has an escape other than \\\\, \\\" and \\t")
            }
            index += 1
        }
        throw fault("a string is not closed")
    }

    // MARK: Characters

    private var peek: Character? { index < text.count ? text[index] : nil }

    private mutating func skip(_ character: Character) -> Bool {
        guard peek == character else { return false }
        index += 1
        return true
    }

    private mutating func take(_ belongs: (Character) -> Bool) -> String {
        let start = index
        while let character = peek, belongs(character) { index += 1 }
        return String(text[start..<index])
    }

    /// Skips spaces, tabs and a comment; with `andLines` also the ends of lines.
    private mutating func skipBlank(andLines: Bool = false) {
        while let character = peek {
            if character == "#" {
                while let next = peek, !next.isNewline { _ = skip(next) }
            } else if character.isNewline {
                guard andLines else { return }
                line += 1
                index += 1
            } else if character == " " || character == "\t" {
                index += 1
            } else {
                return
            }
        }
    }
}
