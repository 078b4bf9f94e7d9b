package import HTTPClient
internal import JSON

/// Generates texts with Ollama's own interface, `/api/chat` (docs/api.md of ollama/ollama).
package struct OllamaTextGenerator: TextGenerator {
    package static let usualURL = "http://127.0.0.1:11434"
    package static let usualModel = "llama3.2"

    package let provider = "ollama"
    private let server: Provider

    package init(client: Client, settings: ProviderSettings) {
        server = Provider(
            name: "Ollama", flags: "--text",
            startHint: "Start it with `ollama serve` or check --text-url.",
            modelHint: "Get the model with `ollama pull \(settings.model)` or check --text-model "
                + "and --text-url.",
            client: client, settings: settings)
    }

    package var model: String { server.settings.model }

    package func generate(
        _ request: TextRequest, receive: (TextPiece) async -> Void
    ) async throws(GenerationError) -> TextResult {
        // Versions before 0.5 do not accept a schema as the format.
        let response = try await server.send(optional: ["format", "seed"]) { left in
            clientRequest(request, left)
        }
        return try await server.stream(
            response, OllamaAnswer(), timeouts: server.settings.timeouts, receive: receive)
    }

    private func clientRequest(_ request: TextRequest, _ left: Set<String>) -> ClientRequest {
        server.post("/api/chat", accept: "application/x-ndjson") { json in
            let hasFormat = !left.contains("format")
            json.member("model", model)
            json.key("messages")
            json.messages(of: request, asksForSchema: !hasFormat)
            json.member("stream", true)
            if hasFormat, let schema = request.schema {
                json.member("format", json: Array(schema.utf8))
            }
            json.key("options")
            json.beginObject()
            if !left.contains("seed") {
                json.member("seed", request.seed.asProviderSeed)
            }
            json.member("num_predict", request.maximumTokens)
            json.endObject()
        }
    }
}
