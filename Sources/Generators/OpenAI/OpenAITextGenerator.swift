package import HTTPClient
internal import JSON

/// Generates texts with any server that has OpenAI's interface, `/chat/completions`: OpenAI,
/// llama.cpp, vLLM, LiteLLM and others.
package struct OpenAITextGenerator: TextGenerator {
    package static let usualURL = "https://api.openai.com/v1"
    package static let usualModel = "gpt-4o-mini"

    package let provider = "openai"
    private let server: Provider

    /// Makes a generator for a server whose URL ends in `/v1`, or in what it has in its place.
    package init(client: Client, settings: ProviderSettings) {
        server = .openAI(flags: "--text", client: client, settings: settings)
    }

    package var model: String { server.settings.model }

    package func generate(
        _ request: TextRequest, receive: (TextPiece) async -> Void
    ) async throws(GenerationError) -> TextResult {
        try await server.stream(
            try await send(request), OpenAIAnswer(), timeouts: server.settings.timeouts,
            receive: receive)
    }

    /// Members that are left out of a second request if the server says that it does not take them.
    private static let optional = ["max_tokens", "seed", "stream_options", schemaMember]
    private static let schemaMember = "response_format"

    private func send(_ request: TextRequest) async throws(GenerationError) -> ClientResponse {
        try await server.send(optional: Self.optional) { left in clientRequest(request, left) }
    }

    private func clientRequest(_ request: TextRequest, _ left: Set<String>) -> ClientRequest {
        server.post("/chat/completions", accept: "text/event-stream") { json in
            let hasFormat = !left.contains(Self.schemaMember)
            json.member("model", model)
            json.key("messages")
            json.messages(of: request, asksForSchema: !hasFormat)
            json.member("stream", true)
            if !left.contains("stream_options") {
                json.key("stream_options")
                json.beginObject()
                json.member("include_usage", true)
                json.endObject()
            }
            // Many servers know only the old name, OpenAI's newer models only the new one.
            json.key(left.contains("max_tokens") ? "max_completion_tokens" : "max_tokens")
            json.integer(request.maximumTokens)
            if !left.contains("seed") {
                json.member("seed", request.seed.asProviderSeed)
            }
            if hasFormat, let schema = request.schema {
                json.key(Self.schemaMember)
                json.schemaFormat(schema)
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func schemaFormat(_ schema: String) {
        beginObject()
        key("type")
        string("json_schema")
        key("json_schema")
        beginObject()
        key("name")
        string("answer")
        key("schema")
        raw(Array(schema.utf8))
        endObject()
        endObject()
    }
}

extension Provider {
    static func openAI(flags: String, client: Client, settings: ProviderSettings) -> Provider {
        let isOpenAI = settings.url.hasPrefix("https://api.openai.com/")
        return Provider(
            name: isOpenAI ? "OpenAI" : "The OpenAI-compatible server", flags: flags,
            startHint: isOpenAI
                ? "Check the network and \(flags)-url." : "Start it or check \(flags)-url.",
            modelHint: "Check \(flags)-model (now `\(settings.model)`) and \(flags)-url, which "
                + "ends in /v1 with most servers.",
            client: client, settings: settings)
    }
}
