import HTTP
import Reactor
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(5)))
struct `The address of a client` {
    private func client(_ sender: String, _ fields: String...) throws -> ClientAddress {
        let lines = ["GET / HTTP/1.1", "Host: localhost"] + fields
        var decoder = RequestDecoder()
        decoder.append(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        guard case .head(let head) = try decoder.next() else {
            preconditionFailure("no request: \(lines)")
        }
        return ClientAddress(
            of: head, from: try #require(IPAddress(sender)),
            trusting: try TrustedProxies(["10.0.0.0/8", "2001:db8::/32"]))
    }

    @Test(
        arguments: [
            ("192.0.2.9", "X-Forwarded-For: 192.0.2.1", "192.0.2.9"),
            ("10.0.0.1", "X: y", "10.0.0.1"),
            ("10.0.0.1", "X-Forwarded-For: 192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "X-Forwarded-For: 6.6.6.6, 192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "X-Forwarded-For: 6.6.6.6,192.0.2.1 ,\t10.0.0.2", "192.0.2.1"),
            ("10.0.0.1", "X-Forwarded-For: 10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("10.0.0.1", "X-Forwarded-For: 6.6.6.6, unknown, 10.0.0.2", "10.0.0.2"),
            ("10.0.0.1", "X-Forwarded-For: 6.6.6.6, ", "10.0.0.1"),
            ("10.0.0.1", "X-Forwarded-For: 192.0.2.1:4711", "192.0.2.1"),
            ("10.0.0.1", "X-Forwarded-For: 2001:db9::1", "2001:db9::1"),
            ("10.0.0.1", "X-Forwarded-For: [2001:db9::1]:80", "2001:db9::1"),
            ("::ffff:10.0.0.1", "X-Forwarded-For: ::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "Forwarded: for=192.0.2.1", "192.0.2.1"),
            ("10.0.0.1", "Forwarded: for=6.6.6.6, for=\"[2001:db9::1]:1\";host=x", "2001:db9::1"),
            ("10.0.0.1", "Forwarded: for=6.6.6.6, for=_hidden", "10.0.0.1"),
            ("10.0.0.1", "Forwarded: for=6.6.6.6, host=x", "10.0.0.1"),
            ("10.0.0.1", "Forwarded: for=6.6.6.6;for=1.1.1.1", "10.0.0.1"),
        ])
    func `is the first from the right that is no trusted proxy's`(
        sender: String, field: String, address: String
    ) throws {
        #expect(try client(sender, field).address == IPAddress(address))
    }

    @Test func `is read from all lines of one field, and of one field alone`() throws {
        let lines = ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 192.0.2.1"]
        #expect(try client("10.0.0.1", lines[0], lines[1]).address == IPAddress("192.0.2.1"))
        #expect(
            try client("10.0.0.1", "Forwarded: for=6.6.6.6", lines[1]).address
                == IPAddress("192.0.2.1"))
    }

    @Test func `counts for limits by its network where it is IPv6`() throws {
        func key(_ text: String) throws -> LimitKey {
            LimitKey(try #require(IPAddress(text)))
        }
        #expect(try key("2001:db8:1:2::1") == key("2001:db8:1:2:ffff::9"))
        #expect(try key("2001:db8:1:2::1") != key("2001:db8:1:3::1"))
        #expect(try key("192.0.2.1") == key("::ffff:192.0.2.1"))
        #expect(try key("192.0.2.1") != key("192.0.2.2"))
        #expect(try key("0.0.0.1") != key("::"))
        #expect(try key("0.0.0.0") != key("::1"))
    }
}
