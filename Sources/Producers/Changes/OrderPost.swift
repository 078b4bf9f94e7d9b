internal import HTTP
internal import Hub
internal import Records

/// Creates a post of an influencer and orders its text and picture.
struct OrderPost: Order {
    let influencer: String
    let prompt: String

    func admit(
        job: String, in records: any RecordStore, announcing events: inout [Publication]
    ) throws(LogUnavailable) -> Result<[UInt8], Problem> {
        guard try records.influencers.find(influencer) != nil else {
            return .failure(
                Problem(
                    .unprocessableContent, "There is no influencer \(influencer).",
                    pointer: "/influencer"))
        }
        let post = try records.posts.insert(
            PostRecord(
                id: records.makeID(), influencer: influencer, prompt: prompt, job: job,
                at: records.now))
        events.append(.postUpdate(post))
        return .success(RecordJSON.input(post: post.id))
    }
}
