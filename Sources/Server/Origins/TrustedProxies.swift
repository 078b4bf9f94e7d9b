internal import HTTP
internal import Reactor

/// The proxies whose word about a request counts: their addresses and networks.
package struct TrustedProxies: Sendable, Equatable {
    private var networks: [IPNetwork] = []

    package init() {}

    /// Reads addresses and networks such as `10.0.0.0/8`.
    ///
    /// - Throws: `InvalidListEntry` for anything else.
    package init(_ entries: [String]) throws(InvalidListEntry) {
        for entry in entries {
            guard let network = IPNetwork(entry) else { throw InvalidListEntry(entry: entry) }
            networks.append(network)
        }
    }

    var isEmpty: Bool { networks.isEmpty }

    func contain(_ address: IPAddress) -> Bool {
        let address = address.unmapped
        return networks.contains { $0.contains(address) }
    }
}
