internal import HTTP
package import Hub

/// What the operator may set about serving; times in milliseconds.
package struct Settings: Sendable {
    package var host = "127.0.0.1"
    /// 0 takes any free port.
    package var port = 8080
    package var workers = 1
    package var outbox = OutboxLimits()
    /// Bytes of data that a producer's event may have, as it is sent.
    package var maximumEventBytes = EventLimits.defaultData
    /// Milliseconds without traffic on a stream before a keep-alive event is sent.
    package var keepalive = 30_000
    /// How long a stream with a full queue may take no byte.
    package var broadcastTimeout = 1_000
    /// From a request's first byte to the end of its head.
    package var headTimeout = 10_000
    /// Between two reads of a body.
    package var bodyTimeout = 30_000
    /// Between two requests.
    package var idleTimeout = 75_000
    /// For requests and streams to end when the hub stops.
    package var shutdownTimeout = 5_000

    /// What is served at `/app/`; `nil` for nothing.
    package var web: WebApp?

    package init() {}

    var timeLimits: HTTP1.TimeLimits {
        HTTP1.TimeLimits(head: headTimeout, body: bodyTimeout, idle: idleTimeout)
    }
}
