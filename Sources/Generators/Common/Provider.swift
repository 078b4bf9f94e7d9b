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
    private static let maximumError = 64 << 10
    /// Bytes of a text at most, far beyond what tokens are asked for.
    private static let maximumText = 4 << 20

    /// Builds a request with the key and a JSON body; what it asks for costs money unless it is
    /// repeatable.
    func post(
        _ path: String, accept: String, timeouts: ClientRequest.Timeouts? = nil,
        authorization: String? = nil, isRepeatable: Bool = false,
        _ write: (inout JSONWriter) -> Void
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
            timeouts: timeouts ?? settings.timeouts, isRepeatable: isRepeatable)
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
        let body = (try? await response.collect(upTo: Self.maximumError)) ?? []
        guard !Task.isCancelled else { throw Refusal(error: .cancelled) }
        let message = ProviderMessage(body: body)
        let advice = RetryAdvice(
            status: response.status, message: message, field: { response.field($0) })
        throw Refusal(
            error: explain(status: response.status, message, advice.retry),
            status: response.status, message: message)
    }

    /// A refused request: the error for the caller, and what the provider said for those who know
    /// better.
    struct Refusal: Error {
        let error: GenerationError
        var status = 0
        var message: ProviderMessage?
    }

    /// Sends a request, and again without those of its `optional` members that the provider says it
    /// does not take.
    ///
    /// Such an answer comes before any work, so nothing is paid for twice. `make` gets the names of
    /// what to leave out.
    func send(
        optional: [String], _ make: (_ left: Set<String>) -> ClientRequest
    ) async throws(GenerationError) -> ClientResponse {
        var left: Set<String> = []
        while true {
            do throws(Refusal) {
                return try await send(make(left))
            } catch {
                guard error.status == 400 || error.status == 422, let message = error.message,
                    !message.isForContent
                else { throw error.error }
                let named = Set(optional.filter(message.names)).subtracting(left)
                guard !named.isEmpty else { throw error.error }
                left.formUnion(named)
            }
        }
    }

    /// Receives a text as it is generated.
    func stream(
        _ response: ClientResponse, _ parser: some AnswerParser,
        timeouts: ClientRequest.Timeouts, receive: (TextPiece) async -> Void
    ) async throws(GenerationError) -> TextResult {
        var answer = StreamedAnswer(parser, limit: Self.maximumText)
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
                while let piece = try answer.next() { await receive(piece) }
            }
            if let piece = try answer.end() { await receive(piece) }
            response.body.discardRest()
            return try answer.result()
        } catch {
            response.body.abandon()
            throw explain(error, isFirst: !answer.hasBegun)
        }
    }

    /// Receives a JSON reply in one piece and reads it.
    ///
    /// Where `parse` finds nothing of use, an error is looked for in the reply, whose status was
    /// that of success.
    func read<Value>(
        _ response: ClientResponse, limit: Int, timeouts: ClientRequest.Timeouts,
        _ parse: (inout JSONReader) throws(JSONError) -> Value?
    ) async throws(GenerationError) -> Value? {
        let body: [UInt8]
        do throws(ClientError) {
            body = try await response.collect(upTo: limit)
        } catch {
            throw explain(error, timeouts)
        }
        let value: Value?
        do throws(JSONError) {
            var reader = JSONReader(body)
            value = try parse(&reader)
            try reader.finish()
        } catch {
            throw explain(error.kind == .unexpectedEnd ? .truncated : .malformed, isFirst: true)
        }
        guard value == nil else { return value }
        let message = ProviderMessage(body: body)
        if message.text != nil { throw explain(.reported(message), isFirst: true) }
        return nil
    }
}
