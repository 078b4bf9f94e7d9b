internal import Reactor

/// The host of an authority, in the one form in which equal hosts are equal (RFC 3986, 3.2.2).
enum Host: Hashable, Sendable {
    /// A registered name in lower case, without the dot that may end it.
    case name(String)
    /// A numeric address; an IPv4-mapped one as the IPv4 address that it stands for.
    case address(IPAddress)

    /// Reads a host as it stands in an authority, an IPv6 address in brackets.
    ///
    /// Percent-encoded bytes are not decoded, so such a name equals only itself. A form of IPv4
    /// other than four decimal numbers is a name: browsers send none. Zones (RFC 6874) are refused.
    ///
    /// - Returns: `nil` for anything but a host.
    init?(_ text: Substring) {
        if text.hasPrefix("[") {
            let inner = text.dropFirst().prefix { $0 != "]" }
            guard text.utf8.count == inner.utf8.count + 2, text.hasSuffix("]"),
                let address = IPAddress(String(inner)), address.bytes.count == 16
            else { return nil }
            self = .address(address.unmapped)
            return
        }
        let name = text.hasSuffix(".") ? text.dropLast() : text
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else { return nil }
        if let address = IPAddress(String(name)) {
            self = .address(address)
        } else {
            self = .name(name.lowercased())
        }
    }

    /// Whether the host is this machine itself: a loopback address or `localhost`.
    var isLoopback: Bool {
        switch self {
        case .name(let name): name == "localhost"
        case .address(let address): address.isLoopback
        }
    }

    /// Whether a byte may be in a registered name.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~!$&'()*+,;=%".utf8.contains(byte)
        }
    }
}

/// A host with the port that was written behind it: the value of `Host` (RFC 9110, 7.2).
struct Authority: Hashable, Sendable {
    let host: Host
    /// `nil` where none was written.
    let port: Int?

    /// Reads `host` or `host:port`.
    ///
    /// - Returns: `nil` for anything else, user information before the host included.
    init?(_ text: some StringProtocol) {
        let text = Substring(text)
        let end =
            text.hasPrefix("[")
            ? text.firstIndex(of: "]").map { text.index(after: $0) } : text.firstIndex(of: ":")
        guard let host = Host(text[..<(end ?? text.endIndex)]) else { return nil }
        self.host = host
        let rest = end.map { text[$0...] } ?? ""
        guard !rest.isEmpty else {
            port = nil
            return
        }
        guard rest.hasPrefix(":") else { return nil }
        let digits = rest.dropFirst()
        guard digits.utf8.count <= 5, digits.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return nil
        }
        port = Int(digits)
        guard port ?? 0 <= 65_535 else { return nil }
    }
}
