import Testing

@testable import Generators

@Suite(.timeLimit(.minutes(5)))
struct `An answer of Ollama` {
    private let lines = [
        #"{"model":"m","message":{"role":"assistant","content":"","thinking":"Hm"},"done":false}"#,
        #"{"model":"m","message":{"role":"assistant","content":"Grüße, "},"done":false}"#,
        "",
        #"{"message":{"content":"\u003cWelt\u003e"},"done":false}"# + "\r",
        #"{"message":{"content":" 🌉"},"done":false}"#,
        #"{"message":{"content":""},"done":true,"done_reason":"stop","total_duration":9,"#
            + #""prompt_eval_count":12,"eval_count":40,"eval_duration":2000000000}"#,
    ]
    private var bytes: [UInt8] { Array(lines.joined(separator: "\n").utf8) + [0x0A] }
    private let text = "Grüße, <Welt> 🌉"
    private let result = TextResult(
        ending: .stop, inputTokens: 12, outputTokens: 40, thinkingTokens: 1, tokensPerSecond: 20)

    @Test func `is the same wherever it is cut`() {
        for cut in 0...bytes.count {
            let pieces = [Array(bytes[..<cut]), Array(bytes[cut...])]
            let answer = answer(OllamaAnswer(), to: pieces)
            #expect(answer.text == text && answer.result == .success(result), "cut at \(cut)")
        }
        let single = answer(OllamaAnswer(), to: bytes.map { [$0] })
        #expect(single.text == text)
        #expect(single.result == .success(result))
    }

    @Test func `that ends before its last line is whole is truncated, wherever it ends`() {
        // Without its last line's end and its last brace.
        for end in 0..<(bytes.count - 1) {
            let answer = answer(OllamaAnswer(), to: [Array(bytes[..<end])])
            #expect(answer.result == .failure(.truncated), "ends at \(end)")
            #expect(text.hasPrefix(answer.text))
        }
    }

    @Test func `may lack every count`() {
        let answer = answer(OllamaAnswer(), to: [Array(#"{"done":true}"#.utf8)])
        #expect(answer.result == .success(TextResult(ending: .stop)))
    }

    @Test(arguments: [
        #"{"done":true,"eval_count":null,"eval_duration":0,"prompt_eval_count":"x"}"#,
        #"{"done":true,"eval_count":-1,"eval_duration":1e400,"message":null}"#,
        #"{"done":true,"eval_count":1.0e99,"message":{"content":null}}"#,
    ])
    func `may have anything for a count`(line: String) {
        #expect(
            answer(OllamaAnswer(), to: [Array(line.utf8)]).result
                == .success(TextResult(ending: .stop)))
    }

    @Test func `that reached the limit says so`() {
        let line = #"{"done":true,"done_reason":"length"}"#
        let answer = answer(OllamaAnswer(), to: [Array(line.utf8)])
        #expect(answer.result == .success(TextResult(ending: .length)))
    }

    @Test(arguments: ["load", "unload", "error", "tool_calls"])
    func `that ended for another reason has broken off`(reason: String) {
        let line = #"{"message":{"content":"a"},"done":true,"done_reason":"\#(reason)"}"#
        #expect(
            answer(OllamaAnswer(), to: [Array(line.utf8)]).result == .failure(.brokenOff(reason)))
    }

    @Test func `has no part after its last line`() {
        let more = bytes + Array((lines[1] + "\n").utf8)
        let answer = answer(OllamaAnswer(), to: [more])
        #expect(answer.text == text)
        #expect(answer.result == .success(result))
    }

    @Test(arguments: [
        #"{"error":"out of memory"}"#, #"{"error":{"message":"out of memory"}}"#,
    ])
    func `with an error in it has failed`(line: String) {
        let answer = answer(OllamaAnswer(), to: [Array((lines[1] + "\n" + line + "\n").utf8)])
        #expect(answer.text == "Grüße, ")
        guard case .failure(.reported(let message)) = answer.result else {
            Issue.record("\(answer.result)")
            return
        }
        #expect(message.text == "out of memory")
    }

    @Test(arguments: ["<html>\n", "[]\n", "{]\n", "{\"done\":true} x\n", "\u{0}\n"])
    func `of another kind is malformed`(line: String) {
        let answer = answer(OllamaAnswer(), to: [Array(line.utf8)])
        #expect(answer.result == .failure(.malformed))
    }

    @Test func `with an endless line or an endless text is refused`() {
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 400_000)
        let endless = answer(OllamaAnswer(), to: [piece, piece, piece])
        #expect(endless.result == .failure(.tooLong))
        let line = Array(#"{"message":{"content":""#.utf8) + piece + Array("\"}}\n".utf8)
        let long = answer(OllamaAnswer(), to: [line, line, line])
        #expect(long.result == .failure(.tooLong))
    }
}
