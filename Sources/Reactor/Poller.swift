internal import CLinux

/// The readiness that epoll reports for one registered descriptor.
package struct Readiness: Sendable {
    package let token: UInt64
    private let flags: UInt32

    init(token: UInt64, flags: UInt32) {
        self.token = token
        self.flags = flags
    }

    package var canRead: Bool { flags & EPOLLIN.rawValue != 0 }
    package var canWrite: Bool { flags & EPOLLOUT.rawValue != 0 }

    /// Whether the peer has ended its side or the connection is broken (`EPOLLRDHUP`, `EPOLLHUP`,
    /// `EPOLLERR`).
    package var hasEnded: Bool { flags & EPOLLRDHUP.rawValue != 0 || isBroken }

    /// Whether nothing can be sent any more: the peer has sent a reset, or both sides have ended.
    package var isBroken: Bool { flags & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }

    /// The same report with another answer to what can be done, for a transport that itself waited
    /// for readiness.
    package func with(canRead: Bool, canWrite: Bool) -> Self {
        let others = flags & ~(EPOLLIN.rawValue | EPOLLOUT.rawValue)
        return Self(
            token: token,
            flags: others | (canRead ? EPOLLIN.rawValue : 0) | (canWrite ? EPOLLOUT.rawValue : 0))
    }

    /// The same report of a connection on which nothing can be sent any more.
    package var asBroken: Self { Self(token: token, flags: flags | EPOLLERR.rawValue) }
}

/// An epoll instance and the eventfd that wakes it.
///
/// It belongs to one thread. Only `wake` may be called on others.
@safe struct Poller: ~Copyable {
    static let wakeToken = UInt64.max
    private static let capacity = 512

    private let descriptor: Int32
    private let wakeDescriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    static func open() throws(Errno) -> Self {
        let descriptor = try opened("epoll_create1") { linux_epoll() }
        let wakeDescriptor = try opened("eventfd") { linux_eventfd() }
        // The eventfd is watched edge-triggered, so its counter need not be read: in Linux each
        // write to it wakes, whatever was written before. Libuv relies on this too, but a system
        // that only imitates Linux may behave otherwise.
        let edge = EPOLLIN.rawValue | EPOLLET.rawValue
        try add(wakeDescriptor, to: descriptor, token: wakeToken, flags: edge)
        return Self(descriptor: descriptor, wakeDescriptor: wakeDescriptor)
    }

    private init(descriptor: Int32, wakeDescriptor: Int32) {
        self.descriptor = descriptor
        self.wakeDescriptor = wakeDescriptor
        unsafe events = .allocate(capacity: Self.capacity)
    }

    deinit {
        close(wakeDescriptor)
        close(descriptor)
        unsafe events.deallocate()
    }

    /// Registers a connection for reading and writing, edge-triggered.
    ///
    /// The registration is never changed. Each edge must be used up: read or write until the socket
    /// would block (epoll(7)).
    func addConnection(_ connection: Int32, token: UInt64) throws(Errno) {
        let edge = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        try Self.add(connection, to: descriptor, token: token, flags: edge)
    }

    /// Registers a listening socket, level-triggered.
    ///
    /// Several loops can watch the same socket: a new connection does not wake all of them
    /// (`EPOLLEXCLUSIVE`).
    func addListener(_ listener: Int32, token: UInt64) throws(Errno) {
        try Self.add(
            listener, to: descriptor, token: token,
            flags: EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue)
    }

    func remove(_ watched: Int32) {
        _ = linux_epoll_remove(descriptor, watched)
    }

    /// Waits for events, at most `timeout` milliseconds, or without limit if that is -1.
    ///
    /// - Returns: the number of events; 0 after the timeout or when a signal interrupted it.
    func wait(timeout: Int32) -> Int {
        let count = unsafe epoll_wait(descriptor, events, Int32(Self.capacity), timeout)
        if count >= 0 { return Int(count) }
        precondition(
            linux_errno() == EINTR,
            "epoll_wait: \(linux_errno()); the poller's descriptor was closed")
        return 0
    }

    func event(at index: Int) -> Readiness {
        unsafe Readiness(
            token: linux_epoll_token(events + index), flags: linux_epoll_flags(events + index))
    }

    /// Makes `wait` return, from any thread.
    func wake() {
        var one: UInt64 = 1
        _ = unsafe write(wakeDescriptor, &one, 8)
    }

    private static func opened(
        _ name: StaticString, _ call: () -> Int32
    ) throws(Errno) -> Int32 {
        guard let descriptor = try systemCall(name, call) else {
            throw Errno(code: EAGAIN, call: "\(name)")
        }
        return descriptor
    }

    private static func add(
        _ added: Int32, to descriptor: Int32, token: UInt64, flags: UInt32
    ) throws(Errno) {
        _ = try systemCall("epoll_ctl") { linux_epoll_add(descriptor, added, flags, token) }
    }
}
