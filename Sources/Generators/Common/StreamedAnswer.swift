/// Feeds a parser with pieces that are cut anywhere; a value without I/O.
struct StreamedAnswer<Parser: AnswerParser> {
    private var parser: Parser
    private var lines = LineSplitter()
    private var thinking = ThinkingFilter()
    private var thinkingTokens = 0
    private var byteCount = 0
    private let limit: Int

    init(_ parser: Parser, limit: Int) {
        self.parser = parser
        self.limit = limit
    }

    /// Whether any of the text, or of the thinking before it, has come.
    var hasBegun: Bool { byteCount > 0 }

    var isComplete: Bool { parser.isComplete }

    mutating func append(_ piece: [UInt8]) {
        lines.append(piece)
    }

    /// Returns the next part of the text; `nil` when more must come first or the text is complete.
    mutating func next() throws(AnswerFault) -> TextPiece? {
        while !parser.isComplete, let line = try lines.next() {
            if let part = try parser.take(line) { return try piece(of: part) }
        }
        return nil
    }

    /// Returns the last part, after all pieces; `nil` for none.
    mutating func end() throws(AnswerFault) -> TextPiece? {
        var rest = AnswerPart()
        if !parser.isComplete {
            if let line = try lines.rest() {
                do throws(AnswerFault) {
                    if let part = try parser.take(line) { rest += part }
                } catch {
                    // An incomplete object was cut off. Anything else was never an object.
                    let isCut = error == .malformed && line.first == UInt8(ascii: "{")
                    throw isCut ? .truncated : error
                }
            }
            if !parser.isComplete, let part = try parser.end() { rest += part }
        }
        var last = try rest.orNil.map { part throws(AnswerFault) in try piece(of: part) }
        let held = try thinking.end()
        if !held.isEmpty {
            last = last ?? TextPiece("", tokens: 0)
            last?.text += held
        }
        return last
    }

    func result() throws(AnswerFault) -> TextResult {
        var result = try parser.result()
        // The server's own count is better.
        if result.thinkingTokens == 0 { result.thinkingTokens = thinkingTokens }
        return result
    }

    private mutating func piece(of part: AnswerPart) throws(AnswerFault) -> TextPiece {
        byteCount += part.content.utf8.count + part.thinkingByteCount
        guard byteCount <= limit else { throw .tooLong }
        var piece = TextPiece("", tokens: 0)
        if part.thinkingByteCount > 0 { piece.thinkingTokens += 1 }
        if !part.content.isEmpty {
            piece.text = try thinking.take(part.content)
            if piece.text.isEmpty, thinking.isThinking {
                piece.thinkingTokens += 1
            } else {
                piece.tokens += 1
            }
        }
        thinkingTokens += piece.thinkingTokens
        return piece
    }
}
