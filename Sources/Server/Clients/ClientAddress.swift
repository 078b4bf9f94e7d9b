internal import HTTP
internal import Reactor

/// The address of whoever sent a request, as far as the proxies between are trusted.
struct ClientAddress: Hashable, Sendable {
    /// An IPv4-mapped address stands as the IPv4 address.
    let address: IPAddress

    /// Finds the client of a request.
    ///
    /// Each proxy adds the address that it was asked from at the right of `X-Forwarded-For` or
    /// `Forwarded`. So the list is read from the right, as long as whoever added an address is
    /// trusted: the first address that is no trusted proxy's is the client's. What stands further
    /// left is whatever the client sent. `Forwarded` counts where there is no `X-Forwarded-For`.
    ///
    /// - Parameters:
    ///   - head: The request.
    ///   - sender: The address that the connection comes from, by the system or by a header of the
    ///     PROXY protocol.
    ///   - proxies: The proxies that are trusted.
    init(of head: RequestHead, from sender: IPAddress, trusting proxies: TrustedProxies) {
        var client = sender
        if proxies.contain(sender) {
            for node in Self.nodes(head).reversed() {
                // An address that is hidden or malformed: nothing left of it can be trusted.
                guard let address = Self.address(node) else { break }
                client = address
                if !proxies.contain(address) { break }
            }
        }
        address = client.unmapped
    }

    private static func nodes(_ head: RequestHead) -> [Substring] {
        if let list = head.field("x-forwarded-for") {
            return list.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingWhitespace
            }
        }
        let elements = head.field("forwarded").flatMap(Forwarded.parse) ?? []
        return elements.map { Substring($0.sender ?? "") }
    }

    /// Reads an address with or without a port, an IPv6 one with or without brackets.
    private static func address(_ node: Substring) -> IPAddress? {
        if let address = IPAddress(String(node)) { return address }
        guard case .address(let address)? = Authority(node)?.host else { return nil }
        return address
    }
}
