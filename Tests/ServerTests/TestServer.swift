import Hub
import Reactor
import Telemetry

@testable import Server

/// A hub of this process on a port of its own.
struct TestServer {
    let server: HubServer
    let broker: Broker
    /// Every connection made: it stays open to the end of the test, or until the test closes it.
    private let clients = Clients()

    /// Takes the address; connections wait until `start`.
    init(
        tail: LogTailLimits = .init(count: 10_000, bytes: 1 << 28),
        _ configure: (inout Settings) -> Void = { _ in }
    ) throws {
        var settings = Settings()
        settings.port = 0
        settings.shutdownTimeout = 2_000
        configure(&settings)
        broker = Broker(tail: tail)
        server = try HubServer(settings: settings, broker: broker, logger: Log(level: .error))
    }

    /// Serves while `body` runs.
    static func run(
        tail: LogTailLimits = .init(count: 10_000, bytes: 1 << 28),
        with configure: (inout Settings) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let hub = try TestServer(tail: tail, configure)
        try await hub.server.start()
        do {
            try await body(hub)
        } catch {
            await hub.stop()
            throw error
        }
        await hub.stop()
    }

    /// Closes all connections and stops the hub.
    func stop() async {
        closeClients()
        await server.stop()
    }

    func closeClients() {
        for client in clients.all { client.close() }
    }

    func connect(receiveBuffer: Int32? = nil) -> TestClient {
        let client = TestClient(port: server.port, receiveBuffer: receiveBuffer)
        clients.all.append(client)
        return client
    }

    /// A connection on which a stream of `resources` is open and live.
    func stream(
        _ resources: String, version: String = "1.1", fields: String = "",
        receiveBuffer: Int32? = nil
    ) throws -> TestClient {
        let client = connect(receiveBuffer: receiveBuffer)
        client.send(
            "GET /stream?resources=\(resources) HTTP/\(version)\r\nHost: localhost\r\n\(fields)\r\n"
        )
        return client
    }

    /// Publishes events with these data to `resource`.
    func publish(_ data: [String], to name: String = "a:1") {
        broker.publish(
            data.map { Publication(resources: [resource(name)], data: Array($0.utf8)) },
            answer: Ignorer(), ticket: 0)
    }

    func publish(_ data: String, to name: String = "a:1") {
        publish([data], to: name)
    }
}

private final class Clients {
    var all: [TestClient] = []
}

/// Takes answers that nobody waits for.
private final class Ignorer: BrokerPort {
    func post(_ frames: [EventFrame]) {}
    func post(_ answer: PublishAnswer, for ticket: UInt64) {}
}
