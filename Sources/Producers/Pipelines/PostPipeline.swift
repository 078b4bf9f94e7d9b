internal import HTTP
package import Hub
package import JSON
internal import Generators
package import Storage

/// Writes a post in an influencer's voice and illustrates it.
///
/// `pending` → `generating_story` → `generating_images` with the story → `ready` with the pictures.
package struct PostPipeline: Pipeline {
    package static let kind = "post"

    package let steps = [
        Step("generating_story", "Writing the story", weight: 60),
        Step("generating_images", "Painting the picture", weight: 40),
    ]

    package init() {}

    package func order(from input: inout InputReader) throws(InputError) -> Order {
        var influencer: String?
        var prompt: String?
        try input.object(of: "influencer and prompt") { input, field throws(InputError) in
            switch field {
            case "influencer": influencer = try input.string()
            case "prompt": prompt = try input.prompt()
            default: return false
            }
            return true
        }
        guard let influencer else { throw .missing("influencer", "who is to post") }
        guard let prompt else { throw .missing("prompt", "what the post is about") }
        return Self.order(influencer: influencer, prompt: prompt)
    }

    static func order(influencer: String, prompt: String) -> Order {
        { job, records throws(StoreError) in
            guard try records.influencers.find(influencer) != nil else {
                return .failure(
                    Problem(
                        .unprocessableContent, "There is no influencer \(influencer).",
                        pointer: "/influencer"))
            }
            let id = records.makeID()
            try records.posts.insert(
                id: id, influencer: influencer, prompt: prompt, job: job, at: records.now)
            let post = try records.posts.find(id)
            return .success(
                Admission(
                    input: RecordJSON.input(post: id),
                    publications: post.map { [.postUpdate($0)] } ?? []))
        }
    }

    package func run(_ job: JobRun) async throws(JobError) -> Completion {
        let (post, influencer) = try await job.post()

        let kept = try await job.step("generating_story") { records throws(StoreError) in
            try records.changePost(post.id, of: job.id) { $0.status = .generatingStory } ?? []
        } _: { () async throws(JobError) in
            try await job.text(
                TextRequest(
                    purpose: .story, instructions: Self.instructions(influencer),
                    prompt: post.prompt, seed: Seed.of(post.id, 0)))
        } keeping: { story, _ in
            JobRun.Kept(Story(story).json)
        }
        let story = Story(json: kept)

        let picture = try await job.step("generating_images") { records throws(StoreError) in
            try records.changePost(post.id, of: job.id) { post in
                post.status = .generatingImages
                post.content = story.text
            } ?? []
        } _: { () async throws(JobError) in
            try await job.picture(
                ImageRequest(
                    subject: .scene, prompt: post.prompt, width: 1024, height: 768,
                    seed: Seed.of(post.id, 1)))
        } keeping: { picture, records throws(StoreError) in
            JobRun.Kept(RecordJSON.string(try records.keep(picture)))
        }

        let url = RecordJSON.text(of: picture)
        return Completion(result: RecordJSON.result("image_urls", [url], story: story)) {
            records throws(StoreError) in
            try records.changePost(post.id, of: job.id) { post in
                post.status = .ready
                post.content = story.text
                post.imageURLs = [url]
                post.error = nil
            } ?? []
        }
    }

    private static func instructions(_ influencer: InfluencerRecord) -> String {
        """
        You are \(influencer.name) and write a post for your followers: two or three short paragraphs in the \
        first person, plain text without a title. Persona: \
        \(String(decoding: influencer.persona, as: UTF8.self))
        """
    }

    package func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: RecordStore
    ) throws(StoreError) -> [Publication]? {
        guard let id = RecordJSON.member("post", of: input) else { return nil }
        return try records.changePost(id, of: job.id) { post in
            switch turn {
            case .failed, .cancelled:
                post.status = .failed
                post.error = job.error
            case .restarted:
                post.status = .pending
                post.error = nil
            }
        }
    }
}
