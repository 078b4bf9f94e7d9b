package import Hub
package import JSON
internal import Generators
package import Storage

/// Paints the pictures from which a session's face is chosen.
///
/// `generating_images`, with each picture as it is ready → `images_ready`.
package struct AvatarPipeline: Pipeline {
    package static let kind = "avatar"

    package let steps = [Step("generating_images", "Painting the avatars")]

    package let modelSource = ModelSource.image

    package init() {}

    package func order(from input: inout InputReader) throws(InputError) -> Order {
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
        let avatars = count
        return { job, records throws(StoreError) in
            let id = records.makeID()
            try records.sessions.insert(
                id: id, prompt: prompt, avatarCount: avatars, job: job, at: records.now)
            let session = try records.sessions.find(id)
            return .success(
                Admission(
                    input: RecordJSON.input(session: id),
                    publications: session.map { [.statusUpdate($0)] } ?? []))
        }
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
            } keeping: { picture, records throws(StoreError) in
                let url = try records.keep(picture)
                guard var session = try records.sessions.find(session.id) else {
                    return JobRun.Kept(RecordJSON.string(url))
                }
                session.avatars.append(url)
                session.status = .generatingImages
                try records.sessions.save(&session, at: records.now)
                return JobRun.Kept(RecordJSON.string(url), [.statusUpdate(session)])
            }
        }
        let avatars = try await job.session().avatars
        return Completion(result: RecordJSON.result("avatars", avatars)) {
            records throws(StoreError) in
            try records.changeSession(session.id, of: job.id) { session in
                session.status = .imagesReady
                session.error = nil
            } ?? []
        }
    }

    package func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: RecordStore
    ) throws(StoreError) -> [Publication]? {
        try records.reflect(turn, of: job, input: input, restarted: .generatingImages)
    }
}
