internal import JSON

/// A whole article, and the page that shows it.
struct Article: Sendable, Equatable {
    struct Section: Sendable, Equatable {
        let heading: String
        let text: String
    }

    struct Question: Sendable, Equatable {
        let question: String
        let answer: String
    }

    var title: String
    /// The code of its language, such as `fa`.
    var language: String
    var headings: [String] = []
    /// The paragraphs under each heading.
    var sections: [String] = []
    /// The URLs of its pictures.
    var pictures: [String] = []
    var summary = ""
    /// A sentence or two for search engines.
    var description = ""
    var questions: [Question] = []

    init(title: String, language: String) {
        self.title = title
        self.language = language
    }

    /// Reads the form in which a job has it as its result; `nil` for anything else.
    init?(json: [UInt8]) {
        self.init(title: "", language: "en")
        do throws(InputError) {
            try InputReader.read(json) { input throws(InputError) in try read(&input) }
        } catch {
            return nil
        }
        if title.isEmpty { return nil }
    }

    var json: [UInt8] {
        RecordJSON.object { json in
            json.member("title", title)
            json.member("language", language)
            json.member("headings", headings)
            json.member("sections", sections)
            json.member("image_urls", pictures)
            json.member("summary", summary)
            json.member("meta_description", description)
            json.key("faq")
            json.beginArray()
            for question in questions {
                json.beginObject()
                json.member("question", question.question)
                json.member("answer", question.answer)
                json.endObject()
            }
            json.endArray()
        }
    }

    private mutating func read(_ input: inout InputReader) throws(InputError) {
        try input.object(of: "the parts of an article") { input, field throws(InputError) in
            switch field {
            case "title": title = try input.string()
            case "language": language = try input.string()
            case "headings": headings = try input.strings()
            case "sections": sections = try input.strings()
            case "image_urls": pictures = try input.strings()
            case "summary": summary = try input.string()
            case "meta_description": description = try input.string()
            case "faq":
                try input.beginArray()
                while try input.nextElement() != nil { try readQuestion(&input) }
            default: return false
            }
            return true
        }
    }

    private mutating func readQuestion(_ input: inout InputReader) throws(InputError) {
        var (question, answer) = ("", "")
        try input.object(of: "question and answer") { input, field throws(InputError) in
            switch field {
            case "question": question = try input.string()
            case "answer": answer = try input.string()
            default: return false
            }
            return true
        }
        questions.append(Question(question: question, answer: answer))
    }
}
