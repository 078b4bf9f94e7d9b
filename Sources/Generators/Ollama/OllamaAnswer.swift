internal import JSON

/// The lines that `/api/chat` streams, each an object; the last says `done` and counts.
///
/// Fields that are zero are left out (Go's omitempty), and what the model thinks aloud is no part of the text.
struct OllamaAnswer: AnswerParser {
    private(set) var isComplete = false
    private var ending = TextResult.Ending.stop
    private var inputTokens: Int?
    private var outputTokens: Int?
    private var nanoseconds: Double?

    mutating func take(_ line: [UInt8]) throws(AnswerFault) -> String? {
        guard !line.isEmpty else { return nil }
        var content: String?
        var error: ProviderMessage?
        do throws(JSONError) {
            var reader = JSONReader(line)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "error": error = try ProviderMessage(error: &reader)
                case "message":
                    try reader.readMembers { (reader, key) throws(JSONError) in
                        if key == "content" { content = try reader.readText() }
                    }
                case "done": isComplete = try reader.readIsTrue()
                case "done_reason": if try reader.readText() == "length" { ending = .length }
                case "prompt_eval_count": inputTokens = try reader.readCount()
                case "eval_count": outputTokens = try reader.readCount()
                case "eval_duration": nanoseconds = try reader.readAmount()
                default: break
                }
            }
            try reader.finish()
        } catch {
            throw .malformed
        }
        if let error { throw .reported(error) }
        return content?.isEmpty == false ? content : nil
    }

    mutating func end() throws(AnswerFault) -> String? { nil }

    func result() throws(AnswerFault) -> TextResult {
        guard isComplete else { throw .truncated }
        var rate: Double?
        if let outputTokens, let nanoseconds, nanoseconds > 0 {
            rate = Double(outputTokens) / nanoseconds * 1e9
        }
        return TextResult(
            ending: ending, inputTokens: inputTokens, outputTokens: outputTokens,
            tokensPerSecond: rate)
    }
}
