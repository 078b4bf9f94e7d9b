/// The making of an influencer: pictures to choose from, then a persona.
///
/// Times are milliseconds since 1970 (UTC).
package struct SessionRecord: Sendable, Equatable {
    package enum Status: String, Sendable, StoredState {
        case generatingImages = "generating_images"
        case imagesReady = "images_ready"
        case generatingPersona = "generating_persona"
        case personaReady = "persona_ready"
        case failed
    }

    package internal(set) var number: Int64 = 0
    package internal(set) var id: String = ""
    package internal(set) var prompt: String = ""
    package var status: Status = .failed
    /// The number of pictures that were asked for.
    package internal(set) var avatarCount: Int = 0
    /// URLs of the pictures that are ready.
    package var avatars: [String] = []
    /// The number of the chosen picture, counted from 1.
    package var avatar: Int?
    /// A JSON object.
    package var persona: [UInt8]?
    package var error: String?
    /// The job that works on this record, or did last.
    package var job: String?
    package internal(set) var createdAt: Int64 = 0
    package internal(set) var updatedAt: Int64 = 0
}

extension SessionRecord: StoredRow {
    package static var blank: SessionRecord { SessionRecord() }

    package static let columns = [
        Column<SessionRecord>("number", .number, \.number),
        Column("id", .fixed, \.id),
        Column("prompt", .fixed, \.prompt),
        Column("status", .changing, \.status),
        Column("avatar_count", .fixed, \.avatarCount),
        Column("avatars", .changing, \.avatars),
        Column("avatar", .changing, \.avatar),
        Column("persona", .changing, \.persona),
        Column("error", .changing, \.error),
        Column("job", .changing, \.job),
        Column("created_at", .fixed, \.createdAt),
        Column("updated_at", .changing, \.updatedAt),
    ]

    /// Makes a session whose pictures `job` is to paint.
    package init(id: String, prompt: String, avatarCount: Int, job: String, at now: Int64) {
        self.init()
        self.id = id
        self.prompt = prompt
        status = .generatingImages
        self.avatarCount = avatarCount
        self.job = job
        createdAt = now
        updatedAt = now
    }

    /// Notes when it is saved.
    package mutating func touch(at now: Int64) { updatedAt = now }
}

/// A person who posts.
package struct InfluencerRecord: Sendable, Equatable {
    package internal(set) var number: Int64 = 0
    package internal(set) var id: String = ""
    /// The session from which the influencer was made; a session makes one influencer.
    package internal(set) var session: String = ""
    package internal(set) var name: String = ""
    package internal(set) var avatarURL: String = ""
    /// A JSON object.
    package internal(set) var persona: [UInt8] = []
    package internal(set) var createdAt: Int64 = 0
}

extension InfluencerRecord: StoredRow {
    package static var blank: InfluencerRecord { InfluencerRecord() }

    package static let columns = [
        Column<InfluencerRecord>("number", .number, \.number),
        Column("id", .fixed, \.id),
        Column("session", .fixed, \.session),
        Column("name", .fixed, \.name),
        Column("avatar_url", .fixed, \.avatarURL),
        Column("persona", .fixed, \.persona),
        Column("created_at", .fixed, \.createdAt),
    ]

    package init(
        id: String, session: String, name: String, avatarURL: String, persona: [UInt8],
        at now: Int64
    ) {
        self.init()
        self.id = id
        self.session = session
        self.name = name
        self.avatarURL = avatarURL
        self.persona = persona
        createdAt = now
    }
}

/// A post of an influencer.
package struct PostRecord: Sendable, Equatable {
    package enum Status: String, Sendable, StoredState {
        case pending
        case generatingStory = "generating_story"
        case generatingImages = "generating_images"
        case ready
        case failed
    }

    package internal(set) var number: Int64 = 0
    package internal(set) var id: String = ""
    package internal(set) var influencer: String = ""
    package internal(set) var prompt: String = ""
    package var status: Status = .failed
    package var content: String?
    /// The reason why the post's story ended, as its job has noted.
    ///
    /// It is `nil` before the job has noted it, and once the job is deleted.
    package internal(set) var ending: String?
    package var imageURLs: [String] = []
    package var error: String?
    /// The job that works on this record, or did last.
    package var job: String?
    package internal(set) var createdAt: Int64 = 0
    package internal(set) var updatedAt: Int64 = 0
}

extension PostRecord: StoredRow {
    package static var blank: PostRecord { PostRecord() }

    package static let columns = [
        Column<PostRecord>("number", .number, \.number),
        Column("id", .fixed, \.id),
        Column("influencer", .fixed, \.influencer),
        Column("prompt", .fixed, \.prompt),
        Column("status", .changing, \.status),
        Column("content", .changing, \.content),
        Column("ending", .derived, \.ending),
        Column("image_urls", .changing, \.imageURLs),
        Column("error", .changing, \.error),
        Column("job", .changing, \.job),
        Column("created_at", .fixed, \.createdAt),
        Column("updated_at", .changing, \.updatedAt),
    ]

    /// Makes a post that `job` is to write.
    package init(id: String, influencer: String, prompt: String, job: String, at now: Int64) {
        self.init()
        self.id = id
        self.influencer = influencer
        self.prompt = prompt
        status = .pending
        self.job = job
        createdAt = now
        updatedAt = now
    }

    /// Notes when it is saved.
    package mutating func touch(at now: Int64) { updatedAt = now }
}

/// A picture as it is served.
package struct MediaRecord: Sendable, Equatable {
    package internal(set) var number: Int64 = 0
    package internal(set) var id = ""
    /// The picture's media type, such as `image/png`.
    package internal(set) var type = ""
    package internal(set) var bytes: [UInt8] = []
    package internal(set) var createdAt: Int64 = 0
}

extension MediaRecord: StoredRow {
    package static var blank: MediaRecord { MediaRecord() }

    package static let columns = [
        Column<MediaRecord>("number", .number, \.number),
        Column("id", .fixed, \.id),
        Column("type", .fixed, \.type),
        Column("bytes", .fixed, \.bytes),
        Column("created_at", .fixed, \.createdAt),
    ]
    /// Makes a picture that is stored at `now`.
    package init(id: String, type: String, bytes: [UInt8], at now: Int64) {
        self.init()
        self.id = id
        self.type = type
        self.bytes = bytes
        createdAt = now
    }
}
