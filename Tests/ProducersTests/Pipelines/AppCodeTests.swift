import HTTP
import JSON
import Testing

@testable import Producers

@Suite(.timeLimit(.minutes(5)))
struct `The page of an app` {
    private func page(
        html: String = "<p>a</p>", css: String = "", js: String = "", title: String = "T"
    ) -> String {
        var app = AppCode()
        (app.html, app.css, app.js) = (html, css, js)
        return String(decoding: app.page(title: title), as: UTF8.self)
    }

    @Test func `has each part where it belongs`() {
        let page = page(html: "<p>a</p>", css: "p { color: red; }", js: "let a = 1 < 2;")
        #expect(page.hasPrefix("<!doctype html>\n"))
        #expect(page.contains("<style>\np { color: red; }\n</style>"))
        #expect(page.contains("<body>\n<p>a</p>\n<script>\nlet a = 1 < 2;\n</script>"))
    }

    @Test(arguments: ["</script>", "</SCRIPT >", "</sCript\n>", "x</script><img>"])
    func `has a script that does not end early`(code: String) {
        let page = page(js: "a = '\(code)'")
        let script = page[page.firstRange(of: "<script>")!.upperBound...]
        let end = script.lowercased().firstRange(of: "</script")!.lowerBound
        #expect(script.lowercased()[end...].hasPrefix("</script>\n</body>"))
        #expect(page.contains("<\\/"))
    }

    @Test(arguments: ["</style>", "</STYLE", "a{}</style x><b>"])
    func `has a style that does not end early`(code: String) {
        let page = page(css: "p::before { content: '\(code)' }")
        let style = page[page.firstRange(of: "<style>")!.upperBound...]
        let end = style.lowercased().firstRange(of: "</style")!.lowerBound
        #expect(style.lowercased()[end...].hasPrefix("</style>\n</head>"))
    }

    @Test func `opens no comment in its script`() {
        #expect(!page(js: "a = '<!-- <script>'").contains("<!--"))
    }

    @Test func `has the prompt as its title, as text`() {
        let page = page(title: "a </title><script>&")
        #expect(page.contains("<title>a &lt;/title>&lt;script>&amp;<"))
    }

    @Test func `is made of a result, and of nothing else`() throws {
        let pipeline = AppPipeline()
        let result = Array(#"{"html":"<p>","css":"","js":"1"}"#.utf8)
        let page = try #require(pipeline.page(of: result, input: Array(#"{"prompt":"P"}"#.utf8)))
        #expect(String(decoding: page, as: UTF8.self).contains("<title>P</title>"))
        for other in ["{}", "null", #"{"html":1}"#, "[]"] {
            #expect(pipeline.page(of: Array(other.utf8), input: []) == nil)
        }
        let app = try #require(AppCode(json: result))
        #expect(AppCode(json: app.json) == app)
    }
}
