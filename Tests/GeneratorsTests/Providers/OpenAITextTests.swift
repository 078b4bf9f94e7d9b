import HTTPClient
import Testing

@testable import Generators

@Suite(.timeLimit(.minutes(5)))
struct `Text with OpenAI's interface` {
    private static let answer: [ProviderDouble.Step] = [
        .head, .piece(#"data: {"choices":[{"delta":{"content":"Hello"}}]}"# + "\n\n"),
        .piece(#"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"# + "\n\n"),
        .piece(#"data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1}}"# + "\n\n"),
        .piece("data: [DONE]\n\n"), .end,
    ]

    private func generator(_ url: String, key: String? = nil) throws -> OpenAITextGenerator {
        OpenAITextGenerator(
            client: try Client(),
            settings: ProviderSettings(url: url, model: "m", key: key, timeouts: .limits()))
    }

    @Test func `is asked for as the interface says`() async throws {
        let double = try ProviderDouble { _ in Self.answer }
        defer { double.stop() }
        let request = TextRequest(
            purpose: .persona, instructions: "Be brief.", prompt: "Who?",
            schema: #"{"type":"object"}"#, maximumTokens: 77, seed: 5)
        let outcome = await TextOutcome(try generator(double.url + "/v1/", key: "k1"), request)
        #expect(outcome.text == "Hello")
        #expect(outcome.result == TextResult(ending: .stop, inputTokens: 5, outputTokens: 1))
        let seen = try #require(double.requests.first)
        #expect(seen.head.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\n"))
        #expect(seen.field("authorization") == "Bearer k1")
        #expect(
            seen.body
                == #"{"model":"m","messages":[{"role":"system","content":"Be brief."},"#
                + #"{"role":"user","content":"Who?"}],"stream":true,"#
                + #""stream_options":{"include_usage":true},"max_tokens":77,"seed":5,"#
                + #""response_format":{"type":"json_schema","json_schema":{"name":"answer","#
                + #""schema":{"type":"object"}}}}"#)
    }

    @Test func `is asked for with the other name of the limit by who wants that`() async throws {
        let double = try ProviderDouble { request in
            guard request.body.contains(#""max_tokens""#) else { return Self.answer }
            return [
                .answer(
                    400, [],
                    #"{"error":{"message":"Use 'max_completion_tokens' instead.","#
                        + #""type":"invalid_request_error","param":"max_tokens","#
                        + #""code":"unsupported_parameter"}}"#)
            ]
        }
        defer { double.stop() }
        let outcome = await TextOutcome(try generator(double.url + "/v1"))
        #expect(outcome.text == "Hello")
        #expect(double.requests.count == 2)
        #expect(double.requests.last?.body.contains(#""max_completion_tokens":1024"#) == true)
    }

    @Test func `is asked for without what the server does not know, each member once`() async throws
    {
        let double = try ProviderDouble { request in
            for (member, error) in [
                (#""seed""#, #"{"message":{"detail":[{"loc":["body","seed"],"msg":"No."}]}}"#),
                (#""response_format""#, #"{"error":{"message":"no response_format"}}"#),
                (#""stream_options""#, #"{"error":"unknown field stream_options"}"#),
            ] where request.body.contains(member) {
                return [.answer(member == #""seed""# ? 422 : 400, [], error)]
            }
            return Self.answer
        }
        defer { double.stop() }
        let request = TextRequest(
            purpose: .persona, prompt: "Who?", schema: #"{"type":"object"}"#, seed: 5)
        let outcome = await TextOutcome(try generator(double.url), request)
        #expect(outcome.text == "Hello")
        #expect(double.requests.count == 4)
        let last = try #require(double.requests.last?.body)
        #expect(last.contains(#"Answer with one JSON object"#))
        #expect(last.contains(#"JSON Schema: {\"type\":\"object\"}"#))
        #expect(!last.contains("response_format") && !last.contains(#""seed""#))
    }

    @Test(arguments: [401, 404, 429, 500])
    func `is not asked for again for a status of another kind`(status: Int) async throws {
        let double = try ProviderDouble { _ in
            [.answer(status, [], #"{"error":{"message":"seed","param":"seed"}}"#)]
        }
        defer { double.stop() }
        #expect(await TextOutcome(try generator(double.url)).error != nil)
        #expect(double.requests.count == 1)
    }

    @Test func `is refused for good when the quota is used up`() async throws {
        let double = try ProviderDouble { _ in
            [
                .answer(
                    429, ["Retry-After: 1"],
                    #"{"error":{"message":"You exceeded your quota.","type":"insufficient_quota","#
                        + #""code":"insufficient_quota"}}"#)
            ]
        }
        defer { double.stop() }
        let error = await TextOutcome(try generator(double.url)).error
        #expect(error?.retry == .never)
        #expect(error?.message.contains("used up its quota: You exceeded your quota.") == true)
    }

    @Test func `is asked for again when the server names a time`() async throws {
        let double = try ProviderDouble { _ in
            [.answer(429, ["retry-after-ms: 250", "Retry-After: 9"], "{}")]
        }
        defer { double.stop() }
        #expect(await TextOutcome(try generator(double.url)).error?.retry == .after(0.25))
    }

    @Test(arguments: [
        (#""type":"server_error""#, GenerationError.Retry.later),
        (#""type":null,"code":"503""#, .later), (#""code":400"#, .never),
        (#""type":"invalid_request_error""#, .never), (#""type":"insufficient_quota""#, .never),
        (#""code":"content_filter""#, .never),
    ])
    func `that breaks off with an error is asked for again if that may help`(
        members: String, retry: GenerationError.Retry
    ) async throws {
        let event = #"data: {"error":{"message":"words",\#(members)}}"# + "\n\n"
        let double = try ProviderDouble { _ in Array(Self.answer[..<2]) + [.piece(event), .hang] }
        defer { double.stop() }
        let outcome = await TextOutcome(try generator(double.url))
        #expect(outcome.text == "Hello")
        #expect(outcome.error?.retry == retry)
        #expect(outcome.error?.message.contains("words") == true)
    }

    @Test(arguments: [
        #"{"choices":[{"delta":{},"finish_reason":"content_filter"}]}"#,
        #"{"choices":[{"delta":{"refusal":"I will not."},"finish_reason":"stop"}]}"#,
    ])
    func `that is withheld is not asked for again`(event: String) async throws {
        let double = try ProviderDouble { _ in
            [.head, .piece("data: \(event)\n\n"), .piece("data: [DONE]\n\n"), .end]
        }
        defer { double.stop() }
        let error = await TextOutcome(try generator(double.url)).error
        #expect(error?.retry == .never)
        #expect(error?.message.hasSuffix("Change the prompt.") == true)
    }

    @Test func `without a key says where to give one`() async throws {
        let double = try ProviderDouble { _ in
            [.answer(401, [], #"{"error":{"message":"No key."}}"#)]
        }
        defer { double.stop() }
        #expect(
            await TextOutcome(try generator(double.url)).error?.message
                == "The OpenAI-compatible server at \(double.url) wants a key (401: No key). Give "
                + "it with --text-key-file.")
    }
}
