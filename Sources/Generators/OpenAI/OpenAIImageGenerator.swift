package import HTTPClient
internal import JSON

/// Generates pictures with any server that has OpenAI's interface, `/images/generations`.
package struct OpenAIImageGenerator: ImageGenerator {
    package static let usualURL = "https://api.openai.com/v1"
    package static let usualModel = "gpt-image-1"

    /// The most bytes of a picture.
    static let largestPicture = 32 << 20
    /// The most bytes of a reply: such a picture as base64, and 1 MiB for the rest.
    static let largestReply = largestPicture / 3 * 4 + (1 << 20)

    package let provider = "openai"
    private let server: Provider

    /// Makes a generator for a server whose URL ends in `/v1`, or in what it has in its place.
    package init(client: Client, settings: ProviderSettings) {
        server = .openAI(flags: "--image", client: client, settings: settings)
    }

    package var model: String { server.settings.model }

    /// Generates one picture, and reports nothing because the interface tells of no progress.
    package func generate(
        _ request: ImageRequest, report: (ImageProgress) async -> Void
    ) async throws(GenerationError) -> Picture {
        let timeouts = server.settings.timeouts.forWholePicture
        let response = try await server.send(optional: ["size", "n"]) { left in
            clientRequest(request, timeouts, left)
        }
        guard let reply = try await read(response, timeouts) else {
            throw server.explainNoPicture()
        }
        if let base64 = reply.base64 {
            guard let picture = PictureFormat.picture(base64: base64) else {
                throw server.explainNoPicture()
            }
            return picture
        }
        guard let url = reply.url else { throw server.explainNoPicture() }
        return try await fetch(url)
    }

    private struct Reply {
        var base64: String?
        var url: String?
    }

    private func clientRequest(
        _ request: ImageRequest, _ timeouts: ClientRequest.Timeouts, _ left: Set<String>
    ) -> ClientRequest {
        server.post("/images/generations", accept: "application/json", timeouts: timeouts) { json in
            if !model.isEmpty {
                json.member("model", model)
            }
            json.member("prompt", request.prompt)
            if !left.contains("n") {
                json.member("n", 1)
            }
            if !left.contains("size") {
                json.member("size", size(of: request))
            }
        }
    }

    /// Returns the requested size, or for OpenAI's own models, which have few sizes, the nearest
    /// shape.
    private func size(of request: ImageRequest) -> String {
        let (width, height) = (request.width, request.height)
        guard ["gpt-image", "dall-e", "chatgpt-image"].contains(where: model.hasPrefix) else {
            return "\(width)x\(height)"
        }
        let long = model.hasPrefix("dall-e") ? 1792 : 1536
        if width == height || model == "dall-e-2" { return "1024x1024" }
        return width > height ? "\(long)x1024" : "1024x\(long)"
    }

    private func read(
        _ response: ClientResponse, _ timeouts: ClientRequest.Timeouts
    ) async throws(GenerationError) -> Reply? {
        try await server.read(response, limit: Self.largestReply, timeouts: timeouts) {
            (reader) throws(JSONError) in
            var reply = Reply()
            try reader.readMembers { (reader, key) throws(JSONError) in
                guard key == "data" else { return }
                try reader.readElements { (reader) throws(JSONError) in
                    try reader.readMembers { (reader, key) throws(JSONError) in
                        switch key {
                        case "b64_json": reply.base64 = try reader.readText() ?? reply.base64
                        case "url": reply.url = try reader.readText() ?? reply.url
                        default: break
                        }
                    }
                }
            }
            return reply.base64 == nil && reply.url == nil ? nil : reply
        }
    }

    /// Returns the URL of a path on the provider's own server, and any other URL as it is.
    private func absolute(_ url: String) -> String {
        guard url.hasPrefix("/"), !url.hasPrefix("//") else { return url }
        let base = server.settings.url
        let authority = base.firstIndex(of: "/").map { base[$0...].drop { $0 == "/" } } ?? ""
        return base[..<authority.startIndex] + authority.prefix { $0 != "/" } + url
    }

    /// Fetches a picture to which the reply points, without sending the key.
    private func fetch(_ url: String) async throws(GenerationError) -> Picture {
        let bytes: [UInt8]
        do throws(ClientError) {
            let response = try await server.client.send(
                ClientRequest(
                    "GET", absolute(url), timeouts: server.settings.timeouts,
                    followsRedirects: true))
            guard response.status == 200 else {
                throw ClientError(.other, reason: "status \(response.status)")
            }
            bytes = try await response.collect(upTo: Self.largestPicture)
        } catch {
            if error.kind == .cancelled { throw .cancelled }
            throw GenerationError(
                "The picture that \(server.place) points to cannot be fetched "
                    + "(\(server.quoted(error.reason))).",
                retry: error.kind == .tooLarge || error.kind == .invalidURL ? .never : .later)
        }
        guard let picture = PictureFormat.picture(bytes) else { throw server.explainNoPicture() }
        return picture
    }
}

extension ClientRequest.Timeouts {
    /// The timeouts for a picture, without `stall`, as a picture comes in one piece after a long
    /// silence.
    var forWholePicture: Self {
        Self(connect: connect, stall: 0, total: total)
    }
}

extension Provider {
    /// Makes the error for a reply without a picture that browsers show.
    func explainNoPicture() -> GenerationError {
        GenerationError(
            "\(place) sent no PNG, JPEG or WebP picture. Check "
                + "\(flags)-url and \(flags)-model.", retry: .never)
    }
}
