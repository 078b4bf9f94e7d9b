package import Hub
package import Producers
package import Reactor
package import Telemetry

/// The hub as a running service: workers, each with its loop, and the sockets that they listen on.
package struct HubServer: Sendable {
    package let settings: Settings
    /// The host as it was given; for a socket that was passed to the process, its numeric address.
    package let host: String
    /// The port that it listens on.
    package let port: Int

    /// The descriptors that each worker holds: two of its loop, its listening socket, and its share
    /// of the reserve.
    package static let descriptorsPerWorker = 3 + Acceptor.reserveSize

    let workers: [Worker]
    /// Whether the listening sockets have a loopback address.
    private let isLoopback: Bool
    /// Whether requests need credentials.
    private let isLocked: Bool
    private let gate: Gate
    private let logger: Log

    /// Takes the address and makes the workers; connections wait in the kernel until `start`.
    ///
    /// A `passed` socket listens already, and is used in place of the address in `settings`.
    ///
    /// - Throws: `ListenError` when the address cannot be taken, `Errno` when the system lacks
    ///   descriptors.
    package init(
        settings: Settings, passed: ListeningSocket? = nil, broker: Broker, api: JobAPI? = nil,
        gate: Gate? = nil, logger: Log
    ) throws {
        let gate = gate ?? Gate.open(logger: logger)
        let sockets: [ListeningSocket]
        if let passed {
            sockets = Array(repeating: passed, count: settings.workers)
            (host, port) = try passed.address()
        } else {
            host = settings.host
            (sockets, port) = try ListeningSocket.open(
                host: settings.host, port: settings.port, count: settings.workers)
        }
        // The address that was taken decides, since a name may stand for any.
        let address = try sockets.first?.address().host
        isLoopback = address.flatMap(IPAddress.init)?.isLoopback ?? false
        isLocked = !gate.isOpen
        self.gate = gate
        let origins = OriginPolicy(
            settings.origins, isLoopback: isLoopback, isLocked: isLocked)
        let limiter = Limiter(settings.limits)
        let presence = PresenceBoard(workerCount: settings.workers)
        let members = MemberBoard(workerCount: settings.workers)
        let cutOffs = CutOffNotice()
        let reserve = DescriptorReserve(capacity: settings.workers * Acceptor.reserveSize)
        let rotation = passed == nil ? nil : Rotation(count: settings.workers)
        workers = try sockets.enumerated().map { index, socket in
            Worker(
                index: index, loop: try EventLoop(), listener: socket, rotation: rotation,
                reserve: reserve, broker: broker, presence: presence, members: members,
                cutOffs: cutOffs, api: api, gate: gate, limiter: limiter, origins: origins,
                settings: settings, logger: logger)
        }
        self.settings = settings
        self.logger = logger
    }

    /// Starts the workers' threads and begins to take connections.
    package func start() async throws {
        for worker in workers {
            try worker.loop.start(name: "worker-\(worker.index)", client: worker)
        }
        for worker in workers { await worker.meet(workers) }
        for worker in workers { try await worker.listen() }
    }

    /// Ends the streams that were opened with these API keys, because the keys were revoked.
    package func endStreams(ofKeys names: [String]) async {
        for name in names {
            for worker in workers { _ = await worker.disconnect(.key(name)) }
        }
    }

    /// Takes other rules for hosts and origins, for requests that begin from now on.
    package func take(_ rules: OriginRules) async {
        let policy = OriginPolicy(rules, isLoopback: isLoopback, isLocked: isLocked)
        for worker in workers { await worker.take(policy) }
    }

    /// Ends all streams with `closing`, waits until clients have read it or the time is over, and
    /// stops the workers.
    ///
    /// Clients that connect meanwhile are answered. The listening sockets are closed when all
    /// connections that were open before have ended.
    package func stop() async {
        for worker in workers { await worker.stop() }
        let deadline = ContinuousClock.now.advanced(by: .milliseconds(settings.shutdownTimeout))
        await wait(until: deadline, forNo: \.earlier)
        for worker in workers { await worker.endListening() }
        let open = await wait(until: deadline, forNo: \.all)
        if open > 0 { logger.warning("Connections were cut off at the end", ["connections": open]) }
        for worker in workers {
            await worker.closeAll()
            worker.loop.stop()
        }
        for worker in workers { worker.loop.join() }
        gate.logOmitted()
    }

    /// Waits until a count of connections, summed over all workers, is 0 or the time is over.
    ///
    /// - Returns: the count at the end.
    @discardableResult
    private func wait(
        until deadline: ContinuousClock.Instant,
        forNo count: KeyPath<Worker.OpenCounts, Int>
    ) async -> Int {
        while true {
            var open = 0
            for worker in workers { open += await worker.openCounts[keyPath: count] }
            if open == 0 || ContinuousClock.now >= deadline { return open }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }
}
