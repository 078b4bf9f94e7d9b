internal import Configuration
internal import Hub
internal import Producers
internal import Reactor
internal import Server
internal import Telemetry

/// `martlet serve`: puts the parts together, runs until a signal, and takes them apart in order.
struct Serve {
    private let configuration: ServeConfiguration
    private let log: Log

    init(_ configuration: ServeConfiguration) {
        self.configuration = configuration
        log = Log(level: configuration.logLevel, format: configuration.logFormat)
    }

    /// Serves until SIGTERM, SIGINT or SIGHUP and ends the process; the calling thread only waits for signals.
    func run() -> Never {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self)
        Task.detached { Process.exit(await serve(until: signals)) }
        while true {
            TerminationSignals.wait()
            signal.yield()
        }
    }

    private func serve(until signals: AsyncStream<Void>) async -> Int32 {
        do {
            let descriptors = Process.raiseDescriptorLimit()
            let settings = try Settings(configuration)
            try checkKinds()
            let keys = try ProviderKeys(configuration, environment: Process.environment)
            let broker = try openBroker()
            let jobs = try Jobs(configuration, keys: keys, broker: broker, log: log)
            let server = try HubServer(
                settings: settings, broker: broker, api: jobs.api, log: log)
            // Before anyone can ask: what a killed hub left behind is put right first.
            await jobs.runner.start()
            try await server.start()
            let url = "http://\(urlHost):\(server.port)"
            log.info(
                "Serving",
                ["url": url, "workers": settings.workers, "descriptors": descriptors])
            Process.printLine("martlet \(Build.version) listening on \(url)")
            for await _ in signals { break }
            log.info("Stopping")
            await jobs.runner.stop()
            await server.stop()
            await broker.close()
            log.info("Stopped")
            return ExitCode.ok
        } catch let error as UnusableSetting {
            Process.printError("martlet: \(error)")
            return ExitCode.usage
        } catch let error as StoreFailure {
            Process.printError("martlet: \(error)")
            return ExitCode.store
        } catch let error as ListenError {
            Process.printError("martlet: \(error)")
            switch error {
            case .addressInUse: return ExitCode.unavailable
            case .unknownHost: return ExitCode.usage
            case .failed: return ExitCode.software
            }
        } catch {
            Process.printError("martlet: \(error)")
            return ExitCode.software
        }
    }

    private func checkKinds() throws(UnusableSetting) {
        let own = Pipelines.all.map { type(of: $0).kind }
        guard let twice = configuration.externalKinds.first(where: own.contains) else { return }
        throw UnusableSetting(
            description: "--external-kinds names \(twice), which the hub does itself.")
    }

    private func openBroker() throws -> Broker {
        let tail = LogTailLimits(
            count: min(configuration.memoryEvents, configuration.retentionEvents),
            bytes: min(configuration.memoryBytes, configuration.retentionBytes))
        let age = Int64(configuration.retentionAge.milliseconds)
        guard case .directory(let directory) = configuration.data else {
            return Broker(tail: tail, age: age, log: log)
        }
        let retention = LogRetention(
            age: age, count: configuration.retentionEvents, bytes: configuration.retentionBytes)
        do {
            return Broker(
                log: try DurableLog(
                    directory: directory, durability: Durability(configuration.durability),
                    retention: retention, tail: tail, log: log), tail: tail)
        } catch {
            throw StoreFailure(description: "\(error)")
        }
    }

    private var urlHost: String {
        configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
    }
}

/// A flag's value that is well-formed and cannot be used.
struct UnusableSetting: Error, CustomStringConvertible {
    let description: String
}

/// The store cannot be opened.
private struct StoreFailure: Error, CustomStringConvertible {
    let description: String
}

extension Durability {
    init(_ durability: ServeConfiguration.Durability) {
        switch durability {
        case .full: self = .full
        case .normal: self = .normal
        case .memory: self = .memory
        }
    }
}

extension Settings {
    init(_ configuration: ServeConfiguration) throws(UnusableSetting) {
        self.init()
        if let folder = configuration.web { web = try Self.webApp(in: folder) }
        host = configuration.host
        port = configuration.port
        workers = configuration.workers ?? Process.coreCount
        outbox = OutboxLimits(count: configuration.queueSize, bytes: configuration.queueBytes)
        keepalive = configuration.keepalive.milliseconds
        broadcastTimeout = configuration.broadcastTimeout.milliseconds
        headTimeout = configuration.headTimeout.milliseconds
        bodyTimeout = configuration.bodyTimeout.milliseconds
        idleTimeout = configuration.idleTimeout.milliseconds
        shutdownTimeout = configuration.shutdownTimeout.milliseconds
    }

    private static func webApp(in folder: String) throws(UnusableSetting) -> WebApp {
        do throws(Errno) {
            return WebApp(try Files.readAll(in: folder, limit: WebApp.mostBytes))
        } catch {
            throw UnusableSetting(
                description: "--web cannot be read (\(error)); build the app first.")
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
