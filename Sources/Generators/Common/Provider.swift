internal import HTTPClient
internal import JSON

/// Sends requests to a provider and reads its responses, with each fault as a `GenerationError`.
struct Provider: Sendable {
    /// The name in sentences, such as `Ollama`.
    let name: String
    /// The beginning of the names of its flags: `--text` or `--image`.
    let flags: String
    /// A sentence on what helps when the server does not answer.
    let startHint: String
    /// A sentence on what helps when the server does not know the model.
    let modelHint: String
    let client: Client
    let settings: ProviderSettings

    /// The most bytes of an error's body that are read.
    private static let maximumError = 64 << 10
    /// The most bytes of a text, far more than the requested tokens need.
    private static let maximumText = 4 << 20

    /// Builds a request with the key and a JSON body.
    ///
    /// The provider's work costs money, so the request is not sent twice unless it is repeatable.
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

    /// Sends a request.
    ///
    /// - Returns: a response with the status of a success.
    /// - Throws: `Refusal` for any other status, and for a failed connection.
    func send(_ request: ClientRequest) async throws(Refusal) -> ClientResponse {
        let response: ClientResponse
        do throws(ClientError) {
            response = try await client.send(request)
        } catch {
            throw Refusal(error: explain(error, request.timeouts))
        }
        guard !(200...299 ~= response.status) else { return response }
        // If the body does not come, the error has no text of the provider.
        let body = (try? await response.collect(upTo: Self.maximumError)) ?? []
        guard !Task.isCancelled else { throw Refusal(error: .cancelled) }
        let message = ProviderMessage(body: body)
        let advice = RetryAdvice(
            status: response.status, message: message, field: { response.field($0) })
        throw Refusal(
            error: explain(status: response.status, message, advice.retry),
            status: response.status, message: message)
    }

    /// A failed request: the error for the caller, and the provider's status and message.
    struct Refusal: Error {
        let error: GenerationError
        var status = 0
        var message: ProviderMessage?
    }

    /// Sends a request, and again without those `optional` members that the provider refuses.
    ///
    /// The provider refuses before it does any work, so nothing is paid for twice. `make` gets the
    /// names of the members to leave out.
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
    /// If `parse` returns `nil`, the reply is searched for an error, as some servers report errors
    /// with the status of a success.
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
