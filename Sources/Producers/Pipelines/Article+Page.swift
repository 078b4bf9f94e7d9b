extension Article {
    /// The article as a document in HTML, in the direction of its language.
    ///
    /// Each text decides its own direction, as a title in Latin letters may stand over a text in
    /// Persian.
    var page: [UInt8] {
        let language = ArticleLanguage(code: language)
        let words = language.words
        var body = "<h1 dir=\"auto\">\(Self.escaped(title))</h1>\n"
        body += "<p class=\"summary\" dir=\"auto\">\(Self.escaped(summary))</p>\n"
        for (heading, section) in zip(headings, sections) {
            body += "<h2 dir=\"auto\">\(Self.escaped(heading))</h2>\n"
            for paragraph in ArticleText.paragraphs(section) {
                body += "<p dir=\"auto\">\(Self.escaped(paragraph))</p>\n"
            }
        }
        if !questions.isEmpty {
            body += "<h2>\(words.questions)</h2>\n<dl>\n"
            for one in questions {
                body += "<dt dir=\"auto\">\(Self.escaped(one.question))</dt>\n"
                body += "<dd dir=\"auto\">\(Self.escaped(one.answer))</dd>\n"
            }
            body += "</dl>\n"
        }
        let direction = language.isRightToLeft ? "rtl" : "ltr"
        return Array(
            """
            <!doctype html>
            <html lang="\(language.code)" dir="\(direction)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="description" content="\(Self.escaped(description))">
            <title>\(Self.escaped(title))</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            \(body)</body>
            </html>

            """.utf8)
    }

    private static let style = """
        :root { color-scheme: light dark; }
        body { max-width: 42rem; margin: 0 auto; padding: 1.5rem; font: 1.05rem/1.8 system-ui, sans-serif;
          background: light-dark(#fbfaf7, #14171c); color: light-dark(#17191f, #eceae4); }
        h1, h2 { line-height: 1.35; }
        .summary { padding-inline-start: 1rem; border-inline-start: 4px solid light-dark(#1f45c4, #9db6ff); }
        dt { font-weight: 600; margin-block-start: 1rem; }
        dd { margin: 0; }
        """

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing("\"", with: "&quot;")
    }
}
