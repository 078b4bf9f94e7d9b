internal import Generators
struct TempText: TextGenerator {
    let rate: Double
    var provider: String { "builtin" }
    var model: String { "builtin" }
    func generate(_ request: TextRequest, receive: (TextPiece) async -> Void) async throws(GenerationError) -> TextResult {
        var words = request.prompt.split(separator: " ").map(String.init)
        words = (0..<60).map { words[$0 % words.count] }
        var n = 0
        if request.purpose == .persona {
            await receive(TextPiece("{\"name\":\"Ann Lee\",\"age\":33,\"occupation\":\"x\",\"city\":\"y\",\"bio\":\"z\",\"voice\":\"v\",\"interests\":[\"a\"]}"))
        } else {
            for word in words {
                if rate > 0 { do { try await Task.sleep(for: .seconds(1 / rate)) } catch { throw .cancelled } }
                await receive(TextPiece((n == 0 ? "" : " ") + word)); n += 1
            }
        }
        return TextResult(ending: .stop, inputTokens: 10, outputTokens: n)
    }
}
struct TempImages: ImageGenerator {
    let seconds: Double
    var provider: String { "builtin" }
    var model: String { "builtin" }
    func generate(_ request: ImageRequest, report: (ImageProgress) async -> Void) async throws(GenerationError) -> Picture {
        for i in 1...8 {
            do { try await Task.sleep(for: .seconds(seconds / 8)) } catch { throw .cancelled }
            await report(ImageProgress(fraction: Double(i) / 8))
        }
        return Picture(mediaType: "image/svg+xml", bytes: Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8))
    }
}
