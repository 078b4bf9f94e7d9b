/// A person in the making: pictures to choose from, then a persona.
///
/// Times are milliseconds since 1970 (UTC).
package struct SessionRecord: Sendable, Equatable {
    package enum Status: String, Sendable {
        case generatingImages = "generating_images"
        case imagesReady = "images_ready"
        case generatingPersona = "generating_persona"
        case personaReady = "persona_ready"
        case failed
    }

    package let number: Int64
    package let id: String
    package let prompt: String
    package var status: Status
    /// How many pictures were asked for.
    package let avatarCount: Int
    /// URLs of the pictures that are ready.
    package var avatars: [String]
    /// The chosen one, from 1.
    package var avatar: Int?
    /// A JSON object.
    package var persona: [UInt8]?
    package var error: String?
    /// The job that works for it, or did last.
    package var job: String?
    package let createdAt: Int64
    package internal(set) var updatedAt: Int64
}

/// A person who posts.
package struct InfluencerRecord: Sendable, Equatable {
    package let number: Int64
    package let id: String
    /// The session that it was made from; one influencer each.
    package let session: String
    package let name: String
    package let avatarURL: String
    /// A JSON object.
    package let persona: [UInt8]
    package let createdAt: Int64
}

/// What an influencer says.
package struct PostRecord: Sendable, Equatable {
    package enum Status: String, Sendable {
        case pending
        case generatingStory = "generating_story"
        case generatingImages = "generating_images"
        case ready
        case failed
    }

    package let number: Int64
    package let id: String
    package let influencer: String
    package let prompt: String
    package var status: Status
    package var content: String?
    /// Why its story ended, as its job has noted; `nil` before, and once the job is forgotten.
    package let ending: String?
    package var imageURLs: [String]
    package var error: String?
    /// The job that works for it, or did last.
    package var job: String?
    package let createdAt: Int64
    package internal(set) var updatedAt: Int64
}

/// A picture as it is served.
package struct MediaRecord: Sendable, Equatable {
    package let id: String
    /// A media type.
    package let type: String
    package let bytes: [UInt8]

    package init(id: String, type: String, bytes: [UInt8]) {
        self.id = id
        self.type = type
        self.bytes = bytes
    }
}

/// URLs in a column, one a line.
enum URLList {
    static func encode(_ urls: [String]) -> String { urls.joined(separator: "\n") }

    static func decode(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "\n")).map { String(Substring($0)) }
    }
}
