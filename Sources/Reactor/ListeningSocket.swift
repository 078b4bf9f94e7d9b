// Several sockets listen on one address (SO_REUSEPORT), one per event loop; the kernel spreads new
// connections over them. SO_REUSEPORT alone would let a second hub of the same user share the
// address unnoticed, so the first socket is bound without it and gets the option afterwards:
// whoever comes later and binds its first socket in the same way is refused.

internal import CLinux

/// The reason why a hub cannot listen.
package enum ListenError: Error, CustomStringConvertible {
    case addressInUse(host: String, port: Int)
    /// The name cannot be resolved, or resolves to an address that this machine does not have.
    case unknownHost(String, reason: String)
    case failed(host: String, port: Int, Errno)
    /// `LISTEN_FDS` does not pass one listening TCP socket that the hub can use.
    case unusableSocket(reason: String)

    package var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "\(host):\(port) is taken by another process; stop it or choose another --port"
        case .unknownHost(let host, let reason):
            "--host \(host) is no address of this machine: \(reason)"
        case .failed(let host, let port, let errno):
            "cannot listen on \(host):\(port): \(errno)"
        case .unusableSocket(let reason):
            "LISTEN_FDS: \(reason)"
        }
    }
}

/// A listening TCP socket.
///
/// Each event loop has its own, unless one was passed to the process: that one is shared by all
/// loops.
package struct ListeningSocket: Sendable {
    package let descriptor: Int32
    /// Whether the socket was passed to this process: then another process may hold it too, and
    /// connections that wait in it outlive this one.
    package let isInherited: Bool

    init(descriptor: Int32, isInherited: Bool) {
        self.descriptor = descriptor
        self.isInherited = isInherited
    }

    /// Unsent bytes that the kernel holds for a connection before it counts as not writable.
    private static let notSentLowWater: Int32 = 16 << 10
    /// Milliseconds without any acknowledgement after which the peer counts as gone.
    private static let userTimeout: Int32 = 30_000

    /// Opens `count` listening sockets on one address; port 0 takes any free port.
    ///
    /// - Returns: the sockets, and the port on which they listen.
    package static func open(
        host: String, port: Int, count: Int
    ) throws(ListenError) -> (sockets: [Self], port: Int) {
        let address = try SocketAddress(resolving: host, port: port)
        var opened: [Self] = []
        var bound = address
        do throws(Errno) {
            for index in 0..<count {
                let socket = try open(bound, isFirst: index == 0)
                opened.append(socket)
                if index == 0 { bound = try SocketAddress(of: socket.descriptor) }
            }
        } catch {
            for socket in opened { socket.close() }
            switch error.code {
            case EADDRINUSE: throw .addressInUse(host: host, port: port)
            case EADDRNOTAVAIL: throw .unknownHost(host, reason: "\(error)")
            default: throw .failed(host: host, port: port, error)
            }
        }
        return (opened, bound.port)
    }

    /// Returns the numeric address on which `open` would listen for this host.
    ///
    /// - Throws: `ListenError.unknownHost` when it is no address and no name of one.
    package static func address(of host: String) throws(ListenError) -> String {
        try SocketAddress(resolving: host, port: 0).host
    }

    /// Accepts the next connection that waits.
    ///
    /// - Returns: its socket; `nil` when none waits, or it went away meanwhile.
    /// - Throws: `Errno` when no descriptor is left.
    package func accept() throws(Errno) -> Socket? {
        do {
            return try systemCall("accept4") { linux_accept(descriptor) }.map(Socket.init)
        } catch {
            if error.isOutOfDescriptors { throw error }
            return nil
        }
    }

    package func close() {
        _ = CLinux.close(descriptor)
    }

    private static func open(_ address: SocketAddress, isFirst: Bool) throws(Errno) -> Self {
        guard let descriptor = try systemCall("socket", { linux_stream_socket(address.family) })
        else { throw Errno(code: EAGAIN, call: "socket") }
        do throws(Errno) {
            let socket = Self(descriptor: descriptor, isInherited: false)
            try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
            if !isFirst { try socket.set(SOL_SOCKET, SO_REUSEPORT, 1) }
            try socket.setOptionsOfConnections()
            try address.bind(descriptor)
            if isFirst { try socket.set(SOL_SOCKET, SO_REUSEPORT, 1) }
            _ = try systemCall("listen") { listen(descriptor, 4096) }
            return socket
        } catch {
            _ = CLinux.close(descriptor)
            throw error
        }
    }

    /// Sets the options that accepted connections inherit in Linux (tcp(7)), which saves setting
    /// them for each.
    func setOptionsOfConnections() throws(Errno) {
        try set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        try set(Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, Self.notSentLowWater)
        try set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Self.userTimeout)
        try set(SOL_SOCKET, SO_KEEPALIVE, 1)
        try set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60)
        try set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
        try set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    private func set(_ level: Int32, _ name: Int32, _ value: Int32) throws(Errno) {
        _ = try systemCall("setsockopt") { linux_set_option(descriptor, level, name, value) }
    }
}
