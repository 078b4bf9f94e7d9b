#if BUILTIN
    internal import Builtin
#endif
internal import Generators

/// The painter and the writer that are built in, where the build has them.
enum BuiltinGenerators {
    static func text(tokensPerSecond: Double) -> any TextGenerator {
        #if BUILTIN
            BuiltinTextGenerator(tokensPerSecond: tokensPerSecond)
        #else
            AbsentGenerator()
        #endif
    }

    static func images(secondsPerPicture: Double) -> any ImageGenerator {
        #if BUILTIN
            BuiltinImageGenerator(secondsPerPicture: secondsPerPicture)
        #else
            AbsentGenerator()
        #endif
    }
}

#if !BUILTIN
    /// Stands for a generator where no jobs run; with jobs, such a hub does not start.
    private struct AbsentGenerator: TextGenerator, ImageGenerator {
        private static let absence = GenerationError(
            "The built-in generators are not in this build of the hub.", retry: .never)

        let provider = "builtin"
        let model = ""

        func generate(
            _ request: TextRequest, receive: (TextPiece) async -> Void
        ) async throws(GenerationError) -> TextResult { throw Self.absence }

        func generate(
            _ request: ImageRequest, report: (ImageProgress) async -> Void
        ) async throws(GenerationError) -> Picture { throw Self.absence }
    }
#endif
