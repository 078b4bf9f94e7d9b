import Glibc

@testable import Reactor

/// Two sockets that are connected with each other, without a network.
struct SocketPair {
    let near: Socket
    let far: Socket

    init() {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            preconditionFailure("socketpair failed with errno \(errno)")
        }
        near = Socket(descriptor: ends[0])
        far = Socket(descriptor: ends[1])
    }

    func close() {
        near.close()
        far.close()
    }
}

/// A TCP connection within this machine, through a listening socket that is closed again.
struct LoopbackConnection {
    let client: Socket
    let accepted: Socket

    init() throws {
        let (sockets, port) = try ListeningSocket.open(host: "127.0.0.1", port: 0, count: 1)
        defer { sockets[0].close() }
        client = Self.connect(to: port)
        Self.wait(for: sockets[0].descriptor)
        guard let socket = try sockets[0].accept() else {
            preconditionFailure("no connection was waiting")
        }
        accepted = socket
    }

    func waitToReadClient() {
        Self.wait(for: client.descriptor)
    }

    /// A number that the accepted socket has as an option.
    func option(_ level: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(accepted.descriptor, level, name, &value, &size) == 0 else {
            return nil
        }
        return value
    }

    static func connect(to port: Int) -> Socket {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
                unsafe Glibc.connect(descriptor, general, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(code == 0, "connect failed with errno \(errno)")
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return Socket(descriptor: descriptor)
    }

    /// Waits until there is something to read or to accept.
    static func wait(for descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = unsafe poll(&entry, 1, 20_000)
        precondition(ready == 1, "nothing came within 20 s")
    }
}

extension Socket {
    func send(_ bytes: ArraySlice<UInt8>) -> Sent {
        unsafe bytes.withUnsafeBytes { unsafe send($0) }
    }

    /// One `receive` of up to `count` bytes.
    func take(_ count: Int) -> (result: Received, bytes: [UInt8]) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { unsafe buffer.deallocate() }
        let result = unsafe receive(into: buffer)
        guard case .bytes(let count) = result else { return (result, []) }
        return (result, unsafe Array(buffer[..<count]))
    }

    /// All that is there.
    func takeAll() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = take(65_536).bytes
            if bytes.isEmpty { return all }
            all += bytes
        }
    }
}
