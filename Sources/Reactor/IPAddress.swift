internal import Glibc

/// An IPv4 or IPv6 address, four or sixteen bytes.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Reads an address; `nil` for anything else, such as a name.
    package init?(_ text: String) {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            bytes = unsafe withUnsafeBytes(of: four) { unsafe Array($0) }
            return
        }
        var sixteen = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        bytes = unsafe withUnsafeBytes(of: sixteen) { unsafe Array($0) }
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Creates the address with these bytes; `nil` unless they are four or sixteen.
    package init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.init(bytes: Array(bytes))
    }

    /// The address in its usual digits (RFC 5952 for IPv6).
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        let isWritten = unsafe bytes.withUnsafeBytes { bytes in
            unsafe text.withUnsafeMutableBufferPointer { text in
                unsafe inet_ntop(family, bytes.baseAddress, text.baseAddress, UInt32(text.count))
                    != nil
            }
        }
        precondition(isWritten, "four or sixteen bytes are an address")
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The IPv4 address that an IPv4-mapped one stands for (RFC 4291, 2.5.5.2); else the address
    /// itself.
    package var unmapped: IPAddress {
        let prefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        guard bytes.count == 16, bytes.starts(with: prefix) else { return self }
        return IPAddress(bytes: Array(bytes[12...]))
    }

    /// Whether only this machine itself can reach the address: `127.0.0.0/8`, `::1`, or an
    /// IPv4-mapped one of the first (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3).
    package var isLoopback: Bool {
        let bytes = unmapped.bytes
        if bytes.count == 4 { return bytes[0] == 127 }
        return bytes.last == 1 && bytes.dropLast().allSatisfy { $0 == 0 }
    }
}

/// A network: all addresses that begin with the same bits.
package struct IPNetwork: Sendable, Equatable {
    private let first: IPAddress
    private let bits: Int

    /// Reads `10.0.0.0/8`, or a single address.
    package init?(_ text: String) {
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

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        return zip(address.bytes, first.bytes).enumerated().allSatisfy { index, pair in
            let left = min(8, max(0, bits - index * 8))
            return (pair.0 ^ pair.1) >> UInt8(8 - left) == 0
        }
    }
}
