internal import JSON

/// The three parts of an app, and the page that holds them together.
struct AppCode: Sendable, Equatable {
    var html = ""
    var css = ""
    var js = ""

    init() {}

    /// Reads the form in which a job has it as its result; `nil` for anything else.
    init?(json: [UInt8]) {
        guard let html = RecordJSON.member("html", of: json) else { return nil }
        self.html = html
        css = RecordJSON.member("css", of: json) ?? ""
        js = RecordJSON.member("js", of: json) ?? ""
    }

    var json: [UInt8] {
        RecordJSON.object { json in
            json.member("html", html)
            json.member("css", css)
            json.member("js", js)
        }
    }

    /// Returns the app as a document in HTML.
    ///
    /// The parts are whatever a model has written. They stand where they belong and cannot end
    /// early what they stand in; what they may do is decided by the fields with which the page is
    /// served.
    func page(title: String) -> [UInt8] {
        Array(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(Self.escaped(title))</title>
            <style>
            \(Self.contained(css, in: "style"))
            </style>
            </head>
            <body>
            \(html)
            <script>
            \(Self.contained(js, in: "script"))
            </script>
            </body>
            </html>

            """.utf8)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }

    /// Returns code that does not end the element in which it stands.
    ///
    /// In strings, comments and regular expressions, where the ends of elements occur in code, a
    /// backslash before the next character changes nothing.
    private static func contained(_ code: String, in element: String) -> String {
        var bytes: [UInt8] = []
        let code = Array(code.utf8)
        let end = Array("</\(element)".utf8)
        let comment = Array("<!--".utf8)
        bytes.reserveCapacity(code.count)
        for (index, byte) in code.enumerated() {
            bytes.append(byte)
            guard byte == UInt8(ascii: "<") else { continue }
            let rest = code[index...]
            let isEnd = rest.prefix(end.count).map { $0 | 0x20 } == end.map { $0 | 0x20 }
            if isEnd || rest.starts(with: comment) { bytes.append(UInt8(ascii: "\\")) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
