internal import Configuration
internal import Generators
internal import HTTPClient
internal import Hub
internal import Producers
internal import Reactor
internal import Telemetry
internal import Uploads

/// The parts that do the hub's jobs and answer requests about them, assembled.
struct Jobs {
    let runner: JobRunner
    let api: JobAPI

    init(
        _ configuration: ServeConfiguration, keys: ProviderKeys, uploads: UploadFolder?,
        broker: Broker,
        logger: Log
    ) throws {
        var settings = JobSettings()
        settings.concurrency = configuration.jobs
        settings.leaseSeconds = configuration.leaseSeconds.inSeconds
        settings.resultAge = Int64(configuration.resultAge.inSeconds * 1000)
        settings.externalKinds = Set(configuration.externalKinds)
        settings.uploads = uploads
        let pipelines = try Pipelines.all(uploads: uploads)
        let board = JobBoard()
        runner = JobRunner(
            broker: broker, pipelines: pipelines,
            generators: try JobGenerators(configuration, keys: keys), settings: settings,
            board: board,
            logger: logger)
        api = JobAPI(
            broker: broker, pipelines: pipelines, settings: settings, runner: runner,
            board: board)
    }
}

/// The keys of the providers, which are never logged.
struct ProviderKeys {
    /// Bytes of a file with a key.
    private static let maximumKey = 16 << 10

    let text: String?
    let image: String?

    /// Reads the keys from their files or, where no file is given, from the environment.
    init(
        _ configuration: ServeConfiguration, environment: [String: String]
    ) throws(UnusableSetting) {
        text = try Self.key(
            "--text-key-file", configuration.textServer.keyFile, environment["MARTLET_TEXT_KEY"])
        image = try Self.key(
            "--image-key-file", configuration.imageServer.keyFile,
            environment["MARTLET_IMAGE_KEY"])
    }

    private static func key(
        _ flag: String, _ path: String?, _ variable: String?
    ) throws(UnusableSetting) -> String? {
        var text = variable ?? ""
        if let path {
            do throws(Files.Failure) {
                text = String(decoding: try Files.read(path, limit: maximumKey), as: UTF8.self)
            } catch {
                throw UnusableSetting(description: "\(flag) cannot be read (\(error)).")
            }
        }
        let words = text.split { $0.isWhitespace }
        guard words.count <= 1 else {
            throw UnusableSetting(description: "\(flag) holds more than a key.")
        }
        return words.first.map(String.init)
    }
}

extension JobGenerators {
    /// The number of requests that a built-in generator gets at once.
    private static let ownTurns = 1000

    init(
        _ configuration: ServeConfiguration, keys: ProviderKeys
    ) throws(ClientError) {
        let client = try Client(
            proxies: ProxySettings(
                stated: configuration.providerProxy, source: "--provider-proxy"))
        let (text, textTurns) = Self.text(configuration, key: keys.text, client)
        let (images, imageTurns) = Self.images(configuration, key: keys.image, client)
        self.init(
            text: text, textTurns: configuration.textServer.concurrency ?? textTurns,
            images: images, imageTurns: configuration.imageServer.concurrency ?? imageTurns,
            maximumTokens: configuration.textMaximumTokens)
    }

    private static func text(
        _ configuration: ServeConfiguration, key: String?, _ client: Client
    ) -> (any TextGenerator, turns: Int) {
        func settings(_ url: String, _ model: String) -> ProviderSettings {
            ProviderSettings(
                configuration.textServer, url, model, key: key,
                timeouts: ClientRequest.Timeouts(
                    stall: configuration.stallTimeout.inSeconds,
                    start: configuration.startTimeout.inSeconds))
        }
        switch configuration.textProvider {
        case .builtin:
            let rate = Double(configuration.builtinRate)
            return (BuiltinGenerators.text(tokensPerSecond: rate), ownTurns)
        case .ollama:
            let usual = settings(OllamaTextGenerator.usualURL, OllamaTextGenerator.usualModel)
            return (OllamaTextGenerator(client: client, settings: usual), 1)
        case .openai:
            let usual = settings(OpenAITextGenerator.usualURL, OpenAITextGenerator.usualModel)
            return (OpenAITextGenerator(client: client, settings: usual), 16)
        }
    }

    private static func images(
        _ configuration: ServeConfiguration, key: String?, _ client: Client
    ) -> (any ImageGenerator, turns: Int) {
        func settings(_ url: String, _ model: String) -> ProviderSettings {
            ProviderSettings(
                configuration.imageServer, url, model, key: key,
                timeouts: ClientRequest.Timeouts(stall: configuration.stallTimeout.inSeconds))
        }
        switch configuration.imageProvider {
        case .builtin:
            let seconds = configuration.builtinPicture.inSeconds
            return (BuiltinGenerators.images(secondsPerPicture: seconds), ownTurns)
        case .openai:
            let usual = settings(OpenAIImageGenerator.usualURL, OpenAIImageGenerator.usualModel)
            return (OpenAIImageGenerator(client: client, settings: usual), 4)
        case .automatic1111:
            let usual = settings(Automatic1111ImageGenerator.usualURL, "")
            return (Automatic1111ImageGenerator(client: client, settings: usual), 1)
        }
    }
}

extension ProviderSettings {
    fileprivate init(
        _ server: ServeConfiguration.ProviderServer, _ usualURL: String, _ usualModel: String,
        key: String?, timeouts: ClientRequest.Timeouts
    ) {
        self.init(
            url: server.url ?? usualURL, model: server.model ?? usualModel, key: key,
            timeouts: timeouts)
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
