import Generators
import Records

@testable import Hub
@testable import Producers

/// A text, then two pictures of it: as small as work can be that has steps and parts.
struct StoryPipeline: Pipeline {
    static let kind = "story"

    let steps = [Step("writing", "Writing", weight: 60), Step("painting", "Painting", weight: 40)]
    var timeout = 600.0

    func run(_ job: JobRun) async throws(JobError) -> Completion {
        let text = try await job.step("writing") { () async throws(JobError) in
            try await job.text(
                TextRequest(purpose: .text, prompt: String(decoding: job.input, as: UTF8.self)))
        } keeping: {
            Kept(RecordJSON.string($0))
        }
        for number in 1...2 {
            _ = try await job.step("painting", part: (number, of: 2)) {
                () async throws(JobError) in
                try await job.picture(ImageRequest(subject: .scene, prompt: "picture \(number)"))
            } keeping: {
                KeepPicture(picture: $0)
            }
        }
        return Completion(result: text)
    }

    func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: any RecordStore,
        announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Bool {
        events.append(
            Publication(
                resources: [Resource(checked: "told:\(job.id)")],
                name: EventName(checked: "\(turn)"), data: Array("null".utf8)))
        return true
    }
}
