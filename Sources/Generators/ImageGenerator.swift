/// A source of pictures: a model behind a network interface, or the built-in painter.
package protocol ImageGenerator: Sendable {
    /// The provider's name in jobs, limits and logs, such as `automatic1111`.
    var provider: String { get }

    /// The model that answers, as the provider names it; empty when the server decides.
    var model: String { get }

    /// Generates one picture, and reports its progress if the provider does.
    ///
    /// Cancelling the task ends the transfer at once, and also the provider's work if the provider
    /// can be told to stop.
    ///
    /// - Throws: `GenerationError`, also when the task is cancelled (`.cancelled`).
    func generate(
        _ request: ImageRequest, report: (ImageProgress) async -> Void
    ) async throws(GenerationError) -> Picture
}

/// A picture to generate.
package struct ImageRequest: Sendable, Hashable {
    /// The subject of the picture, which guides the built-in painter; models read only the prompt.
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

/// The progress of a picture.
package struct ImageProgress: Sendable, Hashable {
    /// The finished part, from 0 to 1.
    package var fraction: Double
    /// The provider's estimate of the seconds that remain.
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
