internal import JSON

/// The events that `/chat/completions` streams.
///
/// Servers differ: the usage is in a chunk of its own or in the last with a choice, `[DONE]` may be missing,
/// content may be null, llama.cpp adds `timings`. So each field is read wherever it appears, and the text is
/// complete with `[DONE]`, or when the stream ends after a `finish_reason`.
struct OpenAIAnswer: AnswerParser {
    private(set) var isComplete = false
    private var events = EventLines()
    private var hasEvents = false
    /// A line has come that is none of an event stream.
    private var hasOther = false
    private var finishReason: String?
    private var inputTokens: Int?
    private var outputTokens: Int?
    private var tokensPerSecond: Double?
    private var refusal = ""

    mutating func take(_ line: [UInt8]) throws(AnswerFault) -> String? {
        if !hasEvents, !hasOther { hasOther = !EventLines.isPlausible(line) }
        guard let event = events.take(line) else { return nil }
        return try take(event: event)
    }

    mutating func end() throws(AnswerFault) -> String? {
        guard let event = events.end() else { return nil }
        do throws(AnswerFault) {
            return try take(event: event)
        } catch {
            // Cut off within its last event.
            throw error == .malformed ? .truncated : error
        }
    }

    func result() throws(AnswerFault) -> TextResult {
        if !refusal.isEmpty { throw .declined(refusal) }
        if finishReason == "content_filter" { throw .filtered }
        // A whole answer of another kind, such as a page of HTML.
        guard hasEvents || !hasOther else { throw .malformed }
        guard isComplete || finishReason != nil else { throw .truncated }
        return TextResult(
            ending: finishReason == "length" ? .length : .stop, inputTokens: inputTokens,
            outputTokens: outputTokens, tokensPerSecond: tokensPerSecond)
    }

    private mutating func take(event: [UInt8]) throws(AnswerFault) -> String? {
        if event.elementsEqual("[DONE]".utf8) {
            isComplete = true
            hasEvents = true
            return nil
        }
        var content = ""
        var error: ProviderMessage?
        do throws(JSONError) {
            var reader = JSONReader(event)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "error":
                    // Some write null when there is none.
                    if try reader.peekKind() != .null {
                        error = try ProviderMessage(error: &reader)
                    }
                case "choices":
                    try reader.readElements { (reader) throws(JSONError) in
                        content += try readChoice(&reader)
                    }
                case "usage": try readUsage(&reader)
                case "timings": try readTimings(&reader)
                default: break
                }
            }
            try reader.finish()
        } catch {
            throw .malformed
        }
        if let error { throw .reported(error) }
        hasEvents = true
        return content.isEmpty ? nil : content
    }

    private mutating func readChoice(_ reader: inout JSONReader) throws(JSONError) -> String {
        var content = ""
        var refused = ""
        var reason: String?
        try reader.readMembers { (reader, key) throws(JSONError) in
            switch key {
            case "finish_reason": reason = try reader.readText()
            case "delta":
                try reader.readMembers { (reader, key) throws(JSONError) in
                    switch key {
                    case "content": content += try reader.readText() ?? ""
                    case "refusal": refused += try reader.readText() ?? ""
                    default: break
                    }
                }
            default: break
            }
        }
        refusal += refused
        finishReason = reason ?? finishReason
        return content
    }

    private mutating func readUsage(_ reader: inout JSONReader) throws(JSONError) {
        var input: Int?
        var output: Int?
        try reader.readMembers { (reader, key) throws(JSONError) in
            switch key {
            case "prompt_tokens": input = try reader.readCount()
            case "completion_tokens": output = try reader.readCount()
            default: break
            }
        }
        inputTokens = input ?? inputTokens
        outputTokens = output ?? outputTokens
    }

    private mutating func readTimings(_ reader: inout JSONReader) throws(JSONError) {
        var count: Int?
        var rate: Double?
        try reader.readMembers { (reader, key) throws(JSONError) in
            switch key {
            case "predicted_n": count = try reader.readCount()
            case "predicted_per_second": rate = try reader.readAmount()
            default: break
            }
        }
        outputTokens = outputTokens ?? count
        if let rate, rate > 0 { tokensPerSecond = rate }
    }
}
