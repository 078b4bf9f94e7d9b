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

    @Test func `is over with DONE, which does not make it whole`() {
        for (finish, result) in [
            ("null", Result<TextResult, AnswerFault>.failure(.truncated)),
            (#""""#, .failure(.truncated)), (#""stop""#, .success(TextResult(ending: .stop))),
        ] {
            let lines = [
                Self.chunk(#""content":"a""#, finish), "", "data: [DONE]", "", "data: never", "",
            ]
            let answer = answer(
                OpenAIAnswer(), to: [Array(lines.joined(separator: "\n").utf8)])
            #expect(answer.text == "a")
            #expect(answer.result == result)
        }
    }

    @Test(arguments: ["stop", "eos", "length"])
    func `is whole or cut for few reasons`(reason: String) {
        let lines = Self.chunk(#""content":"a""#, "\"\(reason)\"") + "\n\n"
        #expect(
            answer(OpenAIAnswer(), to: [Array(lines.utf8)]).result
                == .success(TextResult(ending: reason == "length" ? .length : .stop)))
    }

    @Test(arguments: ["error", "abort", "tool_calls", "function_call", "STOP", "cancelled"])
    func `that ended for another reason has broken off`(reason: String) {
        let lines = Self.chunk(#""content":"a""#, "\"\(reason)\"") + "\n\ndata: [DONE]\n\n"
        #expect(
            answer(OpenAIAnswer(), to: [Array(lines.utf8)]).result == .failure(.brokenOff(reason)))
    }

    @Test(arguments: ["", " \n"]) func `may come in one piece, wherever that is cut`(gap: String) {
        let message = #"{"role":"assistant","content":"\#(Self.text)"}"#
        let whole = Array(
            (#"{"id":"1",\#(gap)"choices":[\#(gap){"index":0,"message":\#(message),"#
                + #"\#(gap)"finish_reason":"stop"}],"#
                + #""usage":{"prompt_tokens":7,"completion_tokens":4,"#
                + #""completion_tokens_details":{"reasoning_tokens":2}}}"#).utf8)
        let result = TextResult(
            ending: .stop, inputTokens: 7, outputTokens: 4, thinkingTokens: 2)
        for cut in 0...whole.count {
            let both = answer(OpenAIAnswer(), to: [Array(whole[..<cut]), Array(whole[cut...])])
            #expect(both.text == Self.text && both.result == .success(result), "cut at \(cut)")
            let half = answer(OpenAIAnswer(), to: [Array(whole[..<cut])])
            guard cut < whole.count else { continue }
            #expect(half.text.isEmpty && half.result == .failure(.truncated), "ends at \(cut)")
        }
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
        #"{"object":"error","message":"overloaded","type":"x","param":null,"code":500}"#,
        #"{"type":"error","message":"overloaded"}"#, #"{"detail":"overloaded"}"#,
        #"{"detail":[{"loc":["body"],"msg":"overloaded"}]}"#, #"{"message":"overloaded"}"#,
        #"{"object":"error","message":{"detail":[{"msg":"overloaded"}]}}"#,
        #"{"choices":[{"delta":{},"error":{"message":"overloaded"},"finish_reason":"error"}]}"#,
        "overloaded\nevent: error", #"{"message":"overloaded"}"# + "\nevent: error",
        "\nerror: {\"code\":500,\"message\":\"overloaded\"}",
    ])
    func `with an error in it has failed`(event: String) {
        let lines =
            Self.chunk(#""content":"a""#, #""stop""#) + "\n\ndata: \(event)\n\ndata: [DONE]\n\n"
        let answer = answer(OpenAIAnswer(), to: [Array(lines.utf8)])
        #expect(answer.text == "a")
        guard case .failure(.reported(let message)) = answer.result else {
            Issue.record("\(answer.result)")
            return
        }
        #expect(message.text == "overloaded")
    }

    @Test(arguments: [
        "<html></html>", "{\"choices\":[]}", "{\"choices\":{}}", "{]", "{} {}", "data: {]\n\n",
        "data: hello\n\n", "data: []\n\n",
    ])
    func `of another kind is malformed`(text: String) {
        #expect(answer(OpenAIAnswer(), to: [Array(text.utf8)]).result == .failure(.malformed))
    }

    @Test(arguments: ["reasoning_content", "reasoning", "thinking"])
    func `has no part in what is thought in a member of its own`(member: String) throws {
        let lines = [
            Self.chunk(#""\#(member)":"Hm, ""#), "", Self.chunk(#""\#(member)":"so.""#), "",
            Self.chunk(#""content":"a","\#(member)":null"#), "", Self.chunk("", #""stop""#), "", "",
        ]
        let answer = answer(OpenAIAnswer(), to: [Array(lines.joined(separator: "\n").utf8)])
        #expect(answer.text == "a")
        #expect(answer.result == .success(TextResult(ending: .stop, thinkingTokens: 2)))
    }

    @Test func `may consist of parts, of which some are thought`() {
        let lines = [
            Self.chunk(
                #""content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]"#), "",
            Self.chunk(#""content":[{"type":"text","text":"a"},{"type":"reasoning","text":"x"}]"#),
            "", Self.chunk(#""content":"b""#, #""stop""#), "", "",
        ]
        #expect(
            answer(OpenAIAnswer(), to: [Array(lines.joined(separator: "\n").utf8)]).text == "ab")
    }

    @Test func `that never began is truncated`() {
        #expect(answer(OpenAIAnswer(), to: []).result == .failure(.truncated))
    }
}
