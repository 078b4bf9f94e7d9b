// Generates pictures without a model: offline, quickly, and alike for the same request on every
// machine.

package import Generators

/// Paints portraits and scenes as SVG, from the prompt and the seed alone.
package struct BuiltinImageGenerator: ImageGenerator {
    private static let steps = 8

    private let secondsPerPicture: Double
    private let clock: any Clock<Duration>

    /// Makes a generator that takes `secondsPerPicture` for each picture, as a model would; 0 means
    /// at once.
    package init(
        secondsPerPicture: Double = 1.2, clock: some Clock<Duration> = ContinuousClock()
    ) {
        // A day is more than anybody waits for, and a value that is not a number counts as 0.
        self.secondsPerPicture = secondsPerPicture > 0 ? min(secondsPerPicture, 86_400) : 0
        self.clock = clock
    }

    package var provider: String { "builtin" }
    package var model: String { "builtin" }

    package func generate(
        _ request: ImageRequest, report: (ImageProgress) async -> Void
    ) async throws(GenerationError) -> Picture {
        if Task.isCancelled { throw .cancelled }
        let picture = Self.paint(request)
        let share = secondsPerPicture / Double(Self.steps)
        for step in 1...Self.steps {
            if share > 0 {
                do {
                    try await clock.sleep(for: .seconds(share))
                } catch {
                    throw .cancelled
                }
            }
            if Task.isCancelled { throw .cancelled }
            await report(
                ImageProgress(
                    fraction: Double(step) / Double(Self.steps),
                    remaining: share * Double(Self.steps - step)))
        }
        return picture
    }

    static func paint(_ request: ImageRequest) -> Picture {
        let width = min(max(request.width, 16), 8_192)
        let height = min(max(request.height, 16), 8_192)
        let kind = request.subject == .portrait ? "portrait" : "scene"
        var random = WriterRandom("\(kind) \(request.prompt)", seed: request.seed)
        var name = WriterRandom("\(kind) \(width) \(height) \(request.prompt)", seed: request.seed)
        let prefix = "m" + String(name.next() >> 16, radix: 36) + "-"
        let size = (width: Double(width), height: Double(height))
        var drawing = SVGDrawing(prefix: prefix)
        let fallback: String
        switch request.subject {
        case .portrait:
            fallback = "A portrait"
            PortraitPainter.paint(request.prompt, seed: request.seed, size, &random, &drawing)
        case .scene:
            fallback = "A scene"
            ScenePainter.paint(request.prompt, size, &random, &drawing)
        }
        let title = PictureTitle.of(request.prompt, fallback: fallback)
        return Picture(
            mediaType: "image/svg+xml",
            bytes: drawing.file(width: width, height: height, title: title))
    }
}
