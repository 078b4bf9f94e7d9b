internal import Reactor

/// One of whom something is counted.
enum LimitKey: Hashable, Sendable {
    /// The four bytes of an IPv4 address, or the first eight of an IPv6 address: a provider gives a
    /// customer a whole `/64`.
    case address([UInt8])
    /// A token's subject or an API key, by the name that events keep.
    case subject(String)

    init(_ address: IPAddress) {
        let bytes = address.unmapped.bytes
        self = .address(bytes.count == 4 ? bytes : Array(bytes.prefix(8)))
    }
}

/// All of whom a request is counted.
struct LimitKeys: Sendable {
    var address: LimitKey?
    var subject: LimitKey?

    var all: [LimitKey] { [address, subject].compactMap(\.self) }
}
