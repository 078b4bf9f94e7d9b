internal import Generators
typealias BuiltinImageGenerator = TempImages
struct TempImages: ImageGenerator {
    let secondsPerPicture: Double
    var provider: String { "builtin" }
    var model: String { "builtin" }
    func generate(_ request: ImageRequest, report: (ImageProgress) async -> Void) async throws(GenerationError) -> Picture {
        for i in 1...8 {
            do { try await Task.sleep(for: .seconds(secondsPerPicture / 8)) } catch { throw .cancelled }
            await report(ImageProgress(fraction: Double(i) / 8))
        }
        return Picture(mediaType: "image/svg+xml", bytes: Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8))
    }
}
