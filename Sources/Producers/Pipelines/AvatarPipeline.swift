package import Hub
package import JSON
internal import Generators
package import Records

/// Paints the avatars of a session, of which one is chosen later.
///
/// The session's status goes from `generating_images`, during which each picture is added when it
/// is ready, to `images_ready`.
package struct AvatarPipeline: Pipeline {
    package static let kind = "avatar"

    package let steps = [Step("generating_images", "Painting the avatars")]

    package let modelSource = ModelSource.image

    package init() {}

    package func order(from input: inout InputReader) throws(InputError) -> any Order {
        var prompt: String?
        var count = 4
        try input.object(of: "prompt and avatars") { input, field throws(InputError) in
            switch field {
            case "prompt": prompt = try input.prompt()
            case "avatars": count = try input.integer(in: 1...8)
            default: return false
            }
            return true
        }
        guard let prompt else { throw .missing("prompt", "what the person is like") }
        return OrderAvatars(prompt: prompt, count: count)
    }

    package func run(_ job: JobRun) async throws(JobError) -> Completion {
        let session = try await job.session()
        for number in 1...session.avatarCount {
            _ = try await job.step(
                "generating_images", part: (number, of: session.avatarCount)
            ) { () async throws(JobError) in
                try await job.picture(
                    ImageRequest(
                        subject: .portrait,
                        prompt: "Portrait of \(session.prompt), head and shoulders, looking at us",
                        seed: Seed.of(session.id, number)))
            } keeping: {
                KeepAvatar(picture: $0, session: session.id)
            }
        }
        let avatars = try await job.session().avatars
        return Completion(
            result: RecordJSON.result("avatars", avatars),
            change: FinishAvatars(session: session.id, job: job.id))
    }

    package func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: any RecordStore,
        announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Bool {
        try records.reflect(
            turn, of: job, input: input, restarted: .generatingImages, announcing: &events)
    }
}
