internal import Glibc

/// An IPv4 or IPv6 address, four or sixteen bytes.
struct IPAddress: Equatable {
    let bytes: [UInt8]

    /// Reads an address; `nil` for anything else, such as a name.
    init?(_ text: String) {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            bytes = unsafe withUnsafeBytes(of: four) { unsafe Array($0) }
            return
        }
        var sixteen = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        bytes = unsafe withUnsafeBytes(of: sixteen) { unsafe Array($0) }
    }
}

/// A network: all addresses that begin with the same bits.
struct IPNetwork {
    private let first: IPAddress
    private let bits: Int

    /// Reads `10.0.0.0/8`, or a single address.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else { return nil }
        first = address
        let all = address.bytes.count * 8
        guard parts.count == 2 else {
            bits = all
            return
        }
        guard let bits = Int(parts[1]), 0...all ~= bits else { return nil }
        self.bits = bits
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        return zip(address.bytes, first.bytes).enumerated().allSatisfy { index, pair in
            let left = min(8, max(0, bits - index * 8))
            return (pair.0 ^ pair.1) >> UInt8(8 - left) == 0
        }
    }
}
