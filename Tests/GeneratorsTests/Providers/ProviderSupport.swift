import HTTPClient

@testable import Generators

/// What a text generator's call came to.
struct TextOutcome {
    var pieces: [TextPiece] = []
    var result: TextResult?
    var error: GenerationError?

    var text: String { pieces.map(\.text).joined() }

    init(
        _ generator: any TextGenerator, _ request: TextRequest = .init(purpose: .text, prompt: "Hi")
    ) async {
        var pieces: [TextPiece] = []
        do throws(GenerationError) {
            result = try await generator.generate(request) { pieces.append($0) }
        } catch {
            self.error = error
        }
        self.pieces = pieces
    }
}

/// What an image generator's call came to.
struct ImageOutcome {
    var steps: [ImageProgress] = []
    var picture: Picture?
    var error: GenerationError?

    init(
        _ generator: any ImageGenerator,
        _ request: ImageRequest = .init(subject: .scene, prompt: "A bridge")
    ) async {
        var steps: [ImageProgress] = []
        do throws(GenerationError) {
            picture = try await generator.generate(request) { steps.append($0) }
        } catch {
            self.error = error
        }
        self.steps = steps
    }
}

/// Patience that no test runs into unless it sets a limit itself.
extension ClientRequest.Timeouts {
    static func limits(
        connect: Double = 60, stall: Double = 60, total: Double = 60
    ) -> Self {
        Self(connect: connect, stall: stall, total: total)
    }
}

/// The smallest PNG: one transparent dot.
let smallPicture =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

/// What a parser makes of bytes that come in these pieces and then end.
func answer<Parser: AnswerParser>(
    _ parser: Parser, to pieces: [[UInt8]]
) -> (text: String, result: Result<TextResult, AnswerFault>) {
    var answer = StreamedAnswer(parser, limit: 1 << 20)
    var text = ""
    do throws(AnswerFault) {
        for piece in pieces {
            answer.append(piece)
            while let part = try answer.next() { text += part.text }
        }
        text += try answer.end()?.text ?? ""
        return (text, .success(try answer.result()))
    } catch {
        return (text, .failure(error))
    }
}
