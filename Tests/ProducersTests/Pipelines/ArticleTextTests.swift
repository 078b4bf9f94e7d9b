import Testing

@testable import Producers

@Suite struct `What a model writes of an article` {
    @Test(arguments: [
        ("One\nTwo", ["One", "Two"]), ("1. One\n2) Two\n", ["One", "Two"]),
        ("- One\n\n* **Two**\n# Three", ["One", "Two", "Three"]),
        ("۱. نخست\r\n۲- دوم", ["نخست", "دوم"]),
        ("3 reasons\n2026: a year", ["3 reasons", "a year"]),
        ("\u{2028}One\u{2028}", ["One"]), ("", []), ("--\n**\n", []),
    ])
    func `is read as a list whatever stands before its entries`(text: String, lines: [String]) {
        #expect(ArticleText.lines(text) == lines)
    }

    @Test func `is read as questions with what answers them`() {
        let text = "Q: Why?\nA: So.\n\nSome words\nQ: چرا؟\nA: زیرا.\nQ: Open?\nA:\nQ:\nA: Closed."
        let found = ArticleText.questions(text)
        #expect(found.map(\.question) == ["Why?", "چرا؟", "Open?"])
        #expect(found.map(\.answer) == ["So.", "زیرا.", "Closed."])
        #expect(ArticleText.questions("A: Nothing asked.").isEmpty)
    }

    @Test func `is kept as it is in the result and read back`() {
        var article = Article(title: "«کوره» & \"kiln\"", language: "fa")
        article.headings = ["یک", "Two"]
        article.sections = ["Text\n\nMore", "متن ۲"]
        article.pictures = ["/media/a"]
        article.summary = "خلاصه"
        article.description = "A \"word\""
        article.questions = [.init(question: "چه؟", answer: "این.")]
        #expect(Article(json: article.json) == article)
        #expect(Article(json: Array("[1]".utf8)) == nil)
    }

    @Test func `cannot leave the page in which it stands`() {
        var article = Article(title: "</title><script>", language: "fa-IR")
        article.headings = ["<h1>"]
        article.sections = ["</p><img src=x>"]
        article.description = "\"><script>"
        let page = String(decoding: article.page, as: UTF8.self)
        #expect(page.contains(#"<html lang="fa-IR" dir="rtl">"#))
        for markup in ["<script", "<img", "</title><", "<h1>&lt;h1"] {
            #expect(!page.contains(markup))
        }
        article.language = "en"
        #expect(String(decoding: article.page, as: UTF8.self).contains(#"lang="en" dir="ltr""#))
    }

    @Test(arguments: [(0, "۰"), (3, "۳"), (1_203, "۱۲۰۳")])
    func `counts in Persian digits where it is Persian`(number: Int, digits: String) {
        #expect(ArticleLanguage.digits(number) == digits)
        let words = ArticleLanguage(code: "fa").words
        #expect(words.sections(number, 8) == "نوشتن بخش‌ها (\(digits) از ۸)")
        #expect(ArticleLanguage(code: "de").words.sections(3, 8) == "Writing the sections (3 of 8)")
    }
}
