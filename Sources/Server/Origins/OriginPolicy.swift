// Whose requests a hub takes at all, before it asks who they come from.
//
// Problem: every page in a browser on a machine can send requests to a hub on that machine, and to
//   one in the local network. With a name of its own that it makes point to the hub's address (DNS
//   rebinding), the page even counts as the hub's own one in the browser.
// Policy: the name in `Host` must be one by which the hub is meant to be called: a page cannot
//   choose it, its browser takes it from the page's own address. A page of another origin must be
//   listed, whatever the method: a request that only reads can keep a place, and a browser sends
//   simple `POST` requests without asking.

internal import HTTP
internal import Reactor

/// The rules for `Host` and `Origin` of one listener.
struct OriginPolicy: Sendable {
    private let rules: OriginRules
    /// The proxies whose word counts.
    var proxies: TrustedProxies { rules.proxies }
    /// Whether the listener has a loopback address, so that only this machine can call it directly.
    private let isLoopback: Bool
    /// Whether requests need credentials.
    private let isLocked: Bool

    init(_ rules: OriginRules, isLoopback: Bool, isLocked: Bool) {
        self.rules = rules
        self.isLoopback = isLoopback
        self.isLocked = isLocked
    }

    /// Checks the host that a request is for.
    ///
    /// - Throws: 421 when it is malformed or not one of the hub's.
    func checkHost(_ head: RequestHead) throws(Problem) {
        // Only HTTP/1.0 has requests without one, and no browser speaks that.
        guard let text = head.authority else { return }
        guard let host = Authority(text)?.host else {
            throw Problem(.misdirectedRequest, "The host '\(text)' is malformed.")
        }
        if isLoopback, host.isLoopback { return }
        if rules.hosts.contains(host) { return }
        if !isLoopback, rules.hosts.isEmpty { return }
        throw Problem(
            .misdirectedRequest,
            "This hub does not answer for the host '\(text)'; list it in --allowed-hosts.")
    }

    /// Checks the origin of a request that has one.
    ///
    /// - Parameters:
    ///   - head: The request, whose host has passed.
    ///   - peer: The address that sent it; `nil` when it is not known.
    /// - Returns: what is known of the page that sent it.
    /// - Throws: 403 when it is neither the hub's own nor listed.
    func checkOrigin(
        _ head: RequestHead, from peer: @autoclosure () -> IPAddress?
    ) throws(Problem) -> OriginCheck {
        let fields = head.fields("origin")
        guard let text = fields.first, fields.count == 1 else {
            throw Self.foreign(fields.joined(separator: ", "))
        }
        let origin = WebOrigin(text)
        if let origin, !isLocked, isLoopback, origin.host.isLoopback { return .listed }
        let listing = rules.origins.listing(of: origin)
        if listing == .listed { return .listed }
        let isFromProxy = !rules.proxies.isEmpty && peer().map(rules.proxies.contain) == true
        if let origin, OwnOrigin(head, isFromProxy: isFromProxy).equals(origin) { return .own }
        if listing == .byStar { return .anyone }
        throw Self.foreign(text)
    }

    private static func foreign(_ origin: String) -> Problem {
        Problem(
            .forbidden,
            "Pages of the origin '\(origin)' may not call this hub; list it in --allowed-origins.",
            reason: "origin")
    }

    /// The CORS fields of the answers to a request that has passed.
    func fields(for check: OriginCheck, _ head: RequestHead) -> [(String, String)] {
        CORS.fields(check, origin: head.field("origin") ?? "", isLocked: isLocked)
    }
}
