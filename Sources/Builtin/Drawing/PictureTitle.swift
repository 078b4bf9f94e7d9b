/// Makes the title of a picture, for people who cannot see it.
enum PictureTitle {
    private static let longest = 140

    /// Returns the prompt as one short line, or `fallback` when it has no text.
    static func of(_ prompt: String, fallback: String) -> String {
        var title = String.UnicodeScalarView()
        var isBroken = false
        for scalar in prompt.unicodeScalars.prefix(4 * longest) {
            if scalar.properties.isWhitespace || isControl(scalar) {
                isBroken = true
            } else if isShown(scalar) {
                if isBroken, !title.isEmpty { title.append(" ") }
                isBroken = false
                title.append(scalar)
            }
        }
        let text = String(title)
        if text.isEmpty { return fallback }
        guard text.count > longest else { return text }
        let cut = text.prefix(longest)
        let end = cut.lastIndex(of: " ") ?? cut.endIndex
        return cut[..<end] + "…"
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }

    /// Whether a character is allowed in XML and does not change the direction of the text around
    /// it.
    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: false
        default: scalar.value & 0xFFFE != 0xFFFE && !(0xFDD0...0xFDEF).contains(scalar.value)
        }
    }
}
