import Glibc
import Testing

@testable import Reactor

@Suite(.timeLimit(.minutes(5)))
struct `A listening socket` {
    @Test func `gets a free port for port 0`() throws {
        let (sockets, port) = try ListeningSocket.open(host: "127.0.0.1", port: 0, count: 1)
        defer { for socket in sockets { socket.close() } }
        #expect(sockets.count == 1)
        #expect((1...65_535).contains(port))
        let client = LoopbackConnection.connect(to: port)
        defer { client.close() }
        LoopbackConnection.wait(for: sockets[0].descriptor)
        let accepted = try #require(try sockets[0].accept())
        accepted.close()
        #expect(try sockets[0].accept() == nil)
    }

    @Test(arguments: [1, 2, 4], [1, 3])
    func `refuses an address that another hub has`(first: Int, second: Int) throws {
        let (sockets, port) = try ListeningSocket.open(host: "127.0.0.1", port: 0, count: first)
        defer { for socket in sockets { socket.close() } }
        let error = #expect(throws: ListenError.self) {
            let opened = try ListeningSocket.open(host: "127.0.0.1", port: port, count: second)
            for socket in opened.sockets { socket.close() }
        }
        guard case .addressInUse("127.0.0.1", port) = error else {
            Issue.record("the error is \(String(describing: error))")
            return
        }
        #expect(error?.description.contains("127.0.0.1:\(port) is taken") == true)
    }

    @Test func `leaves its address free when it is closed`() throws {
        let (sockets, port) = try ListeningSocket.open(host: "127.0.0.1", port: 0, count: 2)
        for socket in sockets { socket.close() }
        let again = try ListeningSocket.open(host: "127.0.0.1", port: port, count: 2)
        #expect(again.port == port)
        for socket in again.sockets { socket.close() }
    }

    @Test func `shares its port and the connections with its siblings`() throws {
        let (sockets, port) = try ListeningSocket.open(host: "127.0.0.1", port: 0, count: 4)
        defer { for socket in sockets { socket.close() } }
        let ports = try sockets.map { try SocketAddress(of: $0.descriptor).port }
        #expect(ports == [port, port, port, port])
        let clients = (0..<100).map { _ in LoopbackConnection.connect(to: port) }
        var accepted = [0, 0, 0, 0]
        while accepted.reduce(0, +) < clients.count {
            let before = accepted.reduce(0, +)
            for (index, socket) in sockets.enumerated() {
                while let connection = try socket.accept() {
                    connection.close()
                    accepted[index] += 1
                }
            }
            // A connection may still be on its way from its handshake into the queue.
            if accepted.reduce(0, +) == before { sched_yield() }
        }
        #expect(accepted.allSatisfy { $0 > 0 }, "the kernel spread them as \(accepted)")
        for client in clients { client.close() }
    }

    @Test func `hands its options down to its connections`() throws {
        let connection = try LoopbackConnection()
        defer {
            connection.accepted.close()
            connection.client.close()
        }
        #expect(connection.option(Int32(IPPROTO_TCP), TCP_NODELAY) == 1)
        #expect(connection.option(Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT) == 16 << 10)
        #expect(connection.option(SOL_SOCKET, SO_KEEPALIVE) == 1)
        #expect(fcntl(connection.accepted.descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(connection.accepted.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test(arguments: ["no such host", "127.0.0.1.5", "::::", "[::1]", "127.0.0.1:80"])
    func `says which host it does not know`(host: String) {
        let error = #expect(throws: ListenError.self) {
            _ = try ListeningSocket.open(host: host, port: 0, count: 1)
        }
        guard case .unknownHost(host, _) = error else {
            Issue.record("the error is \(String(describing: error))")
            return
        }
    }

    @Test func `says that an address is not of this machine`() {
        let error = #expect(throws: ListenError.self) {
            _ = try ListeningSocket.open(host: "192.0.2.1", port: 0, count: 1)
        }
        guard case .unknownHost("192.0.2.1", let reason) = error else {
            Issue.record("the error is \(String(describing: error))")
            return
        }
        #expect(reason.hasPrefix("bind: "))
    }
}
