import HTTPClient
import Testing

@testable import Generators

@Suite(.timeLimit(.minutes(5)))
struct `Ollama` {
    private static func line(_ text: String) -> ProviderDouble.Step {
        .piece(#"{"message":{"role":"assistant","content":"\#(text)"},"done":false}"# + "\n")
    }

    private static let last = ProviderDouble.Step.piece(
        #"{"message":{"content":""},"done":true,"done_reason":"stop","prompt_eval_count":5,"#
            + #""eval_count":3,"eval_duration":1500000000}"# + "\n")

    private func generator(
        _ url: String, timeouts: ClientRequest.Timeouts = .limits(), key: String? = nil
    ) throws -> OllamaTextGenerator {
        OllamaTextGenerator(
            client: try Client(),
            settings: ProviderSettings(url: url, model: "tiny", key: key, timeouts: timeouts))
    }

    @Test func `is asked as its interface says`() async throws {
        let double = try ProviderDouble { _ in [.head, Self.line("Hello"), Self.last, .end] }
        defer { double.stop() }
        let request = TextRequest(
            purpose: .persona, instructions: "Be \"brief\".", prompt: "Who?",
            schema: #"{"type":"object"}"#, maximumTokens: 77, seed: 0xFFFF_FFFF_0000_0005)
        let outcome = await TextOutcome(try generator(double.url + "/"), request)
        #expect(outcome.pieces == [TextPiece("Hello", tokens: 1)])
        #expect(
            outcome.result
                == TextResult(
                    ending: .stop, inputTokens: 5, outputTokens: 3, tokensPerSecond: 2))
        let seen = try #require(double.requests.first)
        #expect(seen.head.hasPrefix("POST /api/chat HTTP/1.1\r\n"))
        #expect(seen.field("content-type") == "application/json")
        #expect(seen.field("authorization") == nil)
        #expect(
            seen.body
                == #"{"model":"tiny","messages":[{"role":"system","content":"Be \"brief\"."},"#
                + #"{"role":"user","content":"Who?"}],"stream":true,"format":{"type":"object"},"#
                + #""options":{"seed":5,"num_predict":77}}"#)
    }

    @Test func `is asked without what there is none of`() async throws {
        let double = try ProviderDouble { _ in [.head, Self.last, .end] }
        defer { double.stop() }
        let outcome = await TextOutcome(try generator(double.url, key: "k"))
        #expect(outcome.error == nil)
        let seen = try #require(double.requests.first)
        #expect(!seen.body.contains("system"))
        #expect(!seen.body.contains("format"))
        #expect(seen.field("authorization") == "Bearer k")
    }

    @Test func `hands out each piece before it sends the next`() async throws {
        let signals = [Signal(), Signal()]
        let double = try ProviderDouble { _ in
            [
                .head, Self.line("one"), .wait(signals[0]), Self.line("two"), .wait(signals[1]),
                Self.last, .end,
            ]
        }
        defer { double.stop() }
        var count = 0
        let result = try await generator(double.url).generate(
            TextRequest(purpose: .text, prompt: "Hi")
        ) { _ in
            signals[count].give()
            count += 1
        }
        #expect(count == 2)
        #expect(result.outputTokens == 3)
    }

    @Test func `is asked as often as wanted`() async throws {
        let double = try ProviderDouble { _ in [.head, Self.line("a"), Self.last, .end] }
        defer { double.stop() }
        let generator = try generator(double.url)
        for _ in 0..<3 { #expect(await TextOutcome(generator).error == nil) }
        #expect(double.requests.count == 3)
    }

    @Test func `that is not there is to be started`() async throws {
        let double = try ProviderDouble { _ in [] }
        double.stop()
        let generator = try generator(double.url)
        var outcome = await TextOutcome(generator)
        // The double's thread closes the port a moment later.
        while outcome.error?.message.contains("broke off") == true {
            outcome = await TextOutcome(generator)
        }
        #expect(
            outcome.error
                == GenerationError(
                    "Ollama at \(double.url) does not answer (connection refused). Start it with "
                        + "`ollama serve` or check --text-url.", retry: .later))
    }

    @Test func `without the model says how to get it`() async throws {
        let double = try ProviderDouble { _ in
            [.answer(404, [], #"{"error":"model 'tiny' not found"}"#)]
        }
        defer { double.stop() }
        let outcome = await TextOutcome(try generator(double.url))
        #expect(
            outcome.error
                == GenerationError(
                    "Ollama at \(double.url) knows no such model or path (404: model 'tiny' not "
                        + "found). Get the model with `ollama pull tiny` or check --text-model and "
                        + "--text-url.", retry: .never))
    }

    @Test func `that is busy is asked later`() async throws {
        let double = try ProviderDouble { _ in
            [.answer(503, [], #"{"error":"server busy, please try again."}"#)]
        }
        defer { double.stop() }
        let outcome = await TextOutcome(try generator(double.url))
        #expect(
            outcome.error
                == GenerationError(
                    "Ollama at \(double.url) is busy (503: server busy, please try again).",
                    retry: .later))
    }

    @Test func `that fails in the midst has given what came before`() async throws {
        let double = try ProviderDouble { _ in
            [
                .head, Self.line("Once"), .piece(#"{"error":"CUDA error: out of memory"}"# + "\n"),
                .end,
            ]
        }
        defer { double.stop() }
        let outcome = await TextOutcome(try generator(double.url))
        #expect(outcome.text == "Once")
        #expect(
            outcome.error
                == GenerationError(
                    "Ollama at \(double.url) broke off with an error: CUDA error: out of memory.",
                    retry: .later))
    }
}
