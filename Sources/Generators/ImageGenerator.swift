/// What makes pictures: a model behind a network interface, or the painter that is built in.
package protocol ImageGenerator: Sendable {
    /// The name under which jobs, limits and logs know it, such as `automatic1111`.
    var provider: String { get }

    /// The model that answers, as the provider names it; empty when the server decides.
    var model: String { get }

    /// Generates one picture and reports how far it is where the provider tells.
    ///
    /// Cancelling the task ends the provider's transfer at once, and its work where it can be told
    /// to stop.
    ///
    /// - Throws: `GenerationError`, also when the task is cancelled (`.cancelled`).
    func generate(
        _ request: ImageRequest, report: (ImageProgress) async -> Void
    ) async throws(GenerationError) -> Picture
}

/// A picture to generate.
package struct ImageRequest: Sendable, Hashable {
    /// What the picture shows: a model is told by the prompt, the built-in painter goes by this.
    package enum Subject: Sendable, Hashable {
        /// One person, head and shoulders.
        case portrait
        /// A place with what happens there.
        case scene
    }

    package var subject: Subject
    package var prompt: String
    package var width: Int
    package var height: Int
    package var seed: UInt64

    package init(
        subject: Subject, prompt: String, width: Int = 768, height: Int = 768, seed: UInt64 = 0
    ) {
        self.subject = subject
        self.prompt = prompt
        self.width = width
        self.height = height
        self.seed = seed
    }
}

/// How far a picture is.
package struct ImageProgress: Sendable, Hashable {
    /// 0 to 1.
    package var fraction: Double
    /// Seconds that remain, as the provider estimates them.
    package var remaining: Double?

    package init(fraction: Double, remaining: Double? = nil) {
        self.fraction = fraction
        self.remaining = remaining
    }
}

/// A finished picture.
package struct Picture: Sendable, Hashable {
    /// `image/svg+xml`, `image/png`, `image/jpeg` or `image/webp`.
    package var mediaType: String
    package var bytes: [UInt8]

    package init(mediaType: String, bytes: [UInt8]) {
        self.mediaType = mediaType
        self.bytes = bytes
    }
}
