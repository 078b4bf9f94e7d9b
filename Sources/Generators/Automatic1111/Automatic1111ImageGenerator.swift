package import HTTPClient
internal import JSON

/// Generates pictures with AUTOMATIC1111's web UI, and with forks that kept its interface,
/// `/sdapi/v1`.
///
/// The reply comes in one piece, after minutes. Meanwhile the server is asked for its progress,
/// which also shows that it is alive.
package struct Automatic1111ImageGenerator: ImageGenerator {
    package static let usualURL = "http://127.0.0.1:7860"

    private static let steps = 20
    /// Members that forks may not know, and which are left out if they are refused.
    private static let optional = ["force_task_id", "seed", "override_settings_restore_afterwards"]
    /// The most seconds for the request to stop.
    private static let interruptTime = 1.0

    package let provider = "automatic1111"
    private let server: Provider
    private let interval: Duration

    /// Makes a generator that asks the server for its progress once in each interval.
    ///
    /// In the settings, an empty model means the one that the server has loaded. A key with a colon
    /// is a name and a password (`--api-auth`).
    package init(
        client: Client, settings: ProviderSettings, interval: Duration = .milliseconds(500)
    ) {
        server = Provider(
            name: "AUTOMATIC1111", flags: "--image",
            startHint: "Start it with `--api` or check --image-url.",
            modelHint: "Start it with `--api`, or check --image-url and --image-model.",
            client: client, settings: settings)
        self.interval = interval
    }

    package var model: String { server.settings.model }

    package func generate(
        _ request: ImageRequest, report: (ImageProgress) async -> Void
    ) async throws(GenerationError) -> Picture {
        let task = "task(martlet-\(UInt64.random(in: .min ... .max)))"
        let watch = ProgressWatch(server, task: task, interval: interval)
        let (progress, source) = AsyncStream.makeStream(
            of: ImageProgress.self, bufferingPolicy: .bufferingNewest(1))
        let result = await withTaskGroup(of: Event.self) { group in
            group.addTask {
                defer { source.finish() }
                return .painted(await paint(request, task))
            }
            group.addTask {
                guard let error = await watch.run({ source.yield($0) }) else { return .unwatched }
                source.finish()
                return .silent(error)
            }
            for await step in progress { await report(step) }
            defer { group.cancelAll() }
            while let event = await group.next() {
                switch event {
                case .painted(let result): return result
                case .silent(let error): return .failure(error)
                case .unwatched: break
                }
            }
            return .failure(.cancelled)
        }
        do throws(GenerationError) {
            return try result.get()
        } catch {
            if error.retry != .never { await interrupt(watch) }
            throw error
        }
    }

    private enum Event: Sendable {
        case painted(Result<Picture, GenerationError>)
        case silent(GenerationError)
        case unwatched
    }

    private func paint(
        _ request: ImageRequest, _ task: String
    ) async -> Result<Picture, GenerationError> {
        let timeouts = server.settings.timeouts.forWholePicture
        do throws(GenerationError) {
            let response = try await server.send(optional: Self.optional) { left in
                clientRequest(request, task, timeouts, left)
            }
            let base64 = try await server.read(
                response, limit: OpenAIImageGenerator.largestReply, timeouts: timeouts
            ) { (reader) throws(JSONError) in try Self.readPicture(&reader) }
            guard let picture = base64.flatMap(PictureFormat.picture(base64:)) else {
                throw server.explainNoPicture()
            }
            return .success(picture)
        } catch {
            return .failure(error)
        }
    }

    private func clientRequest(
        _ request: ImageRequest, _ task: String, _ timeouts: ClientRequest.Timeouts,
        _ left: Set<String>
    ) -> ClientRequest {
        server.post(
            "/sdapi/v1/txt2img", accept: "application/json", timeouts: timeouts,
            authorization: server.settings.key?.basicOrBearer
        ) { json in
            json.member("prompt", request.prompt)
            json.member("steps", Self.steps)
            // The models work on squares of 8 by 8.
            json.member("width", max(64, request.width / 8 * 8))
            json.member("height", max(64, request.height / 8 * 8))
            if !left.contains("seed") {
                json.member("seed", request.seed.asProviderSeed)
            }
            if !left.contains("force_task_id") {
                json.member("force_task_id", task)
            }
            guard !model.isEmpty else { return }
            json.key("override_settings")
            json.beginObject()
            json.member("sd_model_checkpoint", model)
            json.endObject()
            guard !left.contains("override_settings_restore_afterwards") else { return }
            // Loading the previous model again takes longer than a picture.
            json.member("override_settings_restore_afterwards", false)
        }
    }

    /// Returns the first of the pictures, as base64.
    private static func readPicture(_ reader: inout JSONReader) throws(JSONError) -> String? {
        var picture: String?
        try reader.readMembers { (reader, key) throws(JSONError) in
            guard key == "images" else { return }
            try reader.readElements { (reader) throws(JSONError) in
                if picture == nil { picture = try reader.readText() }
            }
        }
        return picture
    }

    /// Tells the server to stop, in a task of its own because this one may be cancelled.
    ///
    /// The server goes on with its work when its client has gone, unless it is told to stop. The
    /// request to stop ends whatever runs there. So the server is asked first whether that is this
    /// task, and not another one behind which this task waits.
    private func interrupt(_ watch: ProgressWatch) async {
        let timeouts = ClientRequest.Timeouts(
            connect: Self.interruptTime, stall: 0, total: Self.interruptTime)
        let request = server.post(
            "/sdapi/v1/interrupt", accept: "application/json", timeouts: timeouts,
            authorization: server.settings.key?.basicOrBearer, isRepeatable: true
        ) { _ in }
        let client = server.client
        await Task {
            guard await watch.isRunning(within: Self.interruptTime) else { return }
            try? await client.send(request).body.discardRest()
        }.value
    }
}
