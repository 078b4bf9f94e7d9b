import HTTPClient
import Testing

@testable import Generators

@Suite(.timeLimit(.minutes(5)))
struct `A picture with OpenAI's interface` {
    private func generator(
        _ url: String, model: String = "sd", key: String? = nil
    ) throws -> OpenAIImageGenerator {
        OpenAIImageGenerator(
            client: try Client(),
            settings: ProviderSettings(url: url, model: model, key: key, timeouts: .limits()))
    }

    private var pictureBytes: [UInt8] { Base64.decode(Array(smallPicture.utf8)) ?? [] }

    private func pictureAnswer(_ fields: String = "") -> [ProviderDouble.Step] {
        let bytes = pictureBytes
        return [
            .text("HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(bytes.count)\r\n\r\n"),
            .send(bytes),
        ]
    }

    @Test func `is asked for as the interface says`() async throws {
        let double = try ProviderDouble { _ in
            [
                .answer(
                    200, [], #"{"created":1,"data":[{"b64_json":"\#(smallPicture)","url":null}]}"#)
            ]
        }
        defer { double.stop() }
        let outcome = await ImageOutcome(try generator(double.url + "/v1", key: "k"))
        #expect(outcome.picture == Picture(mediaType: "image/png", bytes: pictureBytes))
        let seen = try #require(double.requests.first)
        #expect(seen.head.hasPrefix("POST /v1/images/generations HTTP/1.1\r\n"))
        #expect(seen.field("authorization") == "Bearer k")
        #expect(seen.body == #"{"model":"sd","prompt":"A bridge","n":1,"size":"768x768"}"#)
    }

    @Test(arguments: [
        ("gpt-image-1", 768, 768, "1024x1024"), ("gpt-image-1", 900, 600, "1536x1024"),
        ("dall-e-3", 600, 900, "1024x1792"), ("dall-e-2", 600, 900, "1024x1024"),
        ("flux", 600, 900, "600x900"), ("", 512, 512, "512x512"),
    ])
    func `has a size that the model knows`(
        model: String, width: Int, height: Int, size: String
    ) async throws {
        let double = try ProviderDouble { _ in [.answer(400, [], "{}")] }
        defer { double.stop() }
        _ = await ImageOutcome(
            try generator(double.url, model: model),
            ImageRequest(subject: .scene, prompt: "p", width: width, height: height))
        let body = try #require(double.requests.first?.body)
        #expect(body.hasSuffix(#""size":"\#(size)"}"#))
        #expect(body.contains(#""model""#) == !model.isEmpty)
    }

    @Test func `is fetched where the reply points to, without the key`() async throws {
        let store = try ProviderDouble { [self] request in
            request.path == "/old"
                ? [.answer(302, ["Location: /new?sig=a%2Fb"], "")] : pictureAnswer()
        }
        let double = try ProviderDouble { _ in
            [.answer(200, [], #"{"data":[{"url":"\#(store.url)/old"}]}"#)]
        }
        defer {
            double.stop()
            store.stop()
        }
        let outcome = await ImageOutcome(try generator(double.url, key: "k"))
        #expect(outcome.picture?.bytes == pictureBytes)
        #expect(store.requests.map(\.path) == ["/old", "/new?sig=a%2Fb"])
        #expect(store.requests.allSatisfy { $0.field("authorization") == nil })
    }

    @Test func `is fetched from a path on the same server`() async throws {
        let double = try ProviderDouble { [self] request in
            request.path == "/files/1.png"
                ? pictureAnswer() : [.answer(200, [], #"{"data":[{"url":"/files/1.png"}]}"#)]
        }
        defer { double.stop() }
        let outcome = await ImageOutcome(try generator(double.url + "/v1"))
        #expect(outcome.picture?.bytes == pictureBytes)
    }

    @Test(arguments: [404, 500]) func `that cannot be fetched is asked for later`(
        status: Int
    ) async throws {
        let double = try ProviderDouble { request in
            request.path == "/1.png"
                ? [.answer(status, [], "")] : [.answer(200, [], #"{"data":[{"url":"/1.png"}]}"#)]
        }
        defer { double.stop() }
        let error = await ImageOutcome(try generator(double.url)).error
        #expect(error?.retry == .later)
        #expect(error?.message.contains("cannot be fetched (status \(status))") == true)
    }

    @Test func `that is too large is not taken`() async throws {
        let double = try ProviderDouble { request in
            guard request.path == "/1.png" else {
                return [.answer(200, [], #"{"data":[{"url":"/1.png"}]}"#)]
            }
            let piece = ProviderDouble.Step.send([UInt8](repeating: 0, count: 1 << 20))
            return [.text("HTTP/1.1 200 OK\r\n\r\n")] + Array(repeating: piece, count: 40) + [
                .close
            ]
        }
        defer { double.stop() }
        let error = await ImageOutcome(try generator(double.url)).error
        #expect(error?.retry == .never)
        #expect(error?.message.contains("more than 33554432 bytes") == true)
    }

    @Test(arguments: [
        "{}", "[]", #"{"data":[]}"#, #"{"data":[{}]}"#, #"{"data":[{"b64_json":"%%%"}]}"#,
        #"{"data":[{"b64_json":"R0lGODlh"}]}"#,
    ])
    func `that is none is not asked for again`(body: String) async throws {
        let double = try ProviderDouble { _ in [.answer(200, [], body)] }
        defer { double.stop() }
        let error = await ImageOutcome(try generator(double.url)).error
        #expect(error?.retry == .never)
        #expect(error?.message.contains("sent no PNG, JPEG or WebP picture") == true)
    }

    @Test func `takes longer than silence may last`() async throws {
        let signal = Signal()
        let double = try ProviderDouble { _ in
            [
                .wait(signal),
                .answer(200, [], #"{"data":[{"b64_json":"\#(smallPicture)"}]}"#),
            ]
        }
        defer { double.stop() }
        let settings = ProviderSettings(
            url: double.url, model: "", timeouts: .limits(stall: 0.05, total: 20))
        let generator = OpenAIImageGenerator(client: try Client(), settings: settings)
        async let outcome = ImageOutcome(generator)
        // Meanwhile another call of the same length runs into its limit.
        let other = OllamaTextGenerator(client: try Client(), settings: settings)
        _ = await TextOutcome(other)
        signal.give()
        #expect(await outcome.error == nil)
    }
}
