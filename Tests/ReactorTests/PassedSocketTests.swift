import Glibc
import Testing

@testable import Reactor

@Suite(.timeLimit(.minutes(5)))
struct `A passed socket` {
    @Test(arguments: [
        ([:], false), (["LISTEN_FDS": "1"], false), (["LISTEN_PID": "7"], false),
        (["LISTEN_PID": "8", "LISTEN_FDS": "1"], false),
        (["LISTEN_PID": "x", "LISTEN_FDS": "1"], false),
        (["LISTEN_PID": "8", "LISTEN_FDS": "none"], false),
        (["LISTEN_PID": "7", "LISTEN_FDS": "0"], false),
        (["LISTEN_PID": "7", "LISTEN_FDS": "1"], true),
    ])
    func `is for the process that is named`(environment: [String: String], isPassed: Bool) throws {
        #expect(try ListeningSocket.isPassed(by: environment, to: 7) == isPassed)
    }

    @Test(arguments: ["", "x", "-1", "1.0", "2", "99999999999"])
    func `is one`(count: String) {
        #expect(throws: ListenError.self) {
            try ListeningSocket.isPassed(
                by: ["LISTEN_PID": "7", "LISTEN_FDS": count], to: 7)
        }
    }

    @Test func `is known by its address and hands down the options of its own sockets`() throws {
        let (sockets, port) = try ListeningSocket.open(host: "127.0.0.1", port: 0, count: 1)
        defer { sockets[0].close() }
        let passed = try ListeningSocket(passed: sockets[0].descriptor)
        #expect(passed.isInherited && !sockets[0].isInherited)
        let address = try passed.address()
        #expect(address.host == "127.0.0.1" && address.port == port)
        #expect(fcntl(passed.descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(passed.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        let client = LoopbackConnection.connect(to: port)
        defer { client.close() }
        LoopbackConnection.wait(for: passed.descriptor)
        try #require(try passed.accept()).close()
    }

    @Test func `that is none is refused`() {
        let pair = SocketPair()
        defer { pair.close() }
        for (descriptor, words) in [(pair.near.descriptor, "Unix"), (-1, "not open")] {
            let error = #expect(throws: ListenError.self) {
                try ListeningSocket(passed: descriptor)
            }
            #expect(error?.description.contains(words) == true)
        }
    }
}

struct `A reserve of descriptors` {
    @Test func `gives back what it holds, one by one, and takes it again`() {
        let reserve = DescriptorReserve(capacity: 3)
        #expect(reserve.isFull && !reserve.isEmpty)
        var released = 0
        while reserve.release() {
            released += 1
            #expect(!reserve.isFull)
        }
        #expect(released == 3 && reserve.isEmpty)
        #expect(reserve.refill() && reserve.isFull)
    }
}
