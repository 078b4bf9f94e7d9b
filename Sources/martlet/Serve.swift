internal import Access
internal import Configuration
internal import Hub
internal import Producers
internal import Reactor
internal import Server
internal import Records
internal import Storage
internal import Telemetry
internal import Uploads

/// `martlet serve`: puts the parts together, runs until a signal, and takes them apart in order.
struct Serve {
    let configuration: ServeConfiguration
    let logger: Log
    /// Reads the command line, the variables and the configuration file again.
    let parse: @Sendable () throws -> Command

    init(_ configuration: ServeConfiguration, parse: @escaping @Sendable () throws -> Command) {
        self.configuration = configuration
        self.parse = parse
        logger = Log(level: configuration.logLevel, format: configuration.logFormat)
    }

    /// Serves until SIGTERM or SIGINT and then ends the process; SIGHUP has files read again.
    ///
    /// The calling thread only waits for signals.
    func run() -> Never {
        let passed: ListeningSocket?
        do { passed = try ListeningSocket.takePassed() } catch {
            Process.printError("martlet: \(error)")
            Process.exit(error.exitCode)
        }
        let (signals, signal) = AsyncStream.makeStream(of: ProcessSignal.self)
        let hasStore = Lock(false)
        Task.detached {
            Process.exit(await serve(passed, until: signals) { hasStore.withLock { $0 = true } })
        }
        while true {
            let received = ProcessSignal.wait()
            hasStore.withLock { hasStore in
                // Until then only files are read, so there is nothing to end in order, and a slow
                // disk is not waited for.
                if !hasStore, received == .termination { Process.exit(ExitCode.ok) }
            }
            signal.yield(received)
        }
    }

    private func serve(
        _ passed: ListeningSocket?, until signals: AsyncStream<ProcessSignal>,
        willOpenStore: @Sendable () -> Void
    ) async -> Int32 {
        do {
            let descriptors = Process.raiseDescriptorLimit()
            try checkDescriptors()
            var settings = try Settings(configuration, logger: logger)
            settings.limits.maximumStreams =
                configuration.maximumStreams
                ?? max(descriptors / 2, descriptors - Self.otherDescriptors)
            let certificates = try ServerCertificates(configuration, logger: logger)
            settings.certificates = certificates?.certificates
            try checkKinds()
            let credentials = try HubCredentials(configuration, logger: logger)
            try checkExposure(passed, credentials.gate)
            let keys = try ProviderKeys(configuration, environment: Process.environment)
            willOpenStore()
            let broker = try openBroker()
            settings.uploads = try uploadFolder()
            let jobs = try Jobs(
                configuration, keys: keys, uploads: settings.uploads, broker: broker,
                logger: logger)
            let server = try HubServer(
                settings: settings, passed: passed, broker: broker, api: jobs.api,
                gate: credentials.gate,
                logger: logger)
            // If the store takes writes, the jobs that a killed hub left running are put back
            // before the first connection.
            await jobs.runner.start()
            try await server.start()
            let scheme = certificates == nil ? "http" : "https"
            let url = "\(scheme)://\(server.urlHost):\(server.port)"
            logger.info(
                "Serving",
                ["url": url, "workers": settings.workers, "descriptors": descriptors])
            warnOfUnusedAddress(server)
            Process.printLine("martlet \(Build.version) listening on \(url)")
            let keeping = Task { await credentials.run(for: server) }
            let watching = Task { await certificates?.watch() }
            let parts = [origins(of: server), secrets(of: credentials)] + files(of: certificates)
            for await signal in signals {
                guard signal == .reload else { break }
                await reload(parts)
            }
            keeping.cancel()
            watching.cancel()
            logger.info("Stopping")
            await jobs.runner.stop()
            await server.stop()
            await jobs.api.announceReports()
            await broker.close()
            logger.info("Stopped")
            return ExitCode.ok
        } catch let error as UnusableSetting {
            Process.printError("martlet: \(error)")
            return ExitCode.usage
        } catch let error as StoreFailure {
            Process.printError("martlet: \(error)")
            return ExitCode.store
        } catch let error as ListenError {
            Process.printError("martlet: \(error)")
            return error.exitCode
        } catch {
            Process.printError("martlet: \(error)")
            return ExitCode.software
        }
    }

    /// Checks that there are enough descriptors for the start, because a lack of them in the middle
    /// of it would show in many ways.
    private func checkDescriptors() throws(TooFewDescriptors) {
        let workers = configuration.workers ?? Process.coreCount
        let needed = Self.descriptors + workers * HubServer.descriptorsPerWorker
        guard Process.canOpen(needed) else { throw TooFewDescriptors(needed: needed) }
    }

    /// The descriptors that streams leave for everything else, unless the limit is set by hand.
    ///
    /// Where there are fewer than 200 in all, half of them are left, since a hub that takes no
    /// streams is of no use.
    private static let otherDescriptors = 100

    /// The descriptors for the store's files, its threads, transfers to providers, and some
    /// connections.
    private static let descriptors = 32

    private func warnOfUnusedAddress(_ server: HubServer) {
        let standard = ServeConfiguration()
        let isGiven = configuration.host != standard.host || configuration.port != standard.port
        let isUsed =
            configuration.host == server.host
            && [0, server.port].contains(configuration.port)
        guard isGiven, !isUsed else { return }
        logger.warning(
            "--host and --port are not used: a listening socket was passed by LISTEN_FDS",
            ["host": configuration.host, "port": configuration.port])
    }

    private func checkKinds() throws(UnusableSetting) {
        guard let twice = configuration.externalKinds.first(where: Pipelines.kinds.contains)
        else { return }
        throw UnusableSetting(
            description: "--external-kinds names \(twice), which the hub does itself.")
    }

    /// Refuses to listen without credentials where other machines can connect.
    private func checkExposure(_ passed: ListeningSocket?, _ gate: Gate) throws {
        guard gate.access.isOpen, !configuration.isOpenInsecurely else { return }
        let address =
            try passed.map { try $0.address().host }
            ?? ListeningSocket.address(of: configuration.host)
        if IPAddress(address)?.isLoopback == true { return }
        let listener = passed == nil ? "--host \(configuration.host)" : "The socket that was passed"
        throw UnusableSetting(
            description: """
                \(listener) lets other machines connect, and no credentials are configured: they \
                could read and publish everything. Configure credentials (--api-keys-file, \
                --jwt-secret-file, --jwt-keys-file, --jwt-jwks-url or --url-secret-file), or allow \
                it with --insecure-open.
                """)
    }

    /// Opens the folder of files that clients send, beside the store; `nil` without a store.
    private func uploadFolder() throws -> UploadFolder? {
        guard case .directory(let directory) = configuration.data else { return nil }
        return try UploadFolder(
            path: "\(directory)/uploads", maximumBytes: configuration.uploadBytes)
    }

    private func openBroker() throws -> Broker {
        let tail = LogTailLimits(
            count: min(configuration.memoryEvents, configuration.retentionEvents),
            bytes: min(configuration.memoryBytes, configuration.retentionBytes))
        let age = Int64(configuration.retentionAge.milliseconds)
        guard case .directory(let directory) = configuration.data else {
            return Broker(tail: tail, age: age, logger: logger)
        }
        let retention = LogRetention(
            age: age, count: configuration.retentionEvents, bytes: configuration.retentionBytes)
        do {
            return Broker(
                over: try DurableLog(
                    directory: directory, durability: Synchronous(configuration.durability),
                    retention: retention, tail: tail, logger: logger), tail: tail)
        } catch {
            throw StoreFailure(description: "\(error)")
        }
    }
}

/// The error that the process cannot open as many descriptors as the hub needs.
private struct TooFewDescriptors: Error, CustomStringConvertible {
    let needed: Int

    var description: String {
        "No descriptors left, the hub needs \(needed) for itself; raise the limit (ulimit -n, LimitNOFILE)"
    }
}

extension ListenError {
    fileprivate var exitCode: Int32 {
        switch self {
        case .addressInUse: ExitCode.unavailable
        case .unknownHost, .unusableSocket: ExitCode.usage
        case .failed: ExitCode.software
        }
    }
}

extension HubServer {
    fileprivate var urlHost: String { host.contains(":") ? "[\(host)]" : host }
}

/// The error that a flag's value is well-formed but cannot be used.
struct UnusableSetting: Error, CustomStringConvertible {
    let description: String
}

/// The error that the store cannot be opened.
private struct StoreFailure: Error, CustomStringConvertible {
    let description: String
}

extension Synchronous {
    init(_ durability: ServeConfiguration.Durability) {
        switch durability {
        case .full: self = .full
        case .normal: self = .normal
        case .memory: self = .off
        }
    }
}

extension Settings {
    init(_ configuration: ServeConfiguration, logger: Log) throws(UnusableSetting) {
        self.init()
        if let folder = configuration.web { web = try Self.webApp(in: folder, logger: logger) }
        host = configuration.host
        port = configuration.port
        workers = configuration.workers ?? Process.coreCount
        outbox = OutboxLimits(count: configuration.queueSize, bytes: configuration.queueBytes)
        maximumEventBytes = configuration.eventBytes
        keepalive = configuration.keepalive.milliseconds
        broadcastTimeout = configuration.broadcastTimeout.milliseconds
        headTimeout = configuration.headTimeout.milliseconds
        bodyTimeout = configuration.bodyTimeout.milliseconds
        idleTimeout = configuration.idleTimeout.milliseconds
        shutdownTimeout = configuration.shutdownTimeout.milliseconds
        limits.maximumStreamsPerAddress = configuration.maximumStreamsPerAddress
        limits.maximumStreamsPerSubject = configuration.maximumStreamsPerSubject
        limits.streamRate = configuration.streamRate
        limits.writeRate = configuration.writeRate
        limits.byteRate = configuration.byteRate
        origins = try OriginRules(configuration)
    }

    private static func webApp(in path: String, logger: Log) throws(UnusableSetting) -> WebApp {
        do throws(Files.Failure) {
            let folder = try Files.readAll(in: path, limit: WebApp.mostBytes)
            for (path, reason) in folder.leftOut {
                logger.warning("Left out of the web app", ["path": path, "reason": reason])
            }
            return WebApp(folder.files)
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
