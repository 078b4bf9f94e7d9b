internal import Reactor
internal import Synchronization
internal import Telemetry

/// Gives the connections of a shared listening socket to the workers in turn.
///
/// Without it, the worker that happens to be awake would keep most of them, and a stream stays with
/// its worker until it ends.
final class Rotation: Sendable {
    private let count: Int
    private let next = Atomic(0)

    init(count: Int) {
        self.count = count
    }

    /// Returns the index of the worker that gets the next connection.
    func take() -> Int {
        next.wrappingAdd(1, ordering: .relaxed).oldValue % count
    }
}

/// Accepts one worker's connections, even when descriptors run out; not isolated.
final class Acceptor {
    /// A connection that was accepted.
    struct Accepted {
        let socket: Socket
        /// Whether it uses a descriptor of the reserve, because no others are left.
        let isOnReserve: Bool
    }

    /// The number of descriptors that are held back for each worker, to answer connections when no
    /// others are left.
    static let reserveSize = 4
    /// Returns how many connections one turn accepts at most, so that open ones do not wait long.
    ///
    /// While those that are open have not all had their turn, newcomers wait in the listening
    /// socket, where they cost nothing.
    static func limit(isBehind: Bool) -> Int { isBehind ? 4 : 16 }

    /// Milliseconds without accepting when descriptors have run out.
    private static let pause = 200

    private let listener: ListeningSocket
    private let reserve: DescriptorReserve
    private let loop: EventLoop
    private let clock: WorkerClock
    private let logger: Log

    /// Whether connections are accepted; `false` after `ignore`.
    private(set) var isListening = true
    /// Whether accepting waits until descriptors are free.
    private var isPaused = false
    private var isOutOfDescriptorsSince: Instant?

    init(
        listener: ListeningSocket, reserve: DescriptorReserve, loop: EventLoop, clock: WorkerClock,
        logger: Log
    ) {
        self.listener = listener
        self.reserve = reserve
        self.loop = loop
        self.clock = clock
        self.logger = logger
    }

    /// Begins to take connections.
    func listen() throws(Errno) {
        try loop.watch(listener: listener.descriptor, token: WorkerClock.Token.listener)
    }

    /// Accepts at most `limit` connections, and hands each to `take` before it accepts the next.
    ///
    /// `open` is the number of open connections, which is logged when descriptors run out.
    func accept(_ limit: Int, open: Int, _ take: (Accepted) -> Void) {
        guard isListening else { return }
        for _ in 0..<limit {
            do {
                guard let socket = try listener.accept() else { return }
                // The descriptor may be one that another worker has just released from the reserve
                // for a connection of its own.
                let isOnReserve = !reserve.isFull && !reserve.refill()
                take(Accepted(socket: socket, isOnReserve: isOnReserve))
            } catch {
                return acceptOnReserve(error, open: open, take)
            }
        }
    }

    /// Accepts connections again after a pause for want of descriptors.
    func resume() {
        guard isListening, isPaused else { return }
        reserve.refill()
        do {
            try listen()
            isPaused = false
        } catch {
            schedulePauseEnd()
        }
    }

    /// Refills the reserve after a descriptor was closed, and accepts again if that waited for one.
    func didFreeDescriptor() {
        guard isPaused || !reserve.isFull else { return }
        reserve.refill()
        if isPaused, !reserve.isEmpty { resume() }
    }

    /// Whether the socket was inherited, so that another process can take what waits in it.
    var isInherited: Bool { listener.isInherited }

    /// Accepts no more connections; those that wait stay in the socket.
    func ignore() {
        isListening = false
        loop.unwatch(listener: listener.descriptor)
    }

    func close() { listener.close() }

    /// Accepts connections with the descriptors of the reserve, so that they are answered instead
    /// of left hanging, and then pauses.
    private func acceptOnReserve(_ error: Errno, open: Int, _ take: (Accepted) -> Void) {
        let isNews = isOutOfDescriptorsSince.map { clock.now.since($0) > 10_000 } ?? true
        if isNews {
            isOutOfDescriptorsSince = clock.now
            logger.error(
                "No descriptors left, refusing connections; raise the limit (ulimit -n, LimitNOFILE)",
                ["error": error, "connections": open])
        }
        while reserve.release() {
            // No connection waits any more, or another thread took the descriptor.
            guard let socket = (try? listener.accept()) ?? nil else { break }
            take(Accepted(socket: socket, isOnReserve: true))
        }
        reserve.refill()
        // The listener stays ready while a connection waits: without a pause the loop would spin.
        isPaused = true
        loop.unwatch(listener: listener.descriptor)
        schedulePauseEnd()
    }

    private func schedulePauseEnd() {
        clock.schedule(
            WorkerClock.Token.listener, at: clock.now.advanced(milliseconds: Self.pause))
    }
}
