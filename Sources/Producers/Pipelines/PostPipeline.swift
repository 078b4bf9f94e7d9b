package import Hub
package import JSON
internal import Generators
package import Records

/// Writes a post in an influencer's voice and illustrates it.
///
/// The post's status goes `pending` → `generating_story` → `generating_images`, now with the story
/// → `ready`, now with the picture.
package struct PostPipeline: Pipeline {
    package static let kind = "post"

    package let steps = [
        Step("generating_story", "Writing the story", weight: 60),
        Step("generating_images", "Painting the picture", weight: 40),
    ]

    package init() {}

    package func order(from input: inout InputReader) throws(InputError) -> any Order {
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
        return OrderPost(influencer: influencer, prompt: prompt)
    }

    package func run(_ job: JobRun) async throws(JobError) -> Completion {
        let (post, influencer) = try await job.post()

        let kept = try await job.step(
            "generating_story", entering: BeginStory(post: post.id, job: job.id)
        ) { () async throws(JobError) in
            try await job.text(
                TextRequest(
                    purpose: .story, instructions: Self.instructions(influencer),
                    prompt: post.prompt, seed: Seed.of(post.id, 0)))
        } keeping: {
            Kept(Story($0).json)
        }
        let story = Story(json: kept)

        let picture = try await job.step(
            "generating_images", entering: BeginPicture(post: post.id, job: job.id, story: story)
        ) { () async throws(JobError) in
            try await job.picture(
                ImageRequest(
                    subject: .scene, prompt: post.prompt, width: 1024, height: 768,
                    seed: Seed.of(post.id, 1)))
        } keeping: {
            KeepPicture(picture: $0)
        }

        let url = RecordJSON.text(of: picture)
        return Completion(
            result: RecordJSON.result("image_urls", [url], story: story),
            change: FinishPost(post: post.id, job: job.id, story: story, imageURL: url))
    }

    private static func instructions(_ influencer: InfluencerRecord) -> String {
        """
        You are \(influencer.name) and write a post for your followers: two or three short paragraphs in the \
        first person, plain text without a title. Persona: \
        \(String(decoding: influencer.persona, as: UTF8.self))
        """
    }

    package func reflect(
        _ turn: JobTurn, of job: JobRecord, input: [UInt8], in records: any RecordStore,
        announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Bool {
        guard let id = RecordJSON.member("post", of: input) else { return false }
        return try records.changePost(id, of: job.id, announcing: &events) { post in
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
