internal import HTTP
internal import Hub
internal import Producers
internal import Reactor
internal import Telemetry

/// What endpoints may ask: the parts of the hub, and none of its connections.
struct HubAccess: Sendable {
    let broker: Broker
    /// `nil` in a hub that runs no jobs.
    let api: JobAPI?
    let settings: Settings
    let log: Log
    let started: Instant
    /// All workers, once they know each other.
    var workers = Workers([])

    /// - Throws: 404 in a hub that runs no jobs.
    var jobAPI: JobAPI {
        get throws(Problem) {
            guard let api else { throw Problem(.notFound, "This hub runs no jobs.") }
            return api
        }
    }

    /// Runs a read of the log and says of its failure what a client can do.
    func read<Value: Sendable>(
        _ body: @Sendable () async throws(LogUnavailable) -> Value
    ) async throws(Problem) -> Value {
        do { return try await body() } catch {
            log.error("The store cannot be read", ["reason": error])
            throw Problem(error)
        }
    }
}
