import Glibc
import HTTPClient
import Testing

@Suite(.timeLimit(.minutes(5)))
struct `A clock of a request` {
    private func outcome(
        of url: String, _ timeouts: ClientRequest.Timeouts, body: [UInt8]? = nil
    ) async throws -> ClientError.Kind? {
        let client = try Client()
        let request = ClientRequest(
            body == nil ? "GET" : "POST", url, body: body, timeouts: timeouts)
        return await HTTPClientTests.outcome { () async throws(ClientError) in
            _ = try await client.fetch(request)
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\n\r\nabc",
    ])
    func `ends an exchange in which no byte comes, and the connection`(answer: String) async throws
    {
        let ended = Notes<Bool>()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send(answer)
            ended.add(connection.waitForEnd())
        }
        defer { peer.stop() }
        let timeouts = ClientRequest.Timeouts(connect: 60, stall: 0.2, total: 60)
        #expect(try await outcome(of: peer.url, timeouts) == .stalled)
        #expect(await ended.next() == true)
    }

    @Test(arguments: [
        ("", true), ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na", false),
    ])
    func `is another one until the body begins`(answer: String, isSilent: Bool) async throws {
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send(answer)
            connection.waitForEnd()
        }
        defer { peer.stop() }
        let short = ClientRequest.Timeouts(connect: 60, stall: 60, start: 0.2, total: 60)
        let other = ClientRequest.Timeouts(connect: 60, stall: 0.2, start: 60, total: 60)
        #expect(
            try await outcome(of: peer.url, isSilent ? short : other)
                == (isSilent ? .silent : .stalled))
        let both = ClientRequest.Timeouts(
            connect: 60, stall: isSilent ? 0.1 : 60, start: isSilent ? 60 : 0.1, total: 0.5)
        #expect(try await outcome(of: peer.url, both) == .totalTimeout)
    }

    @Test func `ends an exchange whose request is not taken`() async throws {
        let gate = Gate()
        let peer = try Peer { _ in gate.wait() }
        defer {
            gate.open()
            peer.stop()
        }
        let body = [UInt8](repeating: 0, count: 32 << 20)
        let timeouts = ClientRequest.Timeouts(connect: 60, stall: 0.3, total: 60)
        #expect(try await outcome(of: peer.url, timeouts, body: body) == .stalled)
    }

    @Test func `ends an exchange that takes too long although bytes come`() async throws {
        let ended = Notes<Bool>()
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while !connection.waitForEnd(milliseconds: 20), connection.send("a") {}
            ended.add(connection.waitForEnd())
        }
        defer { peer.stop() }
        let timeouts = ClientRequest.Timeouts(connect: 60, stall: 60, total: 0.4)
        #expect(try await outcome(of: peer.url, timeouts) == .totalTimeout)
        #expect(await ended.next() == true)
    }

    @Test func `of silence starts again with each byte`() async throws {
        let peer = try Peer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n")
            for _ in 0..<40 {
                _ = connection.waitForEnd(milliseconds: 50)
                connection.send("a")
            }
        }
        defer { peer.stop() }
        let timeouts = ClientRequest.Timeouts(connect: 60, stall: 1, total: 0)
        #expect(try await outcome(of: peer.url, timeouts) == nil)
    }

    @Test func `ends an attempt to connect where nobody accepts`() async throws {
        let full = FullListener()
        let timeouts = ClientRequest.Timeouts(connect: 0.2, stall: 60, total: 60)
        let kind = try await outcome(of: "http://127.0.0.1:\(full.port)/", timeouts)
        #expect(kind == .connectTimeout)
    }

    @Test func `ends an attempt to connect securely that is not answered`() async throws {
        let peer = try Peer { $0.waitForEnd() }
        defer { peer.stop() }
        let timeouts = ClientRequest.Timeouts(connect: 0.2, stall: 60, total: 60)
        let kind = try await outcome(of: "https://127.0.0.1:\(peer.port)/", timeouts)
        #expect(kind == .connectTimeout)
    }

    @Test func `that is switched off ends nothing`() async throws {
        let peer = try Peer { connection in
            _ = connection.readRequest()
            _ = connection.waitForEnd(milliseconds: 300)
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        defer { peer.stop() }
        let timeouts = ClientRequest.Timeouts(connect: 0, stall: 0, total: 0)
        #expect(try await outcome(of: peer.url, timeouts) == nil)
    }
}

/// A listening socket whose queue of connections is full, so that the kernel drops further
/// attempts.
private final class FullListener {
    let port: Int
    private var descriptors: [Int32] = []

    init() {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                _ = unsafe bind(listener, general, size)
                _ = listen(listener, 0)
                _ = unsafe getsockname(listener, general, &size)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        descriptors = [listener]
        for _ in 0..<4 {
            let descriptor = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = unsafe withUnsafePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                    unsafe connect(descriptor, general, size)
                }
            }
            descriptors.append(descriptor)
        }
    }

    deinit {
        for descriptor in descriptors { _ = close(descriptor) }
    }
}
