internal import JSON

/// The language of an article.
struct ArticleLanguage: Sendable, Equatable {
    /// What an article's page, and its job's messages, say in a language.
    struct Words: Sendable {
        let summary: String
        let questions: String
        /// The message when so many of so many sections are written.
        let sections: @Sendable (Int, Int) -> String
        /// The message when so many of so many pictures are painted.
        let pictures: @Sendable (Int, Int) -> String
    }

    /// A tag such as `fa` or `pt-BR` (RFC 5646), of letters, digits and hyphens.
    let code: String

    /// The language without script and region.
    private var primary: String {
        String(code.prefix { $0 != "-" }).lowercased()
    }

    /// What a model is told.
    var name: String {
        Self.names[primary] ?? "the language with the code \(code)"
    }

    var isRightToLeft: Bool { Self.rightToLeft.contains(primary) }

    var words: Words { primary == "fa" ? Self.persian : Self.english }

    private static let rightToLeft: Set = [
        "ar", "arc", "ckb", "dv", "fa", "he", "ku", "nqo", "ps", "sd", "syr", "ug", "ur", "yi",
    ]
    private static let names = [
        "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fa": "Persian",
        "fr": "French", "he": "Hebrew", "it": "Italian", "nl": "Dutch", "pt": "Portuguese",
        "ru": "Russian", "tr": "Turkish", "ur": "Urdu",
    ]

    private static let english = Words(
        summary: "Summary", questions: "Questions and answers",
        sections: { "Writing the sections (\($0) of \($1))" },
        pictures: { "Painting the pictures (\($0) of \($1))" })

    private static let persian = Words(
        summary: "خلاصه", questions: "پرسش‌ها و پاسخ‌ها",
        sections: { "نوشتن بخش‌ها (\(digits($0)) از \(digits($1)))" },
        pictures: { "ساختن تصویرها (\(digits($0)) از \(digits($1)))" })

    /// Returns a number in Persian digits.
    static func digits(_ number: Int) -> String {
        String(
            String(number).map { digit in
                digit.wholeNumberValue.flatMap { Unicode.Scalar(0x06F0 + UInt32($0)) }
                    .map(Character.init) ?? digit
            })
    }

    /// Reads a tag, of which only the form is checked.
    static func code(from input: inout InputReader) throws(InputError) -> String {
        let code = try input.string()
        let parts = code.split(separator: "-", omittingEmptySubsequences: false)
        let isTag =
            code.utf8.count <= 35 && (2...3).contains(parts[0].count)
            && parts[0].allSatisfy { $0.isASCII && $0.isLetter }
            && parts.allSatisfy { part in
                (1...8).contains(part.count)
                    && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            }
        guard isTag else {
            throw input.fault("language is a tag such as en, fa or pt-BR.")
        }
        return code
    }
}
