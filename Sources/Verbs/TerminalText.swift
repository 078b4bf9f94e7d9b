// Events hold what anyone has published. JSON forbids raw control characters below U+0020 in
// strings, but not DEL, nor those from U+0080 on, among which is a terminal's "control sequence
// introducer", nor the characters that change the direction of text.

/// Makes text from outside safe to show on a line for people.
package enum TerminalText {
    /// Returns the text cut to `width` columns, with an escape for each character that a terminal
    /// would obey.
    package static func shown(_ text: [UInt8], width: Int? = nil) -> [UInt8] {
        if !text.contains(where: isSuspicious), width.map({ text.count <= $0 }) ?? true {
            return text
        }
        // A scalar has four bytes at most, so this prefix holds more than `width` of them.
        let part = width.map { text.prefix(4 * $0 + 4) } ?? text[...]
        var shown: [UInt8] = []
        var columns = 0
        // The number of bytes of `shown` that leave room for the ellipsis.
        var cut = 0
        for scalar in String(decoding: part, as: UTF8.self).unicodeScalars {
            let piece = isObeyed(scalar) ? escape(of: scalar) : String(scalar)
            columns += isObeyed(scalar) ? piece.utf8.count : columnCount(of: scalar)
            if let width, columns > width { return shown[..<cut] + Array("…".utf8) }
            shown += piece.utf8
            if let width, columns < width { cut = shown.count }
        }
        return shown
    }

    /// Returns whether the byte may begin a scalar that must not be shown as it is.
    private static func isSuspicious(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte == 0xD8 || byte == 0xE2
    }

    /// Returns whether a terminal would obey the scalar, or change its direction for it.
    static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x20, 0x7F...0x9F, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Returns the escape that JSON has for the scalar.
    private static func escape(of scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Returns the columns that a scalar takes on most terminals (roughly Unicode Standard Annex
    /// 11).
    private static func columnCount(of scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
