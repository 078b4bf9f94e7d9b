internal import Configuration
internal import Generators
internal import Hub
internal import Producers
internal import Reactor
internal import Telemetry

/// The hub's background work, assembled: who does it and who answers for it.
struct Jobs {
    let runner: JobRunner
    let api: JobAPI

    init(_ configuration: ServeConfiguration, keys: ProviderKeys, broker: Broker, log: Log) {
        var settings = JobSettings()
        settings.concurrency = configuration.jobs
        settings.leaseSeconds = configuration.leaseSeconds.inSeconds
        settings.externalKinds = Set(configuration.externalKinds)
        let board = JobBoard()
        runner = JobRunner(
            broker: broker, pipelines: Pipelines.all,
            generators: JobGenerators(configuration, keys: keys), settings: settings, board: board,
            log: log)
        api = JobAPI(
            broker: broker, pipelines: Pipelines.all, settings: settings, runner: runner,
            board: board)
    }
}

/// The keys of the providers; never logged.
struct ProviderKeys {
    private static let longest = 16 << 10

    let text: String?
    let image: String?

    /// Reads the keys from their files or, without, from the environment.
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
            do throws(Errno) {
                text = String(decoding: try Files.read(path, limit: longest), as: UTF8.self)
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
    init(_ configuration: ServeConfiguration, keys: ProviderKeys) {
        self.init(
            text: TempText(rate: Double(configuration.builtinRate)), textTurns: 1000,
            images: TempImages(seconds: configuration.builtinPicture.inSeconds), imageTurns: 1000)
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
