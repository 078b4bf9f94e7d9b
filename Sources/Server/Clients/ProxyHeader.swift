// What a proxy sends before anything else of a connection: whose connection it passes on (the PROXY
// protocol, haproxy.org/download/2.9/doc/proxy-protocol.txt, versions 1 and 2).
//
// Problem: a proxy that passes bytes on, or TLS, cannot add a field to a request.
// Formats: version 1 is a line of at most 107 bytes,
//     PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 CR LF
//   version 2 is twelve fixed bytes, a byte each with version and command and with family and
//   transport, two bytes with the length of what follows, the addresses, and further values (TLV).
// Invariants: the answer depends on the bytes alone, not on how they were cut. Nothing that a
//   request or a TLS handshake begins with is a header. A header is taken whole or not at all.

internal import Reactor

/// The header of the PROXY protocol at the beginning of a connection.
enum ProxyHeader: Equatable {
    /// The bytes are the beginning of a header.
    case incomplete
    /// The connection begins with something else.
    case absent
    case malformed
    /// The header has `length` bytes. The source is the client's address; `nil` when the proxy
    /// speaks for itself, as in a health check, or does not tell.
    case complete(length: Int, source: IPAddress?)

    /// The longest header that is read, in bytes; the protocol allows 65,551.
    static let maximumLength = 4096

    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]
    private static let word = Array("PROXY ".utf8)

    init(_ bytes: ArraySlice<UInt8>) {
        if Self.word.starts(with: bytes.prefix(Self.word.count)) {
            self = bytes.count < Self.word.count ? .incomplete : Self.readLine(bytes)
        } else if Self.signature.starts(with: bytes.prefix(Self.signature.count)) {
            self = bytes.count < 16 ? .incomplete : Self.readBinary(bytes)
        } else {
            self = .absent
        }
    }

    // MARK: Version 1

    private static let longestLine = 107

    private static func readLine(_ bytes: ArraySlice<UInt8>) -> ProxyHeader {
        let searched = bytes.prefix(longestLine)
        guard let end = searched.firstIndex(of: UInt8(ascii: "\n")) else {
            return searched.count < longestLine ? .incomplete : .malformed
        }
        let line = searched[..<end]
        guard line.last == UInt8(ascii: "\r") else { return .malformed }
        let length = end + 1 - bytes.startIndex
        let words = line.dropLast().split(
            separator: UInt8(ascii: " "), omittingEmptySubsequences: false
        ).map { String(decoding: $0, as: UTF8.self) }
        // What follows UNKNOWN is to be ignored.
        if words[1] == "UNKNOWN" { return .complete(length: length, source: nil) }
        let sizes = ["TCP4": 4, "TCP6": 16]
        guard words.count == 6, let size = sizes[words[1]], let source = IPAddress(words[2]),
            let destination = IPAddress(words[3]), source.bytes.count == size,
            destination.bytes.count == size, isPort(words[4]), isPort(words[5])
        else { return .malformed }
        return .complete(length: length, source: source)
    }

    private static func isPort(_ text: String) -> Bool {
        text.utf8.count <= 5 && text.utf8.allSatisfy { (48...57).contains($0) }
            && (Int(text).map { $0 <= 65_535 } ?? false)
    }

    // MARK: Version 2

    private static func readBinary(_ bytes: ArraySlice<UInt8>) -> ProxyHeader {
        let start = bytes.startIndex
        let length = 16 + (Int(bytes[start + 14]) << 8 | Int(bytes[start + 15]))
        guard length <= maximumLength else { return .malformed }
        // Command, family and transport are checked before the rest has come.
        let size: Int
        switch (bytes[start + 12], bytes[start + 13]) {
        // LOCAL: whatever follows is to be skipped.
        case (0x20, _): size = -1
        case (0x21, 0x00): size = 0
        case (0x21, 0x11): size = 4
        case (0x21, 0x21): size = 16
        // A Unix socket: two paths of 108 bytes.
        case (0x21, 0x31): size = 108
        default: return .malformed
        }
        let isInternet = size == 4 || size == 16
        let addresses = max(0, 2 * size) + (isInternet ? 4 : 0)
        guard length >= 16 + addresses else { return .malformed }
        guard bytes.count >= length else { return .incomplete }
        let values = bytes[(start + 16 + addresses)..<(start + length)]
        guard size < 0 || areWhole(values) else { return .malformed }
        let source = isInternet ? IPAddress(bytes[(start + 16)..<(start + 16 + size)]) : nil
        return .complete(length: length, source: source)
    }

    /// Whether further values end where the header does: each has a type, two bytes with its
    /// length, and that many bytes.
    private static func areWhole(_ values: ArraySlice<UInt8>) -> Bool {
        var rest = values
        while !rest.isEmpty {
            guard rest.count >= 3 else { return false }
            let start = rest.startIndex
            let length = 3 + (Int(rest[start + 1]) << 8 | Int(rest[start + 2]))
            guard rest.count >= length else { return false }
            rest = rest.dropFirst(length)
        }
        return true
    }
}
