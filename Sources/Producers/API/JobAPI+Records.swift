internal import HTTP
internal import Hub
internal import JSON
internal import Records

extension JobAPI {
    // MARK: Sessions

    func createSession(_ body: [UInt8]) async throws(Problem) -> Response {
        let order = try JSONBody.read(body) { input throws(InputError) in
            try AvatarPipeline().order(from: &input)
        }
        let (job, _) = try await enqueue(Self.newJob(AvatarPipeline.kind), order)
        return try await answer(.created, sessionOf: job)
    }

    func choosePersona(_ id: String, _ body: [UInt8]) async throws(Problem) -> Response {
        let chosen = try JSONBody.read(body) { input throws(InputError) -> Int in
            var avatar: Int?
            try input.object(of: "avatar") { input, field throws(InputError) in
                guard field == "avatar" else { return false }
                avatar = try input.integer(in: 1...8)
                return true
            }
            guard let avatar else {
                throw .missing("avatar", "the number of the chosen one, from 1")
            }
            return avatar
        }
        _ = try await find(SessionRecord.self, id)
        let (job, _) = try await enqueue(
            Self.newJob(PersonaPipeline.kind), OrderPersona(session: id, avatar: chosen))
        return try await answer(.accepted, sessionOf: job)
    }

    /// Answers with the session that a job works for.
    private func answer(
        _ status: Status, sessionOf job: StoredJob
    ) async throws(Problem) -> Response {
        let id = RecordJSON.member("session", of: job.contents.input) ?? ""
        return Self.response(
            status, try await find(SessionRecord.self, id), with: job,
            location: "sessions/\(id)")
    }

    // MARK: Influencers

    func createInfluencer(_ body: [UInt8]) async throws(Problem) -> Response {
        let session = try JSONBody.read(body) { input throws(InputError) -> String in
            var session: String?
            try input.object(of: "session") { input, field throws(InputError) in
                guard field == "session" else { return false }
                session = try input.string()
                return true
            }
            guard let session else {
                throw .missing("session", "the one whose persona the influencer gets")
            }
            return session
        }
        let influencer = try await write(CreateInfluencer(session: session))
        return Self.response(
            .created, influencer, location: "influencers/\(influencer.id)")
    }

    // MARK: Posts

    func createPost(_ influencer: String, _ body: [UInt8]) async throws(Problem) -> Response {
        let prompt = try JSONBody.read(body) { input throws(InputError) in
            try input.promptAlone("what the post is about")
        }
        _ = try await find(InfluencerRecord.self, influencer)
        let (job, _) = try await enqueue(
            Self.newJob(PostPipeline.kind), OrderPost(influencer: influencer, prompt: prompt))
        let id = RecordJSON.member("post", of: job.contents.input) ?? ""
        return Self.response(
            .created, try await find(PostRecord.self, id), with: job, location: "posts/\(id)")
    }

    /// Answers with a record and the job that works for it.
    private static func response<Row: ListedRecord>(
        _ status: Status, _ row: Row, with job: StoredJob, location: String
    ) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key(Row.noun)
        row.write(to: &json)
        json.key("job")
        job.write(to: &json)
        json.endObject()
        return .api(status, json.bytes, location: location)
    }

    // MARK: Media

    func media(_ id: String, known: KnownTags) async throws(Problem) -> Response {
        // A picture never changes, so its identifier is its validator.
        let fields = [
            ("ETag", "\"\(id)\""), ("Cache-Control", "public, max-age=31536000, immutable"),
            // A picture may come from anywhere, and SVG may carry scripts, so it may only be looked
            // at.
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
            ("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Resource-Policy", "cross-origin"),
        ]
        let media = try await read(FindMedia(id: id))
        guard let media else { throw .noSuch("picture", id) }
        if known.include("\"\(id)\"") {
            return Response(.notModified, fields: fields)
        }
        return Response(.ok, fields: fields, body: media.bytes, contentType: media.type)
    }
}
