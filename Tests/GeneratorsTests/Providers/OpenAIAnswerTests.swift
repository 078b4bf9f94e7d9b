import Testing

@testable import Generators

@Suite(.timeLimit(.minutes(5)))
struct `An answer with OpenAI's interface` {
    /// What servers stream for one text, each in its dialect.
    struct Dialect: CustomTestStringConvertible {
        var name: String
        var lines: [String]
        var result: TextResult

        var testDescription: String { name }
        var bytes: [UInt8] { Array(lines.map { $0 + "\n" }.joined().utf8) }
    }

    static func chunk(_ delta: String, _ finish: String = "null", _ more: String = "") -> String {
        #"data: {"choices":[{"index":0,"delta":{\#(delta)},"finish_reason":\#(finish)}]\#(more)}"#
    }

    static let text = "Grüße, Welt 🌉"
    static let dialects = [
        Dialect(
            name: "OpenAI",
            lines: [
                chunk(
                    #""role":"assistant","content":"","refusal":null"#, "null", #","usage":null"#),
                "", chunk(#""content":"Grüße, ""#, "null", #","usage":null,"error":null"#), "",
                chunk(#""content":"Welt 🌉""#), "", chunk("", #""stop""#), "",
                #"data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":4}}"#, "",
                "data: [DONE]", "",
            ],
            result: TextResult(ending: .stop, inputTokens: 7, outputTokens: 4)),
        Dialect(
            name: "llama.cpp",
            lines: [
                chunk(#""role":"assistant","content":null"#), "", chunk(#""content":"Grüße, ""#),
                "",
                chunk(#""content":"Welt 🌉""#), "", chunk("", #""length""#), "",
                #"data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":4},"#
                    + #""timings":{"prompt_n":7,"predicted_n":4,"predicted_per_second":32.5}}"#, "",
                "data: [DONE]", "",
            ],
            result: TextResult(
                ending: .length, inputTokens: 7, outputTokens: 4, tokensPerSecond: 32.5)),
        Dialect(
            name: "LiteLLM",
            lines: [
                ": ping", "event: message\r",
                "data:" + chunk(#""content":"Grüße, Welt""#).dropFirst(6),
                "\r", chunk(#""content":" 🌉""#, #""stop""#), "",
                #"data: {"choices":[{"index":0,"delta":{"content":null}}],"#,
                #"data: "usage":{"prompt_tokens":7,"completion_tokens":4}}"#, "", "data: [DONE]",
                "",
            ],
            result: TextResult(ending: .stop, inputTokens: 7, outputTokens: 4)),
    ]

    @Test(arguments: dialects) func `is the same wherever it is cut`(dialect: Dialect) {
        let bytes = dialect.bytes
        for cut in 0...bytes.count {
            let pieces = [Array(bytes[..<cut]), Array(bytes[cut...])]
            let answer = answer(OpenAIAnswer(), to: pieces)
            #expect(
                answer.text == Self.text && answer.result == .success(dialect.result),
                "cut at \(cut)")
        }
        let single = answer(OpenAIAnswer(), to: bytes.map { [$0] })
        #expect(single.text == Self.text)
        #expect(single.result == .success(dialect.result))
    }

    @Test(arguments: dialects)
    func `that ends before a reason to finish is truncated`(dialect: Dialect) throws {
        let whole = String(decoding: dialect.bytes, as: UTF8.self)
        let reason = dialect.result.ending == .length ? #""length"}]"# : #""stop"}]"#
        let finish = try #require(whole.ranges(of: reason).first)
        let count = whole[..<finish.upperBound].utf8.count
        for end in 0...count {
            let answer = answer(OpenAIAnswer(), to: [Array(dialect.bytes[..<end])])
            #expect(answer.result == .failure(.truncated), "ends at \(end)")
            #expect(Self.text.hasPrefix(answer.text))
        }
        // From its closing brace on, the event is whole although no empty line follows.
        let finished = answer(OpenAIAnswer(), to: [Array(dialect.bytes[...count])])
        #expect(finished.text == Self.text)
        #expect(throws: Never.self) { try finished.result.get() }
    }

    @Test func `is complete with DONE although no reason was given`() {
        let lines = [Self.chunk(#""content":"a""#), "", "data: [DONE]", "", "data: never", ""]
        let answer = answer(
            OpenAIAnswer(), to: [Array(lines.joined(separator: "\n").utf8)])
        #expect(answer.text == "a")
        #expect(answer.result == .success(TextResult(ending: .stop)))
    }

    @Test func `that a filter stopped is withheld`() {
        let lines = [
            Self.chunk(#""content":"a""#, #""content_filter""#), "", "data: [DONE]", "", "",
        ]
        let answer = answer(
            OpenAIAnswer(), to: [Array(lines.joined(separator: "\n").utf8)])
        #expect(answer.result == .failure(.filtered))
    }

    @Test func `that declines says in which words`() {
        let lines = [
            Self.chunk(#""refusal":"I can't ""#), "", Self.chunk(#""refusal":"do that.""#), "",
            Self.chunk("", #""stop""#), "", "data: [DONE]", "", "",
        ]
        let answer = answer(
            OpenAIAnswer(), to: [Array(lines.joined(separator: "\n").utf8)])
        #expect(answer.result == .failure(.declined("I can't do that.")))
    }

    @Test(arguments: [
        #"{"error":{"message":"overloaded","type":"server_error","code":null}}"#,
        #"{"error":{"message":"overloaded","type":null,"param":null,"code":"503"}}"#,
        #"{"error":{"message":"overloaded","code":503}}"#, #"{"error":"overloaded"}"#,
    ])
    func `with an error in it has failed`(event: String) {
        let lines = Self.chunk(#""content":"a""#) + "\n\ndata: \(event)\n\n"
        let answer = answer(OpenAIAnswer(), to: [Array(lines.utf8)])
        #expect(answer.text == "a")
        guard case .failure(.reported(let message)) = answer.result else {
            Issue.record("\(answer.result)")
            return
        }
        #expect(message.text == "overloaded")
    }

    @Test(arguments: [
        "<html></html>", "{\"choices\":[]}", "data: {]\n\n", "data: hello\n\n", "data: []\n\n",
    ])
    func `of another kind is malformed`(text: String) {
        #expect(answer(OpenAIAnswer(), to: [Array(text.utf8)]).result == .failure(.malformed))
    }

    @Test func `that never began is truncated`() {
        #expect(answer(OpenAIAnswer(), to: []).result == .failure(.truncated))
    }
}
