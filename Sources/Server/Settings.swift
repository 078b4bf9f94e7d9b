internal import HTTP
package import Hub
package import TLS
package import Uploads

/// The settings of the server; times are in milliseconds.
package struct Settings: Sendable {
    package var host = "127.0.0.1"
    /// 0 takes any free port.
    package var port = 8080
    package var workers = 1
    package var outbox = OutboxLimits()
    /// The most bytes of data that a producer's event may have, as it is sent.
    package var maximumEventBytes = EventLimits.defaultData
    /// Milliseconds without traffic on a stream before a keep-alive event is sent.
    package var keepalive = 30_000
    /// How long a stream with a full queue may take no byte before it is reset.
    package var broadcastTimeout = 1_000
    /// The time limit from a request's first byte to the end of its head.
    package var headTimeout = 10_000
    /// The time limit between two reads of a body.
    package var bodyTimeout = 30_000
    /// The time limit between two requests on one connection.
    package var idleTimeout = 75_000
    /// The time that requests and streams have to end when the hub stops.
    package var shutdownTimeout = 5_000

    /// The certificates with which connections are encrypted; without them they are not.
    package var certificates: TLSCertificates?

    /// The web app that is served at `/app/`, if there is one.
    package var web: WebApp?

    /// The hosts, origins and proxies that the operator has listed.
    package var origins = OriginRules()

    /// Where the files are kept that clients send; `nil` in a hub that keeps none.
    package var uploads: UploadFolder?

    package var limits = Limits()

    package init() {}

    var timeLimits: HTTP1.TimeLimits {
        HTTP1.TimeLimits(head: headTimeout, body: bodyTimeout, idle: idleTimeout)
    }
}
