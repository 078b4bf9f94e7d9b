import Reactor
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `A header of the PROXY protocol` {
    static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    /// A header of version 2 with these bytes behind the length.
    static func binary(
        _ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? rest.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + rest
    }

    static let four: [UInt8] = [192, 0, 2, 7, 10, 0, 0, 1, 1, 2, 3, 4]
    static let six: [UInt8] =
        [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [7]
        + [UInt8](repeating: 0, count: 20)

    static let whole: [([UInt8], String?)] = [
        (Array("PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n".utf8), "192.0.2.7"),
        (Array("PROXY TCP6 2001:db8::7 ::1 0 65535\r\n".utf8), "2001:db8::7"),
        (Array("PROXY UNKNOWN\r\n".utf8), nil),
        (Array("PROXY UNKNOWN ffff:f...f:ffff some words\r\n".utf8), nil),
        (binary(0x21, 0x11, four), "192.0.2.7"),
        (binary(0x21, 0x21, six), "2001:db8::7"),
        (binary(0x21, 0x11, four + [0x04, 0, 2, 1, 2, 0x20, 0, 0]), "192.0.2.7"),
        (binary(0x21, 0x31, [UInt8](repeating: 0x2F, count: 216)), nil),
        (binary(0x21, 0x00, []), nil), (binary(0x20, 0x00, []), nil),
        (binary(0x20, 0x11, four), nil), (binary(0x20, 0xFF, [1, 2, 3]), nil),
    ]

    @Test(arguments: whole)
    func `is taken at its last byte, however it is cut`(bytes: [UInt8], source: String?) {
        let complete = ProxyHeader.complete(
            length: bytes.count, source: source.flatMap(IPAddress.init))
        for count in bytes.indices {
            #expect(ProxyHeader(bytes[..<count]) == .incomplete, "\(count) bytes")
        }
        #expect(ProxyHeader(bytes[...]) == complete)
        let request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        #expect(ProxyHeader((bytes + request)[...]) == complete)
        // A slice of a longer buffer.
        #expect(ProxyHeader(([0, 1, 2] + bytes)[3...]) == complete)
    }

    @Test(
        arguments: [
            "GET / HTTP/1.1\r\n", "POST /broadcast HTTP/1.1\r\n", "PROXZ", "PROXY\r\n",
            "proxy TCP4",
            "\r\nGET / HTTP/1.1", "\r\n\r\nGET", "\u{16}\u{3}\u{1}",
        ])
    func `is not taken for what else begins a connection`(text: String) {
        #expect(ProxyHeader(Array(text.utf8)[...]) == .absent)
    }

    @Test(
        arguments: [
            "PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
            "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
            "PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n",
            "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 x 1 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 -2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n", "PROXY GET / HTTP/1.1\r\n",
            "PROXY " + String(repeating: "x", count: 101),
            "PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n",
        ])
    func `of version 1 is strict`(text: String) {
        #expect(ProxyHeader(Array(text.utf8)[...]) == .malformed)
    }

    @Test(
        arguments: [
            binary(0x11, 0x11, four), binary(0x31, 0x11, four), binary(0x22, 0x11, four),
            binary(0x21, 0x12, four), binary(0x21, 0x41, four), binary(0x21, 0x01, []),
            binary(0x21, 0x11, Array(four.dropLast())), binary(0x21, 0x21, four),
            binary(0x21, 0x31, six), binary(0x21, 0x11, four + [1]),
            binary(0x21, 0x11, four + [1, 0]), binary(0x21, 0x11, four + [1, 0, 1]),
            binary(0x21, 0x11, four + [1, 0xFF, 0xFF, 0]), binary(0x21, 0x00, [1, 2]),
            binary(0x20, 0x00, [], length: 0xFFFF), binary(0x21, 0x11, [], length: 4081),
        ])
    func `of version 2 is strict, and bounded`(bytes: [UInt8]) {
        #expect(ProxyHeader(bytes[...]) == .malformed)
    }
}
