// The service manager, or whoever else starts the hub, can pass it a socket that listens already
// (sd_listen_fds(3)). LISTEN_PID is the id of the process that it is meant for, and LISTEN_FDS the
// number of descriptors that were passed, the first of which is 3. While no hub runs, connections
// wait in that socket, so a restart refuses none.

internal import CLinux

extension ListeningSocket {
    /// The descriptor of the first passed socket (`SD_LISTEN_FDS_START`).
    private static let firstPassed: Int32 = 3

    /// Takes the socket that was passed to this process, and removes the variables that announced
    /// it from the environment.
    ///
    /// To be called once, before other threads exist, because they may read the environment.
    ///
    /// - Returns: the socket; `nil` when none was passed to this process.
    /// - Throws: `ListenError.unusableSocket` for anything but one listening TCP socket.
    package static func takePassed() throws(ListenError) -> Self? {
        let environment = Process.environment
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"] {
            unsafe unsetenv(name)
        }
        guard try isPassed(by: environment, to: getpid()) else { return nil }
        return try Self(passed: firstPassed)
    }

    /// Whether the environment says that a socket was passed to the process `processID`.
    ///
    /// - Throws: `ListenError.unusableSocket` when `LISTEN_FDS` is not a number of sockets, or is
    ///   more than one.
    static func isPassed(
        by environment: [String: String], to processID: Int32
    ) throws(ListenError) -> Bool {
        guard environment["LISTEN_PID"].flatMap(Int32.init) == processID,
            let text = environment["LISTEN_FDS"]
        else { return false }
        guard let count = Int32(text), count >= 0 else {
            throw .unusableSocket(reason: "\"\(text)\" is no number of sockets")
        }
        guard count <= 1 else {
            throw .unusableSocket(
                reason: "\(count) sockets were passed and the hub takes one; "
                    + "leave one ListenStream= in the socket unit")
        }
        return count == 1
    }

    /// Makes a passed descriptor this process's listening socket.
    ///
    /// - Throws: `ListenError.unusableSocket` for anything but a listening TCP socket.
    init(passed descriptor: Int32) throws(ListenError) {
        func check(_ isRight: Bool, _ what: String) throws(ListenError) {
            if isRight { return }
            throw .unusableSocket(
                reason: "descriptor \(descriptor) is \(what); pass one listening TCP socket")
        }
        try check(linux_make_own(descriptor) == 0, "not open")
        let type = linux_socket_option(descriptor, SO_TYPE)
        try check(type >= 0, "no socket")
        let family = linux_socket_option(descriptor, SO_DOMAIN)
        try check(family != AF_UNIX, "a Unix socket")
        try check(family == AF_INET || family == AF_INET6, "no Internet socket")
        try check(type == Int32(SOCK_STREAM.rawValue), "no stream socket")
        try check(
            linux_socket_option(descriptor, SO_ACCEPTCONN) == 1,
            "a socket that does not listen (Accept= must be no)")
        self.init(descriptor: descriptor, isInherited: true)
        do { try setOptionsOfConnections() } catch {
            throw .unusableSocket(reason: "descriptor \(descriptor) takes no options (\(error))")
        }
    }

    /// Returns the numeric address and the port on which the socket listens.
    ///
    /// - Throws: `Errno` when the descriptor is no bound socket.
    package func address() throws(Errno) -> (host: String, port: Int) {
        let address = try SocketAddress(of: descriptor)
        return (address.host, address.port)
    }
}
