import HTTPClient
import Testing

@testable import Generators

/// What goes wrong between a provider and its client is the same for all of them.
@Suite(.timeLimit(.minutes(5)))
struct `A provider that fails` {
    /// A generator of either kind, and an answer of its provider that begins well.
    enum Kind: CaseIterable {
        case ollama, openAIText, openAIImage, automatic1111

        var beginning: [ProviderDouble.Step] {
            let text =
                switch self {
                case .ollama: #"{"message":{"content":"Once"},"done":false}"# + "\n"
                case .openAIText: #"data: {"choices":[{"delta":{"content":"Once"}}]}"# + "\n\n"
                case .openAIImage: #"{"created":1,"data":[{"b64_json":"iVBORw0KGgo"#
                case .automatic1111: #"{"images":["iVBORw0KGgo"#
                }
            return [.head, .piece(text)]
        }

        /// The error of a call; requests other than the one for work are answered with 404.
        func error(
            _ steps: [ProviderDouble.Step], key: String? = nil,
            timeouts: ClientRequest.Timeouts = .limits()
        ) async throws -> GenerationError? {
            let double = try ProviderDouble { request in
                ["internal", "sdapi/v1/progress", "interrupt"].contains {
                    request.path.contains($0)
                }
                    ? [.answer(404, [], "{}")] : steps
            }
            defer { double.stop() }
            let client = try Client()
            return await error(at: double.url, key: key, timeouts: timeouts, client: client)
        }

        func error(
            at url: String, key: String? = nil, timeouts: ClientRequest.Timeouts = .limits(),
            client: Client
        ) async -> GenerationError? {
            let settings = ProviderSettings(url: url, model: "m", key: key, timeouts: timeouts)
            return switch self {
            case .ollama:
                await TextOutcome(OllamaTextGenerator(client: client, settings: settings)).error
            case .openAIText:
                await TextOutcome(OpenAITextGenerator(client: client, settings: settings)).error
            case .openAIImage:
                await ImageOutcome(OpenAIImageGenerator(client: client, settings: settings)).error
            case .automatic1111:
                await ImageOutcome(
                    Automatic1111ImageGenerator(
                        client: client, settings: settings, interval: .milliseconds(10))
                ).error
            }
        }
    }

    @Test(arguments: Kind.allCases, [400, 401, 403, 404, 422, 301])
    func `by a status that the request is to blame for is not asked again`(
        kind: Kind, status: Int
    ) async throws {
        let error = try await kind.error([
            .answer(status, ["Location: http://127.0.0.1:1/"], #"{"error":"words"}"#)
        ])
        #expect(error?.retry == .never)
        #expect(error?.message.contains("\(status)") == true)
        #expect(error?.message.contains(status == 301 ? "redirect" : "words") == true)
    }

    @Test(arguments: Kind.allCases, [408, 409, 429, 500, 502, 503, 504])
    func `by a status that passes is asked later, or when it says`(
        kind: Kind, status: Int
    ) async throws {
        let page = try await kind.error([
            .answer(status, ["Content-Type: text/html"], "<html>Bad Gateway</html>")
        ])
        #expect(page?.retry == .later)
        #expect(page?.message.contains("html") == false)
        let dated = try await kind.error([.answer(status, ["Retry-After: 7.5"], "{}")])
        #expect(dated?.retry == .after(7.5))
    }

    @Test(arguments: Kind.allCases, [true, false])
    func `by breaking off is asked later`(kind: Kind, byReset: Bool) async throws {
        let ending: [ProviderDouble.Step] = [byReset ? .reset : .close]
        for steps in [[], [.text("HTTP/1.1 200 OK\r\n")], kind.beginning] {
            let error = try await kind.error(steps + ending)
            #expect(error?.retry == .later)
            #expect(error?.message.contains("broke off its answer") == true)
        }
    }

    @Test(arguments: Kind.allCases) func `by ending early is asked later`(kind: Kind) async throws {
        let error = try await kind.error(kind.beginning + [.end])
        #expect(error?.retry == .later)
        #expect(error?.message.hasSuffix("ended its answer before it was complete.") == true)
    }

    @Test(arguments: [Kind.ollama, .openAIText])
    func `by silence is asked later`(kind: Kind) async throws {
        for steps in [[.hang], kind.beginning + [.hang]] {
            let error = try await kind.error(steps, timeouts: .limits(stall: 0.2))
            #expect(error?.retry == .later)
            #expect(error?.message.contains("sent nothing for 0.2 seconds") == true)
        }
    }

    @Test(arguments: [Kind.ollama, .openAIText])
    func `by silence from the beginning says that it may stand behind others`(
        kind: Kind
    ) async throws {
        let timeouts = ClientRequest.Timeouts(connect: 60, stall: 60, start: 0.2, total: 60)
        for steps in [[.hang], [.head, .hang]] as [[ProviderDouble.Step]] {
            let error = try await kind.error(steps, timeouts: timeouts)
            #expect(error?.retry == .later && error?.isSilence == true)
            #expect(error?.message.contains("did not begin to answer within 0.2 seconds") == true)
            #expect(error?.message.contains("--text-concurrency") == true)
        }
        let midst = ClientRequest.Timeouts(connect: 60, stall: 0.2, start: 60, total: 60)
        let error = try await kind.error(kind.beginning + [.hang], timeouts: midst)
        #expect(error?.isSilence == false)
        #expect(error?.message.contains("sent nothing for 0.2 seconds") == true)
    }

    @Test(arguments: Kind.allCases)
    func `by an error under a status of success is asked again as its code says`(
        kind: Kind
    ) async throws {
        for (code, retry) in [(429, GenerationError.Retry.later), (401, .never)] {
            let error = try await kind.error([
                .answer(200, [], #"{"error":{"message":"words","code":\#(code)}}"#)
            ])
            #expect(error?.retry == retry)
            #expect(error?.message.contains("(\(code): words)") == true)
        }
    }

    @Test(arguments: Kind.allCases)
    func `by taking too long is asked later`(kind: Kind) async throws {
        let error = try await kind.error([.hang], timeouts: .limits(total: 0.2))
        #expect(error?.retry == .later)
        #expect(error?.message.contains("was not done within 0.2 seconds") == true)
    }

    @Test(arguments: [Kind.ollama, .openAIText], ["\u{0}{ no line of yours\n\n", "data: <\n\n"])
    func `by sending what nobody understands is asked later only if it began well`(
        kind: Kind, garbage: String
    ) async throws {
        let wrong = try await kind.error([.head, .piece(garbage), .piece(garbage), .end])
        #expect(wrong?.retry == .never)
        #expect(wrong?.message.contains("cannot be understood. Check --text-url") == true)
    }

    @Test func `by garbage in its midst is asked later`() async throws {
        let garbage = ProviderDouble.Step.piece("data: {]\n\n")
        for kind in [Kind.ollama, .openAIText] {
            let error = try await kind.error(kind.beginning + [garbage, .hang])
            #expect(error?.retry == .later)
        }
    }

    @Test(arguments: Kind.allCases)
    func `quotes no key, and not without end`(kind: Kind) async throws {
        let key = "secret-key-0123456789"
        let quote = "no such key: \(key) \(key)\\r\\nX: y " + String(repeating: "z", count: 1000)
        for status in [401, 500] {
            let error = try await kind.error(
                [.answer(status, [], #"{"error":{"message":"\#(quote)"}}"#)], key: key)
            let message = try #require(error?.message)
            #expect(!message.contains("secret"))
            #expect(message.contains("[key]"))
            #expect(message.count < 600)
            #expect(!message.utf8.contains(0x0D))
        }
    }

    @Test(arguments: Kind.allCases)
    func `is asked no more by a task that is cancelled`(kind: Kind) async throws {
        let reached = Signal()
        let ended = Signal()
        let double = try ProviderDouble { request in
            ["internal", "sdapi/v1/progress", "interrupt"].contains { request.path.contains($0) }
                ? [.answer(404, [], "{}")]
                : kind.beginning + [.give(reached), .hang, .give(ended)]
        }
        defer { double.stop() }
        let client = try Client()
        let task = Task { await kind.error(at: double.url, client: client) }
        #expect(await reached.given())
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(await ended.given())
    }

    @Test(arguments: Kind.allCases)
    func `is not reached where its address is wrong`(kind: Kind) async throws {
        let client = try Client()
        let wrong = await kind.error(at: "ftp://127.0.0.1/v1", client: client)
        #expect(wrong?.retry == .never)
        #expect(wrong?.message.contains("-url is no http or https URL") == true)
    }
}
