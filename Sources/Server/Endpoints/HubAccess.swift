internal import HTTP
internal import Hub
internal import Producers
internal import Reactor
internal import Records
internal import Telemetry

/// The parts of the hub that endpoints may use; connections are not among them.
///
/// It is an object because each request hands it on.
final class HubAccess: Sendable {
    let broker: Broker
    /// `nil` in a hub that runs no jobs.
    let api: JobAPI?
    let gate: Gate
    let settings: Settings
    let logger: Log
    let started: Instant
    let workers = Workers()

    init(
        broker: Broker, api: JobAPI?, gate: Gate, settings: Settings, logger: Log, started: Instant
    ) {
        self.broker = broker
        self.api = api
        self.gate = gate
        self.settings = settings
        self.logger = logger
        self.started = started
    }

    /// The interface of jobs.
    ///
    /// - Throws: 404 in a hub that runs no jobs.
    var jobAPI: JobAPI {
        get throws(Problem) {
            guard let api else { throw Problem(.notFound, "This hub runs no jobs.") }
            return api
        }
    }

    /// Runs a read of the log; a failure is logged and becomes the answer to the client.
    ///
    /// - Throws: 503 when the store cannot be read.
    func read<Value: Sendable>(
        _ body: @Sendable () async throws(LogUnavailable) -> Value
    ) async throws(Problem) -> Value {
        do { return try await body() } catch {
            logger.error("The store cannot be read", ["reason": error])
            throw Problem(error)
        }
    }
}
