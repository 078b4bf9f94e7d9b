internal import HTTPClient
internal import JSON

/// A provider as its clients use it: requests out, responses in, each fault as a `GenerationError`.
struct Provider: Sendable {
    /// How sentences call it, such as `Ollama`.
    let name: String
    /// What its settings begin with: `--text` or `--image`.
    let flags: String
    /// What helps when nothing answers.
    let startHint: String
    /// What helps when the model is not known.
    let modelHint: String
    let client: Client
    let settings: ProviderSettings

    /// Bytes of an error's body that are read.
    private static let longestError = 64 << 10
    /// Bytes of a text at most, far beyond what tokens are asked for.
    private static let longestText = 4 << 20

    /// Builds a request with the key and a JSON body.
    func post(
        _ path: String, accept: String, timeouts: ClientRequest.Timeouts? = nil,
        authorization: String? = nil, _ write: (inout JSONWriter) -> Void
    ) -> ClientRequest {
        var writer = JSONWriter()
        writer.beginObject()
        write(&writer)
        writer.endObject()
        var fields = [("Content-Type", "application/json"), ("Accept", accept)]
        if let value = authorization ?? settings.key?.bearer {
            fields.append(("Authorization", value))
        }
        return ClientRequest(
            "POST", settings.url + path, fields: fields, body: writer.bytes,
            timeouts: timeouts ?? settings.timeouts)
    }

    /// Sends a request; a response means that its status is that of success.
    func send(_ request: ClientRequest) async throws(Refusal) -> ClientResponse {
        let response: ClientResponse
        do throws(ClientError) {
            response = try await client.send(request)
        } catch {
            throw Refusal(error: explain(error, request.timeouts))
        }
        guard !(200...299 ~= response.status) else { return response }
        // Without its text, when that does not come.
        let body = (try? await response.collect(upTo: Self.longestError)) ?? []
        guard !Task.isCancelled else { throw Refusal(error: .cancelled) }
        let message = ProviderMessage(body: body)
        let advice = RetryAdvice(
            status: response.status, message: message, field: { response.field($0) })
        throw Refusal(
            error: explain(status: response.status, message, advice.retry), message: message)
    }

    /// A refused request: the error for the caller, and what the provider said for those who know better.
    struct Refusal: Error {
        let error: GenerationError
        var message: ProviderMessage?
    }

    /// Receives a text as it is generated.
    func stream(
        _ response: ClientResponse, _ parser: some AnswerParser,
        timeouts: ClientRequest.Timeouts, receive: (TextPiece) async -> Void
    ) async throws(GenerationError) -> TextResult {
        var answer = StreamedAnswer(parser, limit: Self.longestText)
        var pieces = response.body.makeAsyncIterator()
        do throws(AnswerFault) {
            while !answer.isComplete {
                let piece: [UInt8]?
                do throws(ClientError) {
                    piece = try await pieces.next(isolation: #isolation)
                } catch {
                    throw AnswerFault.failed(explain(error, timeouts))
                }
                guard let piece else { break }
                answer.append(piece)
                while let text = try answer.next() { await receive(TextPiece(text)) }
            }
            if let text = try answer.end() { await receive(TextPiece(text)) }
            response.body.discardRest()
            return try answer.result()
        } catch {
            response.body.abandon()
            throw explain(error, isFirst: !answer.hasText)
        }
    }

    /// Receives a JSON reply in one piece and reads it.
    func read<Value>(
        _ response: ClientResponse, limit: Int, timeouts: ClientRequest.Timeouts,
        _ parse: (inout JSONReader) throws(JSONError) -> Value
    ) async throws(GenerationError) -> Value {
        let body: [UInt8]
        do throws(ClientError) {
            body = try await response.collect(upTo: limit)
        } catch {
            throw explain(error, timeouts)
        }
        do throws(JSONError) {
            var reader = JSONReader(body)
            let value = try parse(&reader)
            try reader.finish()
            return value
        } catch {
            throw explain(error.kind == .unexpectedEnd ? .truncated : .malformed, isFirst: true)
        }
    }
}

/// A parser fed with pieces that are cut anywhere; a value without I/O.
struct StreamedAnswer<Parser: AnswerParser> {
    private var parser: Parser
    private var lines = LineSplitter()
    private var byteCount = 0
    private let limit: Int

    init(_ parser: Parser, limit: Int) {
        self.parser = parser
        self.limit = limit
    }

    /// Whether any of the text has come.
    var hasText: Bool { byteCount > 0 }

    var isComplete: Bool { parser.isComplete }

    mutating func append(_ piece: [UInt8]) {
        lines.append(piece)
    }

    /// The next part of the text; `nil` when more must come first or the text is complete.
    mutating func next() throws(AnswerFault) -> String? {
        while !parser.isComplete, let line = try lines.next() {
            if let text = try parser.take(line) { return try counted(text) }
        }
        return nil
    }

    /// The last part, after all pieces.
    mutating func end() throws(AnswerFault) -> String? {
        guard !parser.isComplete else { return nil }
        var text = ""
        if let line = try lines.rest() {
            do throws(AnswerFault) {
                text += try parser.take(line) ?? ""
            } catch {
                // An object that is not whole was cut off; anything else was never one.
                let isCut = error == .malformed && line.first == UInt8(ascii: "{")
                throw isCut ? .truncated : error
            }
        }
        if !parser.isComplete, let part = try parser.end() { text += part }
        return text.isEmpty ? nil : try counted(text)
    }

    func result() throws(AnswerFault) -> TextResult {
        try parser.result()
    }

    private mutating func counted(_ text: String) throws(AnswerFault) -> String {
        byteCount += text.utf8.count
        guard byteCount <= limit else { throw .tooLong }
        return text
    }
}
