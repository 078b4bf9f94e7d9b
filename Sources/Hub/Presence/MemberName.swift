/// The name of a person or program whose streams are one member of a resource's presence.
///
/// It is 1–256 bytes of UTF-8 without characters of category Cc (U+0000–001F, U+007F–009F). It is
/// compared byte for byte, because for Swift two normal forms of a text are the same string.
package struct MemberName: Hashable, Comparable, Sendable {
    /// The longest name in bytes.
    package static let maximumLength = 256

    package let text: String

    /// Makes a name; `nil` when the text breaks the rules.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.maximumLength,
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return nil }
        self.text = text
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}
