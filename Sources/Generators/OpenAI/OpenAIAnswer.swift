internal import JSON

/// Reads the answer of `/chat/completions`.
///
/// It is a stream of events, as requested, or one object with the whole text, from servers and
/// proxies that cannot stream.
///
/// Servers differ. The usage is in a chunk of its own or in the last one with a choice, `[DONE]`
/// may be missing, content may be null or a list of parts, and llama.cpp adds `timings`. So each
/// field is read wherever it appears. Only `finish_reason` says whether the text is complete, as
/// proxies write `[DONE]` even after half a text.
struct OpenAIAnswer: AnswerParser {
    /// The most bytes of an answer in one piece.
    private static let maximumWhole = 8 << 20

    private(set) var isComplete = false
    private var events = EventLines()
    private var hasEvents = false
    /// Whether a line has come that does not belong to an event stream.
    private var hasOther = false
    /// An answer in one piece, as far as it has come; `nil` when the answer is none.
    private var whole: [UInt8]?
    private var finishReason: String?
    private var inputTokens: Int?
    private var outputTokens: Int?
    private var thinkingTokens: Int?
    private var tokensPerSecond: Double?
    private var refusal = ""

    mutating func take(_ line: [UInt8]) throws(AnswerFault) -> AnswerPart? {
        if whole == nil, !hasEvents, !hasOther, Self.beginsObject(line) { whole = [] }
        if let before = whole {
            guard before.count + line.count < Self.maximumWhole else { throw .tooLong }
            // The line feed goes before the line, so that a string that is cut off stays cut off.
            whole?.append(contentsOf: before.isEmpty ? line : [0x0A] + line)
            return nil
        }
        if !hasEvents, !hasOther { hasOther = !EventLines.isPlausible(line) }
        guard let event = events.take(line) else { return nil }
        return try take(event: event)
    }

    mutating func end() throws(AnswerFault) -> AnswerPart? {
        let event: EventLines.Event
        if let whole {
            event = EventLines.Event(data: whole)
        } else {
            guard let last = events.end() else { return nil }
            event = last
        }
        do throws(AnswerFault) {
            return try take(event: event)
        } catch {
            // The answer was cut off within its last event, or within its only object.
            throw error == .malformed && (whole == nil || Self.isCut(event.data))
                ? .truncated : error
        }
    }

    func result() throws(AnswerFault) -> TextResult {
        if !refusal.isEmpty { throw .declined(refusal) }
        // The answer is something else, such as a page of HTML.
        guard hasEvents || !hasOther else { throw .malformed }
        let ending: TextResult.Ending
        switch finishReason {
        case "stop", "eos": ending = .stop
        case "length": ending = .length
        case "content_filter": throw .filtered
        case nil: throw .truncated
        case let reason?: throw .brokenOff(reason)
        }
        return TextResult(
            ending: ending, inputTokens: inputTokens, outputTokens: outputTokens,
            thinkingTokens: thinkingTokens ?? 0, tokensPerSecond: tokensPerSecond)
    }

    private static func beginsObject(_ line: [UInt8]) -> Bool {
        line.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "{")
    }

    /// Whether a JSON text ends before it is complete.
    private static func isCut(_ text: [UInt8]) -> Bool {
        var reader = JSONReader(text)
        do throws(JSONError) {
            try reader.skipValue()
            return false
        } catch {
            return error.kind == .unexpectedEnd
        }
    }

    private mutating func take(event: EventLines.Event) throws(AnswerFault) -> AnswerPart? {
        if event.data.elementsEqual("[DONE]".utf8) {
            isComplete = true
            hasEvents = true
            return nil
        }
        if event.isError { throw .reported(ProviderMessage(event: event.data)) }
        var part = AnswerPart()
        var error: ProviderMessage?
        var choiceCount: Int?
        var isError = false
        do throws(JSONError) {
            var reader = JSONReader(event.data)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "error":
                    // Some servers write null when there is no error.
                    if try reader.peekKind() != .null {
                        error = try ProviderMessage(error: &reader)
                    }
                case "object", "type": if try reader.readText() == "error" { isError = true }
                case "message", "detail":
                    if try reader.peekKind() != .null { isError = isError || choiceCount == nil }
                case "choices":
                    choiceCount = choiceCount ?? 0
                    try reader.readElements { (reader) throws(JSONError) in
                        choiceCount = (choiceCount ?? 0) + 1
                        let (found, fault) = try readChoice(&reader)
                        part += found
                        error = error ?? fault
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
        // Some servers, such as vLLM and FastAPI, report an error without a member `error`.
        if error == nil, isError, choiceCount == nil { error = ProviderMessage(body: event.data) }
        if let error { throw .reported(error) }
        guard whole == nil || (choiceCount ?? 0) > 0 else { throw .malformed }
        hasEvents = true
        return part.orNil
    }
}

// MARK: Members

extension OpenAIAnswer {
    private mutating func readChoice(
        _ reader: inout JSONReader
    ) throws(JSONError) -> (AnswerPart, ProviderMessage?) {
        var delta: AnswerPart?
        var message: AnswerPart?
        var refused = ""
        var reason: String?
        var error: ProviderMessage?
        try reader.readMembers { (reader, key) throws(JSONError) in
            switch key {
            case "finish_reason": reason = try reader.readText()
            case "delta": delta = try Self.readMessage(&reader, &refused)
            case "message": message = try Self.readMessage(&reader, &refused)
            case "error":
                if try reader.peekKind() != .null { error = try ProviderMessage(error: &reader) }
            default: break
            }
        }
        refusal += refused
        if let reason, !reason.isEmpty { finishReason = reason }
        // Where both are present, the message is the whole text so far.
        return (delta ?? message ?? AnswerPart(), error)
    }

    private static func readMessage(
        _ reader: inout JSONReader, _ refused: inout String
    ) throws(JSONError) -> AnswerPart? {
        guard try reader.peekKind() == .object else {
            try reader.skipValue()
            return nil
        }
        var part = AnswerPart()
        var refusal = ""
        try reader.readMembers { (reader, key) throws(JSONError) in
            switch key {
            case "content": part += try readContent(&reader)
            case "reasoning_content", "reasoning", "thinking":
                part.thinkingByteCount += try reader.readText()?.utf8.count ?? 0
            case "refusal": refusal += try reader.readText() ?? ""
            default: break
            }
        }
        refused += refusal
        return part
    }

    /// Reads a content: a text, or a list of parts, of which some may be thinking.
    private static func readContent(_ reader: inout JSONReader) throws(JSONError) -> AnswerPart {
        var part = AnswerPart()
        guard try reader.peekKind() == .array else {
            part.content = try reader.readText() ?? ""
            return part
        }
        try reader.readElements { (reader) throws(JSONError) in
            var text = ""
            var isText = true
            try reader.readMembers { (reader, key) throws(JSONError) in
                switch key {
                case "type": isText = try reader.readText()?.hasSuffix("text") ?? true
                case "text": text += try reader.readText() ?? ""
                case "thinking":
                    isText = false
                    part.thinkingByteCount += 1
                default: break
                }
            }
            if isText { part.content += text } else { part.thinkingByteCount += text.utf8.count }
        }
        return part
    }

    private mutating func readUsage(_ reader: inout JSONReader) throws(JSONError) {
        var input: Int?
        var output: Int?
        var thinking: Int?
        try reader.readMembers { (reader, key) throws(JSONError) in
            switch key {
            case "prompt_tokens": input = try reader.readCount()
            case "completion_tokens": output = try reader.readCount()
            case "completion_tokens_details":
                try reader.readMembers { (reader, key) throws(JSONError) in
                    if key == "reasoning_tokens" { thinking = try reader.readCount() }
                }
            default: break
            }
        }
        inputTokens = input ?? inputTokens
        outputTokens = output ?? outputTokens
        thinkingTokens = thinking ?? thinkingTokens
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
