package import Hub
package import Producers
internal import Reactor
package import Telemetry

/// The hub as a running service: workers, each with its loop and its listening socket.
package struct HubServer: Sendable {
    package let settings: Settings
    /// The port that it listens on.
    package let port: Int

    private let workers: [Worker]
    private let log: Log

    /// Takes the address and makes the workers; connections wait in the kernel until `start`.
    ///
    /// - Throws: `ListenError` when the address cannot be taken, `Errno` when the system lacks descriptors.
    package init(settings: Settings, broker: Broker, api: JobAPI? = nil, log: Log) throws {
        let (sockets, port) = try ListeningSocket.open(
            host: settings.host, port: settings.port, count: settings.workers)
        let presence = PresenceBoard(workerCount: settings.workers)
        workers = try sockets.enumerated().map { index, socket in
            Worker(
                index: index, loop: try EventLoop(), listener: socket, broker: broker,
                presence: presence, api: api, settings: settings, log: log)
        }
        self.settings = settings
        self.port = port
        self.log = log
    }

    /// Starts the workers' threads and begins to take connections.
    package func start() async throws {
        for worker in workers {
            try worker.loop.start(name: "worker-\(worker.index)", client: worker)
        }
        for worker in workers { try await worker.start(peers: workers) }
    }

    /// Says farewell to all streams, waits until they have taken it or the time is over, and ends.
    package func stop() async {
        for worker in workers { await worker.stop() }
        let deadline = ContinuousClock.now.advanced(by: .milliseconds(settings.shutdownTimeout))
        var open = await connectionCount
        while open > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
            open = await connectionCount
        }
        if open > 0 { log.warning("Connections were cut off at the end", ["connections": open]) }
        for worker in workers {
            await worker.closeAll()
            worker.loop.stop()
        }
        for worker in workers { worker.loop.join() }
    }

    private var connectionCount: Int {
        get async {
            var sum = 0
            for worker in workers { sum += await worker.connectionCount }
            return sum
        }
    }
}
