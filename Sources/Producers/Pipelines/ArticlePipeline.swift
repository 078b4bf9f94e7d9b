package import JSON
internal import Generators
internal import Hub
package import Records

/// Writes an article about a subject: its headings, its sections side by side, pictures, a summary,
/// a description for search engines, and questions with answers.
package struct ArticlePipeline: Pipeline {
    package static let kind = JobRecord.articleKind

    // The shares are those of the progress bars that such systems show.
    package let steps = [
        Step("initialization", "Preparing the article", weight: 16),
        Step("heading_generation", "Writing the headings", weight: 16),
        Step("section_generation", "Writing the sections", weight: 16),
        Step("image_generation", "Painting the pictures", weight: 17),
        Step("summary_generation", "Writing the summary", weight: 10),
        Step("meta_generation", "Writing the description", weight: 10),
        Step("faq_generation", "Writing questions and answers", weight: 15),
    ]

    /// A dozen texts and two pictures.
    package let timeout = 3600.0

    /// How many parts of a step are done at once at most.
    private static let atOnce = 3
    private static let maximumSections = 20
    private static let maximumPictures = 2

    package init() {}

    package func order(from input: inout InputReader) throws(InputError) -> any Order {
        var prompt: String?
        var language = "en"
        var sections = 8
        try input.object(of: "prompt, language and sections") { input, field throws(InputError) in
            switch field {
            case "prompt": prompt = try input.prompt()
            case "language": language = try ArticleLanguage.code(from: &input)
            case "sections": sections = try input.integer(in: 1...Self.maximumSections)
            default: return false
            }
            return true
        }
        guard let prompt else { throw .missing("prompt", "what the article is about") }
        let (code, count) = (language, sections)
        return PlainOrder(
            input: RecordJSON.object { json in
                json.member("prompt", prompt)
                json.member("language", code)
                json.member("sections", count)
            })
    }

    package func run(_ job: JobRun) async throws(JobError) -> Completion {
        let task = ArticleTask(job: job)
        let words = task.language.words
        task.announceCounts(pictures: Self.maximumPictures)
        _ = try await job.step("initialization") {
        } keeping: {
            Kept(RecordJSON.string(task.language.code))
        }
        var article = Article(title: task.prompt, language: task.language.code)
        let headings = try await job.write(
            "heading_generation", task.request(.headings(task.sections), number: 0),
            as: .prose(share: 0.05), check: task.checkHeadings)
        article.headings = Array(ArticleText.lines(headings).prefix(task.sections))
        job.progress.count("headings", completed: task.sections, of: task.sections)

        article.sections = try await job.write(
            SideBySide(
                "section_generation", counting: "sections", atMost: Self.atOnce,
                message: words.sections),
            article.headings.enumerated().map { index, heading in
                task.request(.section(heading: heading), number: index + 1)
            },
            openings: article.headings.map { "## \($0)\n\n" })
        article.pictures = try await job.paint(
            SideBySide(
                "image_generation", counting: "images", atMost: Self.atOnce,
                message: words.pictures),
            article.headings.prefix(Self.maximumPictures).enumerated().map { index, heading in
                ImageRequest(
                    subject: .scene, prompt: "\(task.prompt): \(heading)", width: 1024,
                    height: 576, seed: Seed.of(job.id, 100 + index))
            })

        let outline = article.headings.joined(separator: "\n")
        article.summary = try await job.write(
            "summary_generation", task.request(.summary(outline: outline), number: 201),
            as: .prose(opening: "## \(words.summary)\n\n", share: 0.05))
        article.description = try await job.write(
            "meta_generation", task.request(.description(outline: outline), number: 202),
            as: .prose(share: 0.05))
        article.questions = ArticleText.questions(
            try await job.write(
                "faq_generation", task.request(.questions(outline: outline), number: 203),
                as: .prose(opening: "## \(words.questions)\n\n", share: 0.1),
                check: ArticleTask.checkQuestions))
        return Completion(result: article.json)
    }

    package func pictures(
        of job: JobRecord, in records: any RecordStore
    ) throws(LogUnavailable) -> [String]? {
        var urls: [String] = []
        for number in 1...Self.maximumPictures {
            let kept = try records.jobs.step("image_generation/\(number)", of: job)
            if let kept { urls.append(RecordJSON.text(of: kept)) }
        }
        return urls
    }

    package func page(of result: [UInt8], input: [UInt8]) -> [UInt8]? {
        Article(json: result)?.page
    }
}

/// What one run writes, and in which language.
private struct ArticleTask: Sendable {
    let job: JobRun
    let prompt: String
    let language: ArticleLanguage
    let sections: Int

    init(job: JobRun) {
        self.job = job
        prompt = RecordJSON.member("prompt", of: job.input) ?? ""
        language = ArticleLanguage(code: RecordJSON.member("language", of: job.input) ?? "en")
        sections = RecordJSON.integer("sections", of: job.input) ?? 8
    }

    /// Says how much there will be, before any of it is done.
    func announceCounts(pictures: Int) {
        job.progress.count("headings", completed: 0, of: sections)
        job.progress.count("sections", completed: 0, of: sections)
        job.progress.count("images", completed: 0, of: min(pictures, sections))
    }

    func request(_ part: TextRequest.ArticlePart, number: Int) -> TextRequest {
        TextRequest(
            purpose: .article(part, language: language.code),
            instructions: ArticleInstructions.text(for: part, in: language.name), prompt: prompt,
            maximumTokens: ArticleInstructions.maximumTokens(for: part),
            seed: Seed.of(job.id, number))
    }

    func checkHeadings(_ text: String) -> GenerationError? {
        let count = ArticleText.lines(text).count
        guard count < sections else { return nil }
        return GenerationError(
            "The model gave \(count) headings instead of \(sections); another attempt, or another "
                + "model, may do better.", retry: .later)
    }

    static func checkQuestions(_ text: String) -> GenerationError? {
        guard ArticleText.questions(text).isEmpty else { return nil }
        return GenerationError(
            "The model gave no questions with answers; another attempt, or another model, may do "
                + "better.", retry: .later)
    }
}
