internal import CLinux

/// An IPv4 or IPv6 address with its port.
struct SocketAddress {
    private var address = linux_address()

    var family: Int32 { Int32(address.storage.ss_family) }

    var port: Int {
        var copy = address
        return unsafe Int(linux_port(&copy))
    }

    /// The numeric form of the address, without the port.
    var host: String {
        var copy = address
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = unsafe text.withUnsafeMutableBufferPointer {
            unsafe linux_numeric_host(&copy, $0.baseAddress, UInt32($0.count))
        }
        precondition(code == 0, "an address of an Internet socket has digits")
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Resolves `host`, a numeric address or a name (getaddrinfo(3)).
    ///
    /// - Throws: `ListenError.unknownHost` when it cannot be resolved.
    init(resolving host: String, port: Int) throws(ListenError) {
        let code = unsafe linux_resolve(host, String(port), &address)
        if code != 0 {
            throw .unknownHost(host, reason: unsafe String(cString: gai_strerror(code)))
        }
    }

    /// The address that a socket is bound to (getsockname(2)).
    init(of descriptor: Int32) throws(Errno) {
        _ = try systemCall("getsockname") { unsafe linux_bound_address(descriptor, &address) }
    }

    /// The address of a connection's other end (getpeername(2)).
    init(ofPeer descriptor: Int32) throws(Errno) {
        _ = try systemCall("getpeername") { unsafe linux_peer_address(descriptor, &address) }
    }

    func bind(_ descriptor: Int32) throws(Errno) {
        var copy = address
        _ = try systemCall("bind") { unsafe linux_bind(descriptor, &copy) }
    }
}

extension IPAddress {
    /// The address of a connection's other end; `nil` when it has gone.
    package init?(ofPeer descriptor: Int32) {
        do throws(Errno) {
            let host = try SocketAddress(ofPeer: descriptor).host
            // A link-local address has its interface behind it: `fe80::1%eth0`.
            self.init(String(host.prefix { $0 != "%" }))
        } catch {
            return nil
        }
    }
}
