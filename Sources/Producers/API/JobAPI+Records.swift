internal import HTTP
internal import Hub
internal import JSON
internal import Storage

extension JobAPI {
    // MARK: Sessions

    func createSession(_ body: [UInt8]) async throws(Problem) -> Response {
        let order = try JSONBody.read(body) { input throws(InputError) in
            try AvatarPipeline().order(from: &input)
        }
        let (job, _) = try await enqueue(Self.newJob(AvatarPipeline.kind), order)
        return try await answer(.created, with: job, sessionOf: job)
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
        let session = try await read { records throws(StoreError) in
            try records.sessions.find(id)
        }
        guard session != nil else { throw .noSuch("session", id) }
        let (job, _) = try await enqueue(
            Self.newJob(PersonaPipeline.kind), PersonaPipeline.order(session: id, avatar: chosen))
        return try await answer(.accepted, with: job, sessionOf: job)
    }

    private func answer(
        _ status: Status, with job: StoredJob, sessionOf input: StoredJob
    ) async throws(Problem) -> Response {
        let id = RecordJSON.member("session", of: input.contents.input) ?? ""
        let session = try await read { records throws(StoreError) in
            try records.sessions.find(id)
        }
        guard let session else { throw .noSuch("session", id) }
        var json = JSONWriter()
        json.beginObject()
        json.key("session")
        RecordJSON.write(session, to: &json)
        json.key("job")
        job.write(to: &json)
        json.endObject()
        return .api(status, json.bytes, location: "sessions/\(id)")
    }

    func session(_ id: String) async throws(Problem) -> Response {
        let session = try await read { records throws(StoreError) in
            try records.sessions.find(id)
        }
        guard let session else { throw .noSuch("session", id) }
        var json = JSONWriter()
        RecordJSON.write(session, to: &json)
        return .api(.ok, json.bytes)
    }

    func listSessions(_ head: RequestHead) async throws(Problem) -> Response {
        let page = try PageRequest(head)
        let sessions = try await read {
            records throws(StoreError) -> Result<[SessionRecord], Problem> in
            try page.rows({ id throws(StoreError) in try records.sessions.find(id)?.number }) {
                before, limit throws(StoreError) in
                try records.sessions.list(before: before, limit: limit)
            }
        }.get()
        return page.response("sessions", sessions, id: \.id) { RecordJSON.write($0, to: &$1) }
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
        let influencer = try await write {
            records throws(StoreError) -> (Result<InfluencerRecord, Problem>, [Publication]) in
            let made = try Self.makeInfluencer(session, in: records)
            guard case .success(let influencer) = made else { return (made, []) }
            return (made, [.influencerUpdate(influencer)])
        }
        var json = JSONWriter()
        RecordJSON.write(influencer, to: &json)
        return .api(.created, json.bytes, location: "influencers/\(influencer.id)")
    }

    private static func makeInfluencer(
        _ id: String, in records: RecordStore
    ) throws(StoreError) -> Result<InfluencerRecord, Problem> {
        guard let session = try records.sessions.find(id) else {
            return .failure(
                Problem(.unprocessableContent, "There is no session \(id).", pointer: "/session"))
        }
        if let made = try records.influencers.find(session: id) {
            return .failure(
                Problem(
                    .conflict, "The influencer \(made.id) was made from session \(id) already."))
        }
        guard session.status == .personaReady, let persona = session.persona,
            let name = Persona(json: persona)?.name, let avatar = session.avatar,
            session.avatars.indices.contains(avatar - 1)
        else {
            return .failure(
                Problem(
                    .conflict,
                    "Session \(id) is \(session.status.rawValue); an influencer is made once it is "
                        + "persona_ready."))
        }
        let influencer = records.makeID()
        try records.influencers.insert(
            id: influencer, session: id, name: name, avatarURL: session.avatars[avatar - 1],
            persona: persona, at: records.now)
        guard let record = try records.influencers.find(influencer) else {
            throw StoreError(.corrupt, message: "influencer \(influencer) is not where it was put")
        }
        return .success(record)
    }

    func influencer(_ id: String) async throws(Problem) -> Response {
        let influencer = try await read { records throws(StoreError) in
            try records.influencers.find(id)
        }
        guard let influencer else { throw .noSuch("influencer", id) }
        var json = JSONWriter()
        RecordJSON.write(influencer, to: &json)
        return .api(.ok, json.bytes)
    }

    func listInfluencers(_ head: RequestHead) async throws(Problem) -> Response {
        let page = try PageRequest(head)
        let influencers = try await read {
            records throws(StoreError) -> Result<[InfluencerRecord], Problem> in
            try page.rows({ id throws(StoreError) in try records.influencers.find(id)?.number }) {
                before, limit throws(StoreError) in
                try records.influencers.list(before: before, limit: limit)
            }
        }.get()
        return page.response("influencers", influencers, id: \.id) { RecordJSON.write($0, to: &$1) }
    }

    // MARK: Posts

    func createPost(_ influencer: String, _ body: [UInt8]) async throws(Problem) -> Response {
        let prompt = try JSONBody.read(body) { input throws(InputError) -> String in
            var prompt: String?
            try input.object(of: "prompt") { input, field throws(InputError) in
                guard field == "prompt" else { return false }
                prompt = try input.prompt()
                return true
            }
            guard let prompt else { throw .missing("prompt", "what the post is about") }
            return prompt
        }
        let known = try await read { records throws(StoreError) in
            try records.influencers.find(influencer) != nil
        }
        guard known else { throw .noSuch("influencer", influencer) }
        let (job, _) = try await enqueue(
            Self.newJob(PostPipeline.kind),
            PostPipeline.order(influencer: influencer, prompt: prompt))
        let id = RecordJSON.member("post", of: job.contents.input) ?? ""
        let post = try await read { records throws(StoreError) in try records.posts.find(id) }
        guard let post else { throw .noSuch("post", id) }
        var json = JSONWriter()
        json.beginObject()
        json.key("post")
        RecordJSON.write(post, to: &json)
        json.key("job")
        job.write(to: &json)
        json.endObject()
        return .api(.created, json.bytes, location: "posts/\(id)")
    }

    func listPosts(_ influencer: String, _ head: RequestHead) async throws(Problem) -> Response {
        let page = try PageRequest(head)
        let posts = try await read {
            records throws(StoreError) -> Result<[PostRecord], Problem> in
            guard try records.influencers.find(influencer) != nil else {
                return .failure(.noSuch("influencer", influencer))
            }
            return try page.rows({ id throws(StoreError) in try records.posts.find(id)?.number }) {
                before, limit throws(StoreError) in
                try records.posts.list(influencer: influencer, before: before, limit: limit)
            }
        }.get()
        return page.response("posts", posts, id: \.id) { RecordJSON.write($0, to: &$1) }
    }

    func post(_ id: String) async throws(Problem) -> Response {
        let post = try await read { records throws(StoreError) in try records.posts.find(id) }
        guard let post else { throw .noSuch("post", id) }
        var json = JSONWriter()
        RecordJSON.write(post, to: &json)
        return .api(.ok, json.bytes)
    }

    // MARK: Media

    func media(_ id: String, known: KnownTags) async throws(Problem) -> Response {
        // What has this name never changes, so its name is its validator.
        let fields = [
            ("ETag", "\"\(id)\""), ("Cache-Control", "public, max-age=31536000, immutable"),
            // A picture may come from anywhere, and SVG may carry scripts: it is only to be looked
            // at.
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
            ("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Resource-Policy", "cross-origin"),
        ]
        let media = try await read { records throws(StoreError) in try records.media.find(id) }
        guard let media else { throw .noSuch("picture", id) }
        if known.include("\"\(id)\"") {
            return Response(.notModified, fields: fields)
        }
        return Response(.ok, fields: fields, body: media.bytes, contentType: media.type)
    }
}
