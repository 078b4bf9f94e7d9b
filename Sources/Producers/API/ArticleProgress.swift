internal import Hub
internal import JSON
internal import Records

/// Finds an article by its session hash, with what is written of it.
struct FindArticle: StoreRead {
    let hash: String

    func read(from records: any RecordStore) throws(LogUnavailable) -> ArticleProgress? {
        guard let job = try records.jobs.find(articleHash: hash) else { return nil }
        let list = try records.jobs.step("heading_generation", of: job)
        let headings = list.map { ArticleText.lines(WrittenText(json: $0).text) } ?? []
        let total = RecordJSON.integer("sections", of: try records.jobs.contents(of: job).input)
        var sections: [Article.Section] = []
        for (index, heading) in headings.prefix(total ?? 0).enumerated() {
            guard
                let kept = try records.jobs.step("section_generation/\(index + 1)", of: job)
            else { continue }
            sections.append(
                Article.Section(heading: heading, text: WrittenText(json: kept).text))
        }
        return ArticleProgress(
            job: job, headings: Array(headings.prefix(total ?? 0)), sections: sections,
            total: total ?? 0)
    }
}

/// How far an article is.
struct ArticleProgress: Sendable {
    let job: JobRecord
    let headings: [String]
    /// Those that are written.
    let sections: [Article.Section]
    let total: Int

    func write(to json: inout JSONWriter) {
        let sectionCount = count("sections") ?? StepCount(name: "", completed: 0, total: total)
        let pictureCount = count("images")
        json.beginObject()
        json.member("ai_content_id", job.id)
        json.member("session_hash", job.sessionHash)
        json.member("status", job.state.rawValue)
        json.member("step", job.figures.step)
        json.member("progress", job.figures.progress)
        json.member("current_message", job.figures.message)
        json.member("headings", headings)
        json.key("sections")
        json.beginArray()
        for section in sections {
            json.beginObject()
            json.member("heading", section.heading)
            json.member("content", section.text)
            json.endObject()
        }
        json.endArray()
        json.member("completed_sections", sectionCount.completed)
        json.member("total_sections", sectionCount.total)
        json.member("completed_images", pictureCount?.completed ?? 0)
        json.member("total_images", pictureCount?.total ?? 0)
        json.member("is_completed", job.state == .succeeded)
        // Whoever polls is to stop at a cancelled article, too.
        json.member("is_failed", job.state == .failed || job.state == .cancelled)
        json.member("error", job.error)
        json.member("updated_at", time: updatedAt)
        json.endObject()
    }

    private func count(_ name: String) -> StepCount? {
        job.figures.counts.first { $0.name == name }
    }

    /// When the row has changed last.
    private var updatedAt: Int64 {
        job.finishedAt ?? job.startedAt.map { $0 + job.figures.elapsed } ?? job.createdAt
    }
}
