internal import HTTP
internal import Reactor
internal import Telemetry

/// Checks the requests of one worker, before anything else is done; not isolated.
final class OriginGate {
    @safe @exclusivity(unchecked) private var policy: OriginPolicy
    private let logger: Log
    /// The host that passed last, as it was written.
    ///
    /// Nearly all requests name the same host, and comparing its bytes is cheaper than reading it.
    @safe @exclusivity(unchecked) private var lastHost: [UInt8] = []

    init(_ policy: OriginPolicy, logger: Log) {
        self.policy = policy
        self.logger = logger
    }

    /// Takes other rules, for requests that begin from now on.
    func take(_ policy: OriginPolicy) {
        self.policy = policy
        lastHost = []
    }

    /// Whether a peer with this address is a trusted proxy.
    func trusts(_ peer: @autoclosure () -> IPAddress?) -> Bool {
        !policy.proxies.isEmpty && peer().map(policy.proxies.contain) == true
    }

    /// Returns who sent a request, as far as proxies are trusted; `nil` when the peer has gone.
    func client(of head: RequestHead, on connection: Connection) -> ClientAddress? {
        connection.senderAddress.map {
            ClientAddress(of: head, from: $0, trusting: policy.proxies)
        }
    }

    /// Checks the host and the origin of a request that begins.
    ///
    /// - Throws: 421 or 403.
    func check(
        _ head: RequestHead, on connection: Connection, _ state: RequestState
    ) throws(Problem) {
        if !policy.proxies.isEmpty {
            state.clientAddress = client(of: head, on: connection)?.address
        }
        do throws(Problem) {
            if !head.isFor(lastHost) {
                try policy.checkHost(head)
                lastHost = Array((head.authority ?? "").utf8)
            }
            guard head.hasOrigin else { return }
            let check = try policy.checkOrigin(head, from: connection.senderAddress)
            state.origin = check
            state.corsFields = policy.fields(for: check, head)
        } catch {
            logger.debug(
                "Refused a request for its host or origin",
                [
                    "client": client(of: head, on: connection)?.address.description ?? "gone",
                    "status": error.status.code, "host": head.authority ?? "",
                    "origin": head.field("origin") ?? "",
                ])
            throw error
        }
    }
}
