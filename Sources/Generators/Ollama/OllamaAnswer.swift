internal import JSON

/// Reads the lines that `/api/chat` streams: objects, of which the last has `done` and the counts.
///
/// Ollama leaves out fields that are zero (Go's omitempty). Thoughts come in a field of their own
/// and are no part of the text. Servers that copy the interface, and Ollama before 0.1.33, send no
/// `done_reason`. There, `done` says that the text is complete.
struct OllamaAnswer: AnswerParser {
    private(set) var isComplete = false
    private var reason: String?
    private var inputTokens: Int?
    private var outputTokens: Int?
    private var nanoseconds: Double?

    mutating func take(_ line: [UInt8]) throws(AnswerFault) -> AnswerPart? {
        guard !line.isEmpty else { return nil }
        var part = AnswerPart()
        var error: ProviderMessage?
        do throws(JSONError) {
            var reader = JSONReader(line)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "error":
                    if try reader.peekKind() != .null {
                        error = try ProviderMessage(error: &reader)
                    }
                case "message":
                    try reader.readMembers { (reader, key) throws(JSONError) in
                        switch key {
                        case "content": part.content = try reader.readText() ?? ""
                        case "thinking":
                            part.thinkingByteCount = try reader.readText()?.utf8.count ?? 0
                        default: break
                        }
                    }
                case "done": isComplete = try reader.readIsTrue()
                case "done_reason": reason = try reader.readText()
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
        return part.orNil
    }

    mutating func end() throws(AnswerFault) -> AnswerPart? { nil }

    func result() throws(AnswerFault) -> TextResult {
        guard isComplete else { throw .truncated }
        let ending: TextResult.Ending
        switch reason {
        case nil, "", "stop", "eos": ending = .stop
        case "length": ending = .length
        case "content_filter": throw .filtered
        case let other?: throw .brokenOff(other)
        }
        var rate: Double?
        if let outputTokens, let nanoseconds, nanoseconds > 0 {
            rate = Double(outputTokens) / nanoseconds * 1e9
        }
        return TextResult(
            ending: ending, inputTokens: inputTokens, outputTokens: outputTokens,
            tokensPerSecond: rate)
    }
}
